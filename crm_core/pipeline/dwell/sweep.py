"""Fires the steps that are due: whoever must know is told, the task is made, the timeline notes it. Each step once.

Leads are taken with FOR UPDATE SKIP LOCKED, so parallel sweeps share the work; the breach is unique for lead, stay and
step, so a step that has fired does not fire again after a restart or when the clock has jumped; and all of a batch is
kept together or not at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.identifiers import new_id
from crm_core.people.snapshots import roster_on
from crm_core.pipeline.dwell import repository
from crm_core.pipeline.dwell.alarms import stays, write_alarms
from crm_core.pipeline.dwell.announcing import Firing, announce
from crm_core.pipeline.dwell.ladders import NO_ALARM, Alarm, limit_of, next_alarm, stay_due_times
from crm_core.pipeline.dwell.receivers import ChainOfCommand, people_of
from crm_core.pipeline.dwell.tables import DwellBreach
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook
from crm_core.process.publication import published_playbook

_BATCH = 100


class DueStep(NamedTuple):
    lead: Lead
    step: int
    due_at: datetime


def sweep(database: Database) -> int:
    """Fire everything that is due now, batch by batch, each in a transaction of its own; how many steps fired."""
    fired = 0
    while True:
        with database.transaction(Origin(channel="job")) as session:
            taken, fired_now = fire_batch(session, published_playbook(session))
        fired += fired_now
        if taken < _BATCH:
            return fired


def fire_batch(session: Session, playbook: Playbook, size: int = _BATCH) -> tuple[int, int]:
    """Take the leads whose alarms have been due for longest; how many leads, and how many steps fired."""
    leads = session.scalars(
        select(Lead)
        .where(Lead.alarm_at <= clock.now())
        .order_by(Lead.alarm_at)
        .limit(size)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    if not leads:
        return 0, 0
    due, alarms = _due(session, playbook, leads)
    chain = ChainOfCommand(roster_on(session, clock.today()))
    fresh = _note(session, playbook, list(_firings(session, playbook, chain, due)))
    announce(session, playbook, chain, [firing for firing in fresh if firing.was_here])
    write_alarms(session, alarms)
    return len(leads), len(fresh)


def _due(session: Session, playbook: Playbook, leads: Sequence[Lead]) -> tuple[list[DueStep], list[tuple[Lead, Alarm]]]:
    """The steps that are due by the calendars and snoozes of now, and the alarm that each lead has after them."""
    ids = [lead.id for lead in leads]
    fired, snoozed = repository.fired_steps(session, ids), repository.snoozes_until(session, ids)
    now = clock.now()
    due: list[DueStep] = []
    alarms: list[tuple[Lead, Alarm]] = []
    for lead, stay in zip(leads, stays(session, playbook, leads), strict=True):
        if lead.outcome != "open":
            alarms.append((lead, NO_ALARM))
            continue
        times, done, until = stay_due_times(playbook, stay), set(fired.get(lead.id, ())), snoozed.get(lead.id)
        while (alarm := next_alarm(times, done, until)).alarm_at is not None and alarm.alarm_at <= now:
            assert alarm.alarm_step is not None
            due.append(DueStep(lead, alarm.alarm_step, times[alarm.alarm_step]))
            done.add(alarm.alarm_step)
        alarms.append((lead, alarm))
    return due, alarms


def _firings(session: Session, playbook: Playbook, chain: ChainOfCommand, due: Sequence[DueStep]) -> Iterator[Firing]:
    people = people_of(session, [lead for lead, _, _ in due])
    for lead, step, due_at in due:
        limit = limit_of(playbook, lead.stage)
        assert limit is not None
        was_here = due_at >= lead.created_at
        receivers = chain.receivers(limit.ladder[step].receivers, people[lead.id]) if was_here else []
        yield Firing(lead, limit, step, due_at, people[lead.id], tuple(receivers), was_here)


def _note(session: Session, playbook: Playbook, firings: Sequence[Firing]) -> list[Firing]:
    """Write the breaches; returns those that were not there before."""
    if not firings:
        return []
    rows = [_breach_row(playbook, firing) for firing in firings]
    statement = insert(DwellBreach).on_conflict_do_nothing().returning(DwellBreach.lead_id, DwellBreach.step)
    fresh = {(row.lead_id, row.step) for row in session.execute(statement, rows)}
    return [firing for firing in firings if (firing.lead.id, firing.step) in fresh]


def _breach_row(playbook: Playbook, firing: Firing) -> Mapping[str, Any]:
    return {
        "id": new_id(),
        "created_at": clock.now(),
        "lead_id": firing.lead.id,
        "stage": firing.lead.stage,
        "stage_entered_at": firing.lead.stage_entered_at,
        "step": firing.step,
        "limit_hours": firing.limit.hours,
        "due_at": firing.due_at,
        "fired_at": clock.now(),
        "owner_id": firing.lead.owner_id,
        "receivers": [receiver.as_json() for receiver in firing.receivers],
        "playbook_version": playbook.version,
    }
