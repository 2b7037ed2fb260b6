"""Claim pools: who sees what waits, who may take it, one winner, limits, cooling off, and leads that lie."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.customers.timeline import Happening, append
from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.resources import Resources
from crm_core.people.access import AccessPolicy
from crm_core.people.memberships import viewer_of
from crm_core.people.snapshots import roster_on
from crm_core.pipeline.assignment.claiming import claim, release
from crm_core.pipeline.assignment.errors import ClaimRefused, LeadTaken, NotYours
from crm_core.pipeline.assignment.jobs import recycle_quiet_leads
from crm_core.pipeline.assignment.manual import move_to_pool, reassign
from crm_core.pipeline.assignment.membership import circle_of
from crm_core.pipeline.assignment.pools import pool_states, waiting_leads
from crm_core.pipeline.assignment.repository import leads_to_place
from crm_core.pipeline.assignment.running import assign, assign_waiting
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.errors import LeadNotFound
from crm_core.pipeline.repository import WAITING_LEAD_COLUMNS, find_lead
from crm_core.pipeline.tables import Lead
from crm_core.process.assignment_rules import Pool
from tests.factories.leads import acting_as
from tests.factories.people import make_person, make_region, make_team
from tests.pipeline.assignment.company import EVERYBODY, HEADQUARTERS, make_reps, set_rules, unowned_lead

ORIGIN = Origin(channel="test")


def pooled_lead(session: Session, **values: Any) -> Lead:
    """A lead that waits in the headquarters pool, because no rule is for it."""
    lead = unowned_lead(session, **values)
    assign(session, [lead.id])
    return lead


def test_members_see_what_waits_and_do_not_work_on_it_before_they_take_it(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY, rules=[])
        [rep] = make_reps(session, 1)
        deliverer = make_person(session, "delivery")
        lead = pooled_lead(session)
        acting, outsider = acting_as(session, rep), acting_as(session, deliverer)
        rows, total = waiting_leads(acting, Pool.model_validate(HEADQUARTERS))
        assert ([row[0].id for row in rows], total) == ([lead.id], 1)
        assert waiting_leads(outsider, Pool.model_validate(HEADQUARTERS))[1] == 0
        assert [(state.pool.code, state.waiting) for state in pool_states(acting)] == [("headquarters", 1)]
        assert pool_states(outsider) == []
        with pytest.raises(LeadNotFound):
            find_lead(session, acting.viewer, acting.policy, lead.id)
        claim(acting, "headquarters", lead.id)
        assert find_lead(session, acting.viewer, acting.policy, lead.id).owner_id == rep.id


def test_of_sixteen_who_reach_for_a_lead_one_gets_it(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY, rules=[])
        reps = make_reps(session, 16)
        lead = pooled_lead(session)
    database = Database(resources.database.url, pool_size=16)

    def reach(rep_id: UUID) -> bool:
        try:
            with database.transaction(ORIGIN) as session:
                person = next(rep for rep in reps if rep.id == rep_id)
                claim(acting_as(session, person), "headquarters", lead.id)
        except LeadTaken:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(reach, [rep.id for rep in reps]))
    database.dispose()
    assert won.count(True) == 1
    with resources.database.reading() as session:
        assert session.get_one(Lead, lead.id).owner_id == reps[won.index(True)].id


def test_nobody_takes_more_than_the_limit_of_a_day_even_with_two_hands(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY, {**HEADQUARTERS, "daily_limit": 3}, rules=[])
        [rep] = make_reps(session, 1)
        lead_ids = [pooled_lead(session).id for _ in range(8)]
    database = Database(resources.database.url, pool_size=8)

    def take(lead_id: UUID) -> str:
        try:
            with database.transaction(ORIGIN) as session:
                claim(acting_as(session, rep), "headquarters", lead_id)
        except ClaimRefused as refused:
            return str(refused.parameters["reason"])
        return "taken"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(take, lead_ids))
    database.dispose()
    assert (outcomes.count("taken"), outcomes.count("daily_limit")) == (3, 5)


def test_whoever_let_a_lead_go_may_not_take_it_again_at_once(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY, {**HEADQUARTERS, "cooling_off_days": 3}, rules=[])
        first, second = make_reps(session, 2)
        lead = pooled_lead(session)
        acting = acting_as(session, first)
        claim(acting, "headquarters", lead.id)
        with pytest.raises(NotYours):
            release(acting_as(session, second), lead, "不是我的")
        assert release(acting, lead, "客户在外地") == "headquarters"
        with pytest.raises(ClaimRefused) as refused:
            claim(acting, "headquarters", lead.id)
        assert refused.value.parameters["reason"] == "cooling_off"
        with clock.frozen(clock.now() + timedelta(days=3, minutes=1)):
            claim(acting_as(session, first), "headquarters", lead.id)


def test_a_released_lead_waits_for_a_person_and_not_for_the_rules(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY)
        [rep] = make_reps(session, 1)
        lead = unowned_lead(session)
        assign(session, [lead.id])
        release(acting_as(session, rep), lead, "客户要求换人")
        assign_waiting(session)
        assert (lead.owner_id, lead.pool) == (None, "headquarters")


def test_a_newcomer_sees_the_pool_and_is_told_why_nothing_may_be_taken(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY, rules=[], required=["wecom_id"])
        [rep] = make_reps(session, 1)
        lead = pooled_lead(session)
        acting = acting_as(session, rep)
        assert waiting_leads(acting, Pool.model_validate(HEADQUARTERS))[1] == 1
        with pytest.raises(ClaimRefused) as refused:
            claim(acting, "headquarters", lead.id)
        assert refused.value.parameters["reason"] == "onboarding_incomplete"


def test_leads_move_between_pools(resources: Resources) -> None:
    other = {**HEADQUARTERS, "code": "partners"}
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY, other, rules=[])
        lead = pooled_lead(session)
        move_to_pool(acting_as(session, make_person(session, "operations")), lead, "partners", "渠道客户")
        assert lead.pool == "partners"


def test_leads_that_lie_go_back_however_they_were_come_by(resources: Resources) -> None:
    pools = ({**EVERYBODY, "recycle_after_days": 30}, {**HEADQUARTERS, "recycle_after_days": 14})
    by_region: dict[str, Any] = {"code": "by_region", "name": {"zh": "大区", "en": "Region"}, "pool": "everybody"}
    by_region["conditions"] = [{"fact": "region", "test": "present"}]
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, *pools, rules=[by_region])
        first, second = make_reps(session, 2)
        operations = acting_as(session, make_person(session, "operations"))
        claimed = pooled_lead(session, region_id=None)
        claim(acting_as(session, first), "headquarters", claimed.id)
        imported = unowned_lead(session, region_id=None, owner_id=first.id, owned_since=clock.now())
        given = pooled_lead(session, region_id=None)
        reassign(operations, given, first.id, "转给张三")
        called = unowned_lead(session, region_id=None, owner_id=first.id, owned_since=clock.now())
        assigned = unowned_lead(session, owner_id=first.id, owned_since=clock.now())
        call = Happening(called.customer_id, "call", "phone", called.id, clock.now() + timedelta(days=10))
        append(session, call)
        ids = [lead.id for lead in (claimed, imported, given, called, assigned)]

    def owners(after_days: int) -> list[UUID | None]:
        with clock.frozen(clock.now() + timedelta(days=after_days)):
            recycle_quiet_leads.run(resources)
        with resources.database.reading() as session:
            return [session.get_one(Lead, lead_id).owner_id for lead_id in ids]

    assert owners(13) == [first.id] * 5
    assert owners(15) == [None, None, None, first.id, first.id]
    assert owners(31) == [None, None, None, None, second.id]
    with resources.database.reading() as session:
        causes = session.scalars(select(AssignmentDecision).where(AssignmentDecision.cause == "recycle")).all()
    assert {decision.lead_id for decision in causes} == set(ids)
    assert {decision.previous_owner_id for decision in causes} == {first.id}


def test_the_database_and_the_engine_agree_on_who_belongs_to_a_pool(resources: Resources) -> None:
    wanted = {
        "roles": (["rep"], ["rep", "manager"]),
        "regions": ([], ["west"]),
        "teams": ([], ["华西一队"]),
        "skills": ([], ["储能"]),
        "same_region": (False, True),
        "same_language": (False, True),
    }
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY, rules=[])
        west = make_region(session, "west", "华西大区")
        teams = [make_team(session), make_team(session, "华西一队", west)]
        people = [make_person(session, role, team=team) for role in ("rep", "manager") for team in teams]
        people.append(make_person(session, "rep"))
        people[0].skills, people[1].languages, people[2].skills = ["储能", "风电"], ["en", "zh"], ["风电"]
        leads = [
            pooled_lead(session, region_id=region_id, language=language)
            for region_id in (None, west.id)
            for language in (None, "en")
        ]
        facts = {lead.id: lead.facts for lead in leads_to_place(session, [lead.id for lead in leads])}
        roster, seen = roster_on(session, clock.today()), 0
        for values in product(*wanted.values()):
            members = dict(zip(wanted, values, strict=True))
            pool = Pool.model_validate({**HEADQUARTERS, "members": members})
            policy = AccessPolicy({}, {"rep": {"lead": "own"}, "manager": {"lead": "own"}}, {}, [pool])
            for person in people:
                visible = policy.visible(viewer_of(session, person.id), "lead", WAITING_LEAD_COLUMNS)
                found = set(session.scalars(select(Lead.id).where(visible)))
                asked = {
                    lead_id
                    for lead_id, told in facts.items()
                    if any(member.person_id == person.id for member in circle_of(pool, roster, (), told).asked)
                }
                assert found == asked, (members, person.name)
                seen += len(found)
    assert seen > 50
