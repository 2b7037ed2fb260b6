"""A decision can be taken again from its record, bit for bit; nobody who may always have a lead falls behind."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.pipeline.assignment.engine import Assigner
from crm_core.pipeline.assignment.facts import Conversion, LeadFacts, Loads
from crm_core.pipeline.assignment.record import Recorder, replay
from tests.pipeline.assignment.rosters import INSTANT, lead, member, playbook, roster, rule

REGIONS = st.sampled_from([None, "east", "west"])
LANGUAGES = st.sampled_from([None, "zh", "en"])
people = st.lists(
    st.builds(
        dict,
        region=REGIONS,
        role=st.sampled_from(["rep", "rep", "manager"]),
        languages=st.sampled_from([("zh",), ("en", "zh"), ()]),
        open_leads_limit=st.sampled_from([None, None, 0, 2, 6]),
        away_until=st.sampled_from([None, None, date(2026, 3, 20)]),
        unknown=st.sampled_from([(), (), ("region",), ("email", "wecom_id")]),
    ),
    max_size=7,
)
pools = st.builds(
    dict,
    strategy=st.sampled_from(["round_robin", "weighted", "least_loaded", "best_fit"]),
    weights=st.dictionaries(st.sampled_from(["T001", "T002", "T003"]), st.integers(0, 4)),
    keeps_account_owner=st.booleans(),
    open_leads_limit=st.sampled_from([None, 3]),
    daily_limit=st.sampled_from([None, 2]),
    only_in_working_hours=st.booleans(),
    members=st.builds(dict, same_region=st.booleans(), same_language=st.booleans()),
)
leads = st.builds(
    lead,
    region=REGIONS,
    language=LANGUAGES,
    industry=st.sampled_from([None, "储能"]),
    account_owner_id=st.sampled_from([None, UUID(int=1), UUID(int=2), UUID(int=99)]),
    barred_ids=st.sampled_from([frozenset(), frozenset({UUID(int=1)})]),
    received_at=st.sampled_from([INSTANT, INSTANT + timedelta(hours=12)]),
)


@settings(max_examples=150, deadline=None)
@given(people, pools, st.lists(leads, min_size=1, max_size=12), st.booleans())
def test_a_record_is_enough_to_decide_again_bit_for_bit(
    facts_of_people: list[dict[str, Any]], pool: dict[str, Any], arriving: list[LeadFacts], falls_to_all: bool
) -> None:
    everyone = {"code": "everyone", "name": {"zh": "所有人", "en": "Everyone"}, **pool}
    others = {"code": "others", "name": {"zh": "其他", "en": "Others"}}
    rules = (rule("zh", "everyone", {"fact": "language", "test": "one_of", "values": ["zh"]}), rule("all", "others"))
    fallback = {"pool": "everyone" if falls_to_all else "headquarters"}
    book = playbook(everyone, others, rules=rules, fallback=fallback, required=("region",))
    everybody = roster(*(member(number, **facts) for number, facts in enumerate(facts_of_people, 1)))
    assigner, loads = Assigner(book, everybody), Loads()
    recorder = Recorder(assigner)
    loads.conversions = {(UUID(int=n), ("储能", None)): Conversion(n, 10 * n) for n in range(1, 5)}
    for facts in arriving:
        decision = assigner.decide(facts, loads, INSTANT)
        kept = json.dumps(recorder.record(decision), ensure_ascii=False)
        assert json.dumps(replay(json.loads(kept), book, everybody), ensure_ascii=False) == kept
        if decision.person_id and decision.pool:
            loads.add(decision.pool, decision.person_id, decision.turns)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 6),
    st.lists(st.tuples(st.sets(st.integers(1, 6)), st.integers(1, 9)), min_size=1, max_size=8),
)
def test_whoever_may_always_have_a_lead_gets_as_many_as_the_others(
    size: int, spells: list[tuple[set[int], int]]
) -> None:
    """Spells of absence of changing people; those who were never away differ by one lead at most."""
    book = playbook({"code": "everyone", "name": {"zh": "所有人", "en": "Everyone"}})
    loads, counts = Loads(), dict.fromkeys(range(1, size + 1), 0)
    ever_away: set[int] = set()
    for away, count in spells:
        ever_away |= away
        absent = {number: date(2026, 4, 1) if number in away else None for number in counts}
        assigner = Assigner(book, roster(*(member(number, away_until=until) for number, until in absent.items())))
        for _ in range(count):
            decision = assigner.decide(lead(), loads, INSTANT)
            if decision.person_id and decision.pool:
                loads.add(decision.pool, decision.person_id, decision.turns)
                counts[decision.person_id.int] += 1
    steady = [count for number, count in counts.items() if number not in ever_away]
    assert max(steady, default=0) - min(steady, default=0) <= 1
    turns = [loads.turns.get(("everyone", UUID(int=number)), 0) for number in counts]
    assert not steady or max(turns) - min(turns) <= 1
