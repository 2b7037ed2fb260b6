"""A useless method is rarely certified, a useful one usually is, and three lucky deals are never a title."""

from datetime import date, timedelta

import numpy as np
import pytest

from knowledge.certification.deals import Deal, resolved_run
from knowledge.certification.verdict import Criteria, State, Trial, explain, judge_method

TODAY = date(2026, 6, 30)
FIRST_USE = date(2025, 9, 1)
Random = np.random.Generator


def deal(opened_on: date, days: float, *, won: bool = True, margin: float | None = 0.3) -> Deal:
    return Deal(opened_on, opened_on + timedelta(days=max(round(days), 1)), won, margin if won else None)


def simulated_trial(random: Random, later: int, gain: float, lost_share: float, earlier: int = 30) -> Trial:
    """Log-normal cycles around 60 days (spread .5); after the first use shorter by `gain`."""
    own_pace = random.normal(0, 0.2)

    def draw(count: int, start: date, change: float) -> tuple[Deal, ...]:
        cycles = np.exp(np.log(60) + own_pace + random.normal(0, 0.5, count)) * (1 - change)
        lost = random.random(count) < lost_share
        return tuple(
            deal(start + timedelta(days=number), days, won=not gone)
            for number, (days, gone) in enumerate(zip(cycles, lost, strict=True))
        )

    return Trial(draw(earlier, date(2024, 1, 1), 0.0), draw(later, FIRST_USE, gain))


def share_certified(gain: float, *, lost_share: float, runs: int, reps: int = 4, later: int = 5) -> float:
    random = np.random.default_rng(20260917)
    hits = 0
    for _ in range(runs):
        trials = {rep: simulated_trial(random, later, gain, lost_share) for rep in range(reps)}
        _, progress = judge_method(trials, TODAY)
        hits += progress[0].state is State.CERTIFIED
    return hits / runs


def share_shown(gain: float, *, lost_share: float, runs: int) -> float:
    """How often the method as a whole reaches the posterior, over 20 deals of 4 reps."""
    random = np.random.default_rng(7)
    hits = 0
    for _ in range(runs):
        trials = {rep: simulated_trial(random, 5, gain, lost_share) for rep in range(4)}
        effect, _ = judge_method(trials, TODAY)
        hits += effect is not None and effect.probability >= Criteria().posterior
    return hits / runs


@pytest.mark.parametrize("lost_share", [0.0, 0.3])
def test_a_useless_method_is_certified_at_most_one_time_in_twenty(lost_share: float) -> None:
    assert share_certified(0.0, lost_share=lost_share, runs=2_000) <= 0.05
    assert share_shown(0.0, lost_share=lost_share, runs=2_000) <= 0.05


def test_a_gain_of_thirty_percent_over_twenty_deals_is_found() -> None:
    assert share_shown(0.3, lost_share=0.0, runs=500) >= 0.80


def test_three_perfect_deals_are_provisional_never_certified() -> None:
    random = np.random.default_rng(3)
    earlier = simulated_trial(random, 0, 0, 0).earlier
    trial = Trial(earlier, tuple(deal(FIRST_USE + timedelta(days=n), 5, margin=0.9) for n in range(3)))
    effect, progress = judge_method({"rep": trial}, TODAY)
    assert effect is None
    assert progress["rep"].state is State.PROVISIONAL


def test_two_deals_are_still_trying_and_few_earlier_deals_are_not_enough() -> None:
    earlier = tuple(deal(date(2024, 1, 1) + timedelta(days=n), 60 + n) for n in range(30))
    two = Trial(earlier, tuple(deal(FIRST_USE, 20) for _ in range(2)))
    newcomer = Trial(earlier[:2], tuple(deal(FIRST_USE, 20) for _ in range(5)))
    _, progress = judge_method({"two": two, "newcomer": newcomer}, TODAY)
    assert progress["two"].state is State.TRYING
    assert progress["newcomer"].state is State.NOT_ENOUGH_DATA


def test_lost_deals_count_against_the_method() -> None:
    earlier = tuple(deal(date(2024, 1, 1) + timedelta(days=n), 50 + n) for n in range(30))
    won = tuple(deal(FIRST_USE + timedelta(days=n), 30) for n in range(12))
    half_lost = tuple(deal(FIRST_USE + timedelta(days=n), 30, won=n % 2 == 0) for n in range(12))
    _, progress = judge_method({"won": Trial(earlier, won)}, TODAY)
    _, with_lost = judge_method({"lost": Trial(earlier, half_lost)}, TODAY)
    assert progress["won"].state is State.CERTIFIED
    assert with_lost["lost"].state is not State.CERTIFIED


def test_a_fallen_margin_forfeits_the_title() -> None:
    earlier = tuple(deal(date(2024, 1, 1) + timedelta(days=n), 50 + n, margin=0.35) for n in range(30))
    cheap = tuple(deal(FIRST_USE + timedelta(days=n), 20, margin=0.10) for n in range(15))
    _, progress = judge_method({"rep": Trial(earlier, cheap)}, TODAY)
    assert progress["rep"].state is State.NOT_SHOWN


def test_open_deals_hold_the_count_until_they_are_old() -> None:
    young, old = Deal(TODAY - timedelta(days=10), None), Deal(TODAY - timedelta(days=200), None)
    closed = deal(TODAY - timedelta(days=9), 5)
    assert resolved_run([closed, young], TODAY, slow_days=90) == []
    assert resolved_run([closed, old], TODAY, slow_days=90) == [old, closed]


def test_the_sentence_names_figures() -> None:
    earlier = tuple(deal(date(2024, 1, 1) + timedelta(days=n), 50 + n) for n in range(30))
    trial = Trial(earlier, tuple(deal(FIRST_USE + timedelta(days=n), 30) for n in range(12)))
    criteria = Criteria()
    _, progress = judge_method({"rep": trial}, TODAY, criteria)
    code, facts = explain(progress["rep"], criteria)
    assert code == "certified"
    assert facts["deals"] == 12
    assert 0 < int(str(facts["lowest_percent"])) <= int(str(facts["shorter_percent"]))
