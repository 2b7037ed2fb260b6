"""Who counts as a top rep."""

from uuid import uuid4

from knowledge.recommendation.top_reps import MINIMUM_CLOSED_DEALS, RepRecord, top_reps


def record(closed: int, won: int, amount: float) -> RepRecord:
    return RepRecord(uuid4(), closed, won, amount)


def test_the_best_quarter_by_both_ranks() -> None:
    great = record(20, 15, 900.0)
    others = [record(20, won, 10.0 * won) for won in range(1, 8)]
    assert set(top_reps([*others, great])) == {great.rep_id, others[-1].rep_id}


def test_one_great_deal_is_not_enough() -> None:
    lucky = record(MINIMUM_CLOSED_DEALS - 1, MINIMUM_CLOSED_DEALS - 1, 1_000_000.0)
    others = [record(10, won, float(won)) for won in range(1, 5)]
    assert lucky.rep_id not in top_reps([lucky, *others])


def test_big_deals_with_a_poor_win_rate_lose_to_being_good_at_both() -> None:
    whale = record(30, 1, 500.0)
    steady = record(30, 20, 400.0)
    weak = [record(30, 3 + place, 10.0 + place) for place in range(2)]
    assert set(top_reps([whale, steady, *weak])) == {steady.rep_id}


def test_too_few_reps_to_call_any_of_them_top() -> None:
    assert top_reps([record(20, 15, 900.0), record(20, 5, 90.0), record(20, 4, 80.0)]) == {}
    assert top_reps([]) == {}
