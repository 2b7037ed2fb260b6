"""Runs of the assignment engine on a real database: batches, parallel workers, retries, replay."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.history import HistoryEntry
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Membership, Person, RosterSnapshot
from crm_core.pipeline.assignment.jobs import place_waiting
from crm_core.pipeline.assignment.manual import reassign
from crm_core.pipeline.assignment.replaying import replay_kept
from crm_core.pipeline.assignment.running import RunCount, assign
from crm_core.pipeline.assignment.tables import AssignmentDecision, RotationTurn
from crm_core.pipeline.tables import Lead
from crm_core.process.tables import PlaybookVersion
from crm_core.work.tables import Notification
from tests.factories.leads import acting_as, make_customer
from tests.factories.people import make_person, make_region, make_team
from tests.pipeline.assignment.company import EVERYBODY, make_reps, set_rules, unowned_lead

ORIGIN = Origin(channel="test")


def test_sixteen_parallel_workers_keep_the_rotation_even(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY)
        reps = [rep.id for rep in make_reps(session, 7)]
        lead_ids = [unowned_lead(session).id for _ in range(160)]
    database = Database(resources.database.url, pool_size=16)

    def work(share: list[UUID]) -> None:
        for lead_id in share:
            with database.transaction(ORIGIN) as session:
                assign(session, [lead_id])

    # each lead is given to two workers
    shares = [lead_ids[start::8] for start in range(8)] * 2
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, shares))
    database.dispose()
    with resources.database.reading() as session:
        owners = Counter(session.scalars(select(Lead.owner_id)))
        turns = session.scalars(select(RotationTurn.turns)).all()
        decisions = session.scalar(select(func.count()).select_from(AssignmentDecision))
    assert set(owners) == set(reps)
    assert max(owners.values()) - min(owners.values()) <= 1
    assert max(turns) - min(turns) <= 1
    assert decisions == len(lead_ids)


def test_a_batch_is_as_even_as_single_leads_and_leaves_owned_ones_alone(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY)
        reps = make_reps(session, 3)
        lead_ids = [unowned_lead(session).id for _ in range(9)]
        owned = unowned_lead(session, owner_id=reps[0].id)
        assert assign(session, [*lead_ids, owned.id]) == RunCount(assigned=9)
        assert assign(session, [*lead_ids, owned.id]) == RunCount()
        owners = Counter(session.scalars(select(Lead.owner_id).where(Lead.id != owned.id)))
    assert set(owners.values()) == {3}


def test_a_manual_reassignment_moves_nobodys_turn(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY)
        first, second, third = make_reps(session, 3)
        manager = make_person(session, "operations")
        leads = [unowned_lead(session) for _ in range(6)]
        assign(session, [leads[0].id])
        session.refresh(leads[0])
        assert leads[0].owner_id == first.id
        reassign(acting_as(session, manager), leads[0], third.id, "客户指定")
        for lead in leads[1:]:
            assign(session, [lead.id])
        order = [session.get_one(Lead, lead.id, populate_existing=True).owner_id for lead in leads[1:]]
    assert order == [second.id, third.id, first.id, second.id, third.id]


def test_whoever_gets_a_lead_hears_of_it_and_history_says_through_what(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY)
        [rep] = make_reps(session, 1)
        lead = unowned_lead(session, title="昆吾储能")
    place_waiting(resources)
    with resources.database.reading() as session:
        told = session.scalars(select(Notification)).one()
        changed = session.scalars(
            select(HistoryEntry).where(HistoryEntry.record_id == lead.id, HistoryEntry.operation == "update")
        ).one()
        kept = session.get_one(Lead, lead.id)
    assert (told.receiver_id, told.code, told.parameters) == (rep.id, "lead_received", {"title": "昆吾储能"})
    assert changed.channel == "assignment"
    assert changed.new_values is not None
    assert changed.new_values["owner_id"] == str(rep.id)
    assert kept.owned_since is not None
    assert kept.version == lead.version + 1


def test_a_waiting_lead_is_told_once_and_placed_when_somebody_comes(resources: Resources) -> None:
    by_region = {"code": "everybody", "name": {"zh": "池", "en": "Pool"}, "members": {"same_region": True}}
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, by_region)
        lead = unowned_lead(session)
    for _ in range(3):
        assert place_waiting(resources) == RunCount(pooled=1)
    with resources.database.transaction(ORIGIN) as session:
        assert session.get_one(Lead, lead.id).pool == "headquarters"
        causes = session.scalars(select(AssignmentDecision.cause)).all()
        rep = make_person(session, "rep", team=make_team(session), region=make_region(session))
    assert causes == ["arrival"]
    assert place_waiting(resources) == RunCount(assigned=1)
    with resources.database.reading() as session:
        placed = session.get_one(Lead, lead.id)
        assert (placed.owner_id, placed.pool) == (rep.id, None)
        latest = session.scalars(select(AssignmentDecision).order_by(AssignmentDecision.decided_at.desc())).first()
    assert latest is not None
    assert (latest.cause, latest.outcome) == ("retry", "assigned")


def test_a_batch_is_placed_page_by_page_and_many_leads_are_one_message(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_core.pipeline.assignment.running.PAGE", 4)
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY)
        make_reps(session, 2)
        for _ in range(10):
            unowned_lead(session)
    assert place_waiting(resources) == RunCount(assigned=10)
    with resources.database.reading() as session:
        counts = session.scalars(select(Notification.parameters["count"].as_integer())).all()
    assert sum(count or 1 for count in counts) == 10
    assert len(counts) == 6


def test_every_kept_decision_can_be_taken_again_from_what_is_kept(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, {**EVERYBODY, "strategy": "least_loaded", "open_leads_limit": 4, "daily_limit": 3})
        reps = make_reps(session, 4)
        assign(session, [unowned_lead(session).id for _ in range(14)])
        # the roster has changed since
        session.execute(update(Membership).where(Membership.person_id == reps[0].id).values(until=clock.today()))
        session.execute(update(Person).where(Person.id == reps[1].id).values(skills=["储能"]))
        assign(session, [unowned_lead(session).id])
    with resources.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RosterSnapshot)) == 2
        decisions = session.scalars(select(AssignmentDecision)).all()
        for decision in decisions:
            again = replay_kept(session, decision)
            assert again.problem is None
            assert json.dumps(again.record, sort_keys=True) == json.dumps(decision.record, sort_keys=True)
    assert {decision.outcome for decision in decisions} == {"assigned", "pooled"}


def test_rules_that_were_changed_behind_a_versions_number_are_found_out(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, EVERYBODY)
        make_reps(session, 1)
        assign(session, [unowned_lead(session).id])
        version = session.scalars(select(PlaybookVersion)).one()
        changed = {**version.content["assignment"], "rules": []}
        version.content = {**version.content, "assignment": changed}
    with resources.database.reading() as session:
        decision = session.scalars(select(AssignmentDecision)).one()
        assert replay_kept(session, decision).problem == "rules_changed"


def test_the_limit_of_the_day_starts_anew_at_midnight(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, {**EVERYBODY, "daily_limit": 1})
        make_reps(session, 1)
        leads = [unowned_lead(session).id for _ in range(2)]
        assert assign(session, leads) == RunCount(assigned=1, pooled=1)
        with clock.frozen(clock.now() + timedelta(days=1)):
            assert assign(session, leads) == RunCount(assigned=1)


def test_whoever_hands_a_lead_over_does_not_get_it_back_as_the_accounts_owner(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        set_rules(session, {**EVERYBODY, "keeps_account_owner": True})
        leaver, stays = make_reps(session, 2)
        customer = make_customer(session, leaver)
        lead = unowned_lead(session, customer, owner_id=leaver.id)
        other = unowned_lead(session, customer, owner_id=stays.id)
        assert assign(session, [lead.id, other.id], "handover", taken_from=[leaver.id]) == RunCount(assigned=1)
        session.refresh(lead)
        decision = session.scalars(select(AssignmentDecision)).one()
    assert (lead.owner_id, other.owner_id) == (stays.id, stays.id)
    assert (decision.cause, decision.previous_owner_id) == ("handover", leaver.id)
    assert decision.record["trials"][0]["account_owner"] == "barred"


def test_without_a_playbook_leads_go_on_waiting(resources: Resources) -> None:
    with resources.database.transaction(ORIGIN) as session:
        lead = unowned_lead(session)
        session.execute(update(PlaybookVersion).values(status="retired"))
    assert place_waiting(resources) == RunCount()
    with resources.database.reading() as session:
        assert session.get_one(Lead, lead.id).owner_id is None
