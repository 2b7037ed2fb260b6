"""Decisions of the assignment engine: conditions, strategies, exclusions, fallback."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from crm_core.pipeline.assignment.engine import Assigner, Decision, decide
from crm_core.pipeline.assignment.facts import Conversion, LeadFacts, Loads
from crm_core.process.playbook import Playbook
from tests.pipeline.assignment.rosters import (
    ANYBODY,
    INSTANT,
    NIGHT,
    lead,
    member,
    playbook,
    roster,
    rule,
)


def hand_out(count: int, book: Playbook, everybody: Any, loads: Loads, facts: LeadFacts | None = None) -> list[int]:
    """The numbers of whoever gets so many leads, one after the other."""
    assigner, given = Assigner(book, everybody), []
    for _ in range(count):
        decision = assigner.decide(facts or lead(), loads, INSTANT)
        assert decision.person_id is not None
        assert decision.pool is not None
        loads.add(decision.pool, decision.person_id, decision.turns)
        given.append(decision.person_id.int)
    return given


def reasons(decision: Decision, trial: int = 0) -> dict[int, str]:
    """Person number → why not, of everybody who was left out of a trial."""
    tried = decision.trials[trial]
    assert tried.circle is not None
    outside = {outsider.member.person_id.int: str(outsider.reason) for outsider in tried.circle.outside}
    return outside | {one.standing.person_id.int: str(one.reason) for one in tried.excluded}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"fact": "region", "test": "one_of", "values": ["EAST ", "west"]}, True),
        ({"fact": "region", "test": "none_of", "values": ["east"]}, False),
        ({"fact": "city", "test": "none_of", "values": ["上海"]}, True),
        ({"fact": "industry", "test": "contains", "values": ["光伏", "储能"]}, True),
        ({"fact": "industry", "test": "contains", "values": ["医疗"]}, False),
        ({"fact": "city", "test": "absent"}, True),
        ({"fact": "city", "test": "present"}, False),
        ({"fact": "amount", "test": "at_least", "number": "500000"}, True),
        ({"fact": "amount", "test": "at_most", "number": "499999.99"}, False),
        ({"fact": "amount", "test": "one_of", "values": ["500000.00"]}, True),
        ({"fact": "arrival", "test": "one_of", "values": ["working_hours"]}, True),
        ({"fact": "arrival", "test": "one_of", "values": ["off_hours"]}, False),
    ],
)
def test_a_condition_holds_or_the_record_says_what_was_seen(condition: dict[str, Any], holds: bool) -> None:
    facts = lead(industry="光伏电站运营商", amount=Decimal(500000))
    decision = decide(
        playbook(ANYBODY, rules=(rule("tested", "anybody", condition),)), roster(member(1)), facts, Loads(), INSTANT
    )
    assert (decision.rule == "tested") is holds
    assert (decision.trials[0].failed is None) is holds
    assert decision.outcome == ("assigned" if holds else "pooled")


def test_a_lead_of_the_night_arrives_off_hours() -> None:
    night = rule("night", "anybody", {"fact": "arrival", "test": "one_of", "values": ["off_hours"]})
    decision = decide(playbook(ANYBODY, rules=(night,)), roster(member(1)), lead(received_at=NIGHT), Loads(), INSTANT)
    assert (decision.rule, decision.arrival) == ("night", "off_hours")


def test_the_first_rule_with_somebody_wins_and_the_lost_ones_are_told() -> None:
    rules = (
        rule("west", "anybody", {"fact": "region", "test": "one_of", "values": ["west"]}),
        rule("empty", "nobodies"),
        rule("all", "anybody"),
    )
    nobodies = {**ANYBODY, "code": "nobodies", "members": {"people": ["X1"]}}
    decision = decide(playbook(ANYBODY, nobodies, rules=rules), roster(member(1)), lead(), Loads(), INSTANT)
    assert [(trial.rule, trial.result) for trial in decision.trials] == [
        ("west", "condition_failed"),
        ("empty", "pool_empty"),
        ("all", "assigned"),
    ]


def test_round_robin_gives_everybody_the_same() -> None:
    given = hand_out(10, playbook(ANYBODY), roster(member(1), member(2), member(3)), Loads())
    assert given == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1]


def test_a_newcomer_starts_beside_the_others_and_gets_the_next_turn_like_them() -> None:
    loads = Loads()
    hand_out(20, playbook(ANYBODY), roster(member(1), member(2)), loads)
    assert hand_out(6, playbook(ANYBODY), roster(member(1), member(2), member(3)), loads) == [1, 2, 3, 1, 2, 3]


def test_whoever_comes_back_from_leave_catches_nothing_up() -> None:
    loads, away = Loads(), member(2, away_until=date(2026, 4, 1))
    hand_out(4, playbook(ANYBODY), roster(member(1), member(2)), loads)
    hand_out(20, playbook(ANYBODY), roster(member(1), away, member(3)), loads)
    back = hand_out(30, playbook(ANYBODY), roster(member(1), member(2), member(3)), loads)
    assert {number: back.count(number) for number in (1, 2, 3)} == {1: 10, 2: 10, 3: 10}


def test_weights_are_shares_and_interleave() -> None:
    pool = {**ANYBODY, "strategy": "weighted", "weights": {"T001": 3, "T003": 0}}
    given = hand_out(8, playbook(pool), roster(member(1), member(2), member(3)), Loads())
    assert (given.count(1), given.count(2), given.count(3)) == (6, 2, 0)
    assert given != sorted(given)


def test_least_loaded_compares_shares_of_the_limit() -> None:
    pool = {**ANYBODY, "strategy": "least_loaded", "open_leads_limit": 10}
    loads = Loads(open_leads={UUID(int=1): 4, UUID(int=2): 6})
    everybody = roster(member(1), member(2, open_leads_limit=100))
    assert hand_out(1, playbook(pool), everybody, loads) == [2]


def test_best_fit_prefers_whoever_won_more_of_such_leads() -> None:
    pool, facts = {**ANYBODY, "strategy": "best_fit"}, lead(industry="储能", size="large")
    conversions = {(UUID(int=1), facts.facet): Conversion(2, 40), (UUID(int=2), facts.facet): Conversion(30, 40)}
    decision = decide(playbook(pool), roster(member(1), member(2)), facts, Loads(conversions=conversions), INSTANT)
    assert decision.person_id == UUID(int=2)
    assert decision.last.ranking is not None
    assert decision.last.ranking.strategy == "best_fit"


def test_best_fit_spreads_leads_among_equals_instead_of_rewarding_luck() -> None:
    pool, facts = {**ANYBODY, "strategy": "best_fit"}, lead(industry="储能", size="large")
    conversions = {(UUID(int=1), facts.facet): Conversion(11, 40), (UUID(int=2), facts.facet): Conversion(10, 40)}
    given = hand_out(10, playbook(pool), roster(member(1), member(2)), Loads(conversions=conversions), facts)
    assert (given.count(1), given.count(2)) == (5, 5)


def test_best_fit_without_enough_closed_leads_says_so_and_takes_turns() -> None:
    pool, facts = {**ANYBODY, "strategy": "best_fit"}, lead(industry="储能", size="large")
    loads = Loads(conversions={(UUID(int=2), facts.facet): Conversion(3, 3)})
    decision = decide(playbook(pool), roster(member(1), member(2)), facts, loads, INSTANT)
    assert decision.person_id == UUID(int=1)
    assert decision.last.ranking is not None
    assert (decision.last.ranking.strategy, decision.last.ranking.closed_known) == ("round_robin", 3)


def test_the_account_stays_with_its_owner_and_nobodys_turn_is_taken() -> None:
    everybody, loads = roster(member(1), member(2), member(3)), Loads()
    decision = decide(playbook(ANYBODY), everybody, lead(account_owner_id=UUID(int=3)), loads, INSTANT)
    assert (decision.person_id, decision.last.account_owner, decision.turns) == (UUID(int=3), "kept", {})


@pytest.mark.parametrize(
    ("owner", "verdict"),
    [
        (member(3, away_until=date(2026, 3, 9)), "away"),
        (member(3, region="west"), "not_in_lead_region"),
        (member(3, unknown=("wecom_id",)), "onboarding_incomplete"),
        (None, "left"),
    ],
)
def test_an_account_owner_who_may_not_have_it_is_passed_over_with_the_reason(owner: Any, verdict: str) -> None:
    book = playbook({**ANYBODY, "members": {"same_region": True}}, required=("wecom_id",))
    everybody = roster(member(1), *([owner] if owner else []))
    decision = decide(book, everybody, lead(account_owner_id=UUID(int=3)), Loads(), INSTANT)
    assert (decision.person_id, decision.last.account_owner) == (UUID(int=1), verdict)


def test_everybody_who_does_not_get_the_lead_is_named_with_the_reason() -> None:
    pool = {
        **ANYBODY,
        "members": {"same_region": True, "same_language": True, "skills": ["储能"], "teams": ["华东一队"]},
        "open_leads_limit": 5,
        "daily_limit": 2,
        "only_in_working_hours": True,
    }
    late = {"code": "late", "name": {"zh": "晚班", "en": "Late"}, "spans": [{"opens": "18:00", "closes": "23:30"}]}
    book = playbook(pool, required=("region", "wecom_id"))
    book = book.model_copy(update={"calendars": (*book.calendars, type(book.calendars[0]).model_validate(late))})
    sells = {"skills": ("储能",), "languages": ("en", "zh")}
    everybody = roster(
        member(1, **sells),
        member(2, **sells, role="manager"),
        member(3, **sells, team="华北一队"),
        member(4, **sells, region=None, unknown=("region", "wecom_id")),
        member(5, skills=("风电",)),
        member(6, **sells, region="west"),
        member(7, skills=("储能",)),
        member(8, **sells, away_until=date(2026, 3, 5)),
        member(9, **sells, calendar="late"),
        member(10, **sells),
        member(11, **sells),
        member(12, **sells),
    )
    loads = Loads(open_leads={UUID(int=10): 5}, given_today={("anybody", UUID(int=11)): 2})
    facts = lead(language="en", barred_ids=frozenset({UUID(int=12)}))
    decision = decide(book, everybody, facts, loads, INSTANT)
    assert decision.person_id == UUID(int=1)
    assert reasons(decision) == {
        2: "wrong_role",
        3: "not_in_pool_teams",
        4: "onboarding_incomplete",
        5: "lacks_skill",
        6: "not_in_lead_region",
        7: "lacks_language",
        8: "away",
        9: "off_hours",
        10: "at_capacity",
        11: "daily_limit",
        12: "barred",
    }


def test_of_two_positions_the_one_that_fits_counts() -> None:
    book = playbook({**ANYBODY, "members": {"same_region": True}})
    everybody = roster(member(1, region="west"), replace(member(1), role="rep"))
    assert decide(book, everybody, lead(), Loads(), INSTANT).person_id == UUID(int=1)


def test_a_lead_without_region_waits_in_the_claimed_fallback() -> None:
    by_region = rule("by_region", "anybody", {"fact": "region", "test": "present"})
    decision = decide(playbook(ANYBODY, rules=(by_region,)), roster(member(1)), lead(region=None), Loads(), INSTANT)
    assert (decision.outcome, decision.pool, decision.rule) == ("pooled", "headquarters", None)
    assert decision.reason == "no_rule_matched"


def test_an_assigned_fallback_gives_up_limits_rather_than_the_lead() -> None:
    pool = {**ANYBODY, "open_leads_limit": 1}
    book = playbook(pool, rules=(), fallback={"pool": "anybody"})
    loads = Loads(open_leads={UUID(int=1): 9, UUID(int=2): 7})
    decision = decide(book, roster(member(1), member(2)), lead(), loads, INSTANT)
    assert (decision.outcome, decision.last.limits_lifted) == ("assigned", True)


def test_a_fallback_that_is_off_leaves_the_lead_with_nobody_and_says_so() -> None:
    same_region = {**ANYBODY, "members": {"same_region": True}}
    book = playbook(same_region, fallback={"pool": "headquarters", "is_enabled": False}, required=("region",))
    everybody = roster(member(1, region=None, unknown=("region",)))
    decision = decide(book, everybody, lead(), Loads(), INSTANT)
    assert (decision.outcome, decision.reason, decision.person_id) == ("unassigned", "fallback_disabled", None)
    assert reasons(decision) == {1: "onboarding_incomplete"}


def test_a_rule_may_name_a_claim_pool() -> None:
    small = rule("small", "headquarters", {"fact": "size", "test": "one_of", "values": ["small"]})
    decision = decide(playbook(ANYBODY, rules=(small,)), roster(member(1)), lead(size="small"), Loads(), INSTANT)
    assert (decision.outcome, decision.rule, decision.reason) == ("pooled", "small", None)
