"""Each step fires once: under parallel sweeps, after a kill in the middle, and whoever edits the lead meanwhile."""

import contextlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.resources import Resources
from crm_core.pipeline.dwell import sweep as sweeping
from crm_core.pipeline.dwell.alarms import reschedule, reschedule_page
from crm_core.pipeline.dwell.jobs import reschedule_all
from crm_core.pipeline.dwell.sweep import fire_batch, sweep
from crm_core.pipeline.dwell.tables import DwellBreach
from crm_core.pipeline.tables import Lead
from crm_core.process.publication import published_playbook
from crm_core.work.tables import Notification, Task
from tests.factories.leads import bring_to, make_lead
from tests.factories.people import make_person, make_team

ENTERED = datetime(2026, 3, 10, 1, tzinfo=UTC)
LEADS = 24


@pytest.fixture
def stalled(resources: Resources) -> Resources:
    """Leads in 需求诊断 whose first step will be due 72 hours later."""
    with clock.frozen(ENTERED), resources.database.transaction(Origin("test")) as session:
        director = make_person(session, "director", team=make_team(session))
        manager = make_person(session, "manager", team=make_team(session), manager=director)
        owner = make_person(session, "rep", team=make_team(session), manager=manager)
        for number in range(LEADS):
            bring_to(session, make_lead(session, owner, title=f"线索{number}"), "needs_diagnosis", owner)
    return resources


def counts(resources: Resources) -> Counter[str]:
    with resources.database.reading() as session:
        found = Counter(breaches=session.scalar(select(func.count()).select_from(DwellBreach)) or 0)
        messages = select(func.count()).select_from(Notification).where(Notification.code.startswith("dwell"))
        found["messages"] = session.scalar(messages) or 0
        found["tasks"] = session.scalar(select(func.count()).where(Task.kind == "decision_chain_map")) or 0
    return found


ONCE = Counter(breaches=LEADS, messages=2 * LEADS, tasks=LEADS)


def test_parallel_sweeps_share_the_work(stalled: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_BATCH", 3)

    def work(_: int) -> None:
        with clock.frozen(ENTERED + timedelta(hours=73)):
            for _ in range(6):
                sweep(stalled.database)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert counts(stalled) == ONCE


def test_a_sweep_killed_before_it_is_kept_is_done_again_whole(stalled: Resources) -> None:
    class Killed(Exception):
        pass

    with clock.frozen(ENTERED + timedelta(hours=73)):
        with contextlib.suppress(Killed), stalled.database.transaction(Origin("test")) as session:
            assert fire_batch(session, published_playbook(session))[1] == LEADS
            raise Killed
        assert counts(stalled)["breaches"] == 0
        sweep(stalled.database)
        sweep(stalled.database)
    assert counts(stalled) == ONCE


def test_a_lost_alarm_column_does_not_make_a_step_fire_again(stalled: Resources) -> None:
    with clock.frozen(ENTERED + timedelta(hours=73)):
        sweep(stalled.database)
        with stalled.database.transaction(Origin("test")) as session:
            session.execute(text("UPDATE leads SET alarm_at = :due, alarm_step = 0"), {"due": ENTERED})
        sweep(stalled.database)
        with stalled.database.reading() as session:
            assert set(session.scalars(select(Lead.alarm_step))) == {1}
    assert counts(stalled) == ONCE


def test_somebody_who_has_a_lead_open_gets_no_conflict(stalled: Resources) -> None:
    with stalled.database.reading() as session:
        lead_id, version = session.execute(select(Lead.id, Lead.version).limit(1)).one()
    with clock.frozen(ENTERED + timedelta(hours=73)):
        sweep(stalled.database)
    with stalled.database.transaction(Origin("test")) as session:
        assert session.get_one(Lead, lead_id).version == version


def test_a_lead_that_somebody_moves_is_left_to_the_next_minute(stalled: Resources) -> None:
    other = Database(stalled.database.url)
    with clock.frozen(ENTERED + timedelta(hours=73)):
        with other.transaction(Origin("test")) as session:
            session.scalars(select(Lead).order_by(Lead.id).limit(4).with_for_update()).all()
            sweep(stalled.database)
        assert counts(stalled)["breaches"] == LEADS - 4
        sweep(stalled.database)
    other.dispose()
    assert counts(stalled) == ONCE


def test_steps_that_passed_before_a_lead_came_are_noted_and_told_to_nobody(stalled: Resources) -> None:
    with clock.frozen(ENTERED + timedelta(hours=73)):
        with stalled.database.transaction(Origin("test")) as session:
            session.execute(text("UPDATE leads SET created_at = :now"), {"now": clock.now()})
        sweep(stalled.database)
    assert counts(stalled) == Counter(breaches=LEADS, messages=0, tasks=0)
    with clock.frozen(ENTERED + timedelta(hours=121)):
        sweep(stalled.database)
    assert counts(stalled) == Counter(breaches=2 * LEADS, messages=LEADS, tasks=0)


def test_rescheduling_changes_what_differs_and_nothing_else(stalled: Resources) -> None:
    with clock.frozen(ENTERED + timedelta(hours=1)):
        with stalled.database.transaction(Origin("test")) as session:
            before = dict(session.execute(select(Lead.id, Lead.alarm_at)).all())
            ids = sorted(before)[:5]
            cleared = text("UPDATE leads SET alarm_at = NULL, alarm_step = NULL WHERE id = ANY(:ids)")
            session.execute(cleared, {"ids": ids})
        with stalled.database.transaction(Origin("test")) as session:
            playbook = published_playbook(session)
            assert reschedule(session, playbook, ids[:2]) == 2
            last, changed = reschedule_page(session, playbook, after=None, size=LEADS - 1)
            assert (last, changed) == (sorted(before)[-2], 3)
            assert reschedule_page(session, playbook, after=last) == (max(before), 0)
            assert reschedule_page(session, playbook, after=max(before)) == (None, 0)
        reschedule_all.run(stalled)
        with stalled.database.reading() as session:
            assert dict(session.execute(select(Lead.id, Lead.alarm_at)).all()) == before


def test_a_lead_whose_owner_has_left_is_told_of_without_a_name(stalled: Resources) -> None:
    with stalled.database.transaction(Origin("test")) as session:
        operations = make_person(session, "operations")
        session.execute(text("UPDATE memberships SET until = '2026-03-11' WHERE role <> 'operations'"))
    with clock.frozen(ENTERED + timedelta(hours=73)):
        sweep(stalled.database)
    with stalled.database.reading() as session:
        assert set(session.scalars(select(Notification.receiver_id).where(Notification.code.startswith("dwell")))) == {
            operations.id
        }
        assert set(session.scalars(select(Task.assignee_id).where(Task.kind == "decision_chain_map"))) == {
            operations.id
        }
