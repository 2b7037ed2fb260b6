"""Writes on each lead when its next alarm fires.

A move writes it with the new stage. Whatever else changes the due time (a new playbook, another team, a snooze)
reschedules; that is written past the lead's version, so that nobody who edits the lead meanwhile gets a conflict.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from crm_core.foundation import clock
from crm_core.pipeline.dwell import repository
from crm_core.pipeline.dwell.ladders import (
    NO_ALARM,
    Alarm,
    Stay,
    limit_of,
    next_alarm,
    stay_due_times,
    uses_team_calendar,
)
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook

_ALARM_COLUMNS = ("alarm_at", "alarm_step", "overdue_at")
_STAYS = select(
    Lead.id, Lead.stage, Lead.stage_entered_at, Lead.outcome, Lead.owner_id,
    Lead.alarm_at, Lead.alarm_step, Lead.overdue_at,
)  # fmt: skip
#: a lead that has moved or changed hands since it was read is left alone: that change has set its alarm
_WRITE = text(
    "UPDATE leads SET alarm_at = new.alarm_at, alarm_step = new.alarm_step, overdue_at = new.overdue_at "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:entered AS timestamptz[]), CAST(:outcomes AS text[]), "
    "CAST(:owners AS uuid[]), CAST(:alarm_ats AS timestamptz[]), CAST(:alarm_steps AS integer[]), "
    "CAST(:overdue_ats AS timestamptz[])) "
    "AS new(id, entered_at, outcome, owner_id, alarm_at, alarm_step, overdue_at) "
    "WHERE leads.id = new.id AND leads.stage_entered_at = new.entered_at AND leads.outcome = new.outcome "
    "AND leads.owner_id IS NOT DISTINCT FROM new.owner_id"
)


def set_alarm(session: Session, playbook: Playbook, lead: Lead) -> None:
    """What the stay that has just begun calls for, set on the lead to be written with the move; closed: nothing."""
    alarm = NO_ALARM
    if lead.outcome == "open":
        [stay] = stays(session, playbook, [lead])
        alarm = next_alarm(stay_due_times(playbook, stay))
    lead.alarm_at, lead.alarm_step, lead.overdue_at = alarm.alarm_at, alarm.alarm_step, alarm.overdue_at


def reschedule(session: Session, playbook: Playbook, lead_ids: Collection[UUID]) -> int:
    """Work the alarms of leads out anew; steps that have fired stay fired. Returns how many changed."""
    changed = _reschedule(session, playbook, _STAYS.where(repository.among(Lead.id, lead_ids)))[1]
    for lead_id in lead_ids:
        held = session.identity_map.get(identity_key(Lead, lead_id))
        if held is not None:
            session.expire(held, _ALARM_COLUMNS)
    return changed


def reschedule_page(
    session: Session, playbook: Playbook, *, after: UUID | None, size: int = 5_000
) -> tuple[UUID | None, int]:
    """The next open leads in the order of their ids: the last one's id, None at the end, and how many changed."""
    page = _STAYS.where(Lead.outcome == "open").order_by(Lead.id).limit(size)
    return _reschedule(session, playbook, page.where(Lead.id > after) if after else page)


def stays(session: Session, playbook: Playbook, leads: Iterable[Any]) -> list[Stay]:
    """The present stays of leads, each with the calendar of its owner's team where that matters."""
    leads = list(leads)
    asking = {
        lead.owner_id
        for lead in leads
        if lead.owner_id is not None and uses_team_calendar(limit_of(playbook, lead.stage))
    }
    calendars = repository.team_calendars(session, asking, clock.today()) if asking else {}
    return [Stay(lead.stage, lead.stage_entered_at, calendars.get(lead.owner_id)) for lead in leads]


def write_alarms(session: Session, changes: Sequence[tuple[Any, Alarm]]) -> None:
    """One statement for all; not through the mapped class, whose version it would raise."""
    if not changes:
        return
    values = {
        "ids": [lead.id for lead, _ in changes],
        "entered": [lead.stage_entered_at for lead, _ in changes],
        "outcomes": [lead.outcome for lead, _ in changes],
        "owners": [lead.owner_id for lead, _ in changes],
        "alarm_ats": [alarm.alarm_at for _, alarm in changes],
        "alarm_steps": [alarm.alarm_step for _, alarm in changes],
        "overdue_ats": [alarm.overdue_at for _, alarm in changes],
    }
    session.execute(_WRITE, values)


def _reschedule(session: Session, playbook: Playbook, page: Select[*tuple[Any, ...]]) -> tuple[UUID | None, int]:
    rows = session.execute(page).all()
    if not rows:
        return None, 0
    ids = [row.id for row in rows]
    fired, snoozed = repository.fired_steps(session, ids), repository.snoozes_until(session, ids)
    changes = []
    for row, stay in zip(rows, stays(session, playbook, rows), strict=True):
        due = stay_due_times(playbook, stay) if row.outcome == "open" else []
        alarm = next_alarm(due, fired.get(row.id, ()), snoozed.get(row.id))
        if alarm != Alarm(row.alarm_at, row.alarm_step, row.overdue_at):
            changes.append((row, alarm))
    write_alarms(session, changes)
    return ids[-1], len(changes)
