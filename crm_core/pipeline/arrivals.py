"""The gate's door for many new leads at once; `Gate.enter_many` is the way in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crm_core.customers.acting import Acting
from crm_core.customers.timeline import Happening, append_many, channel_of
from crm_core.foundation import clock
from crm_core.foundation.bulk import copy_rows
from crm_core.foundation.events import publish
from crm_core.foundation.identifiers import new_id
from crm_core.pipeline.dwell.alarms import stays
from crm_core.pipeline.dwell.ladders import Alarm, Stay, next_alarm, stay_due_times
from crm_core.pipeline.events import LeadsArrived
from crm_core.pipeline.tables import Lead, StageMove

_LEAD_COLUMNS = tuple(Lead.__table__.columns.keys())


def enter_leads(acting: Acting, leads: Sequence[Lead]) -> None:
    """Write new leads, each with its move and its line on the timeline, and tell of them once."""
    if not leads:
        return
    now, first = clock.now(), acting.playbook.stages[0].code
    for lead in leads:
        lead.id = lead.id or new_id()
        lead.stage, lead.stage_entered_at, lead.outcome = first, now, "open"
    _set_alarms(acting, leads)
    copy_rows(acting.session, Lead, [_lead_row(lead, now) for lead in leads])
    copy_rows(acting.session, StageMove, [_first_move(acting, lead, now) for lead in leads])
    append_many(acting.session, [_happening(acting, lead, now) for lead in leads])
    publish(acting.session, LeadsArrived(tuple(lead.id for lead in leads if lead.owner_id is None), len(leads)))


def _set_alarms(acting: Acting, leads: Sequence[Lead]) -> None:
    """Leads that arrive together differ in their calendars at most."""
    alarms: dict[Stay, Alarm] = {}
    for lead, stay in zip(leads, stays(acting.session, acting.playbook, leads), strict=True):
        if stay not in alarms:
            alarms[stay] = next_alarm(stay_due_times(acting.playbook, stay))
        alarm = alarms[stay]
        lead.alarm_at, lead.alarm_step, lead.overdue_at = alarm.alarm_at, alarm.alarm_step, alarm.overdue_at


def _lead_row(lead: Lead, now: datetime) -> dict[str, Any]:
    row = {name: getattr(lead, name) for name in _LEAD_COLUMNS}
    made = {"created_at": now, "received_at": now, "fields": {}, "back_moves": 0, "version": 1}
    return row | {name: value for name, value in made.items() if row[name] is None}


def _first_move(acting: Acting, lead: Lead, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "created_at": now,
        "lead_id": lead.id,
        "to_stage": lead.stage,
        "kind": "created",
        "is_override": False,
        "is_imported": False,
        "moved_at": now,
        "moved_by": acting.person_id,
        "owner_id": lead.owner_id,
        "playbook_version": acting.playbook.version,
    }


def _happening(acting: Acting, lead: Lead, now: datetime) -> Happening:
    return Happening(
        customer_id=lead.customer_id,
        lead_id=lead.id,
        kind="stage_move",
        channel=channel_of(acting.session),
        occurred_at=now,
        actor_id=acting.person_id,
        code="lead_created",
        details={
            "record": "lead",
            "field": "outcome",
            "title": lead.title,
            "from_stage": None,
            "to_stage": lead.stage,
            "is_override": False,
        },
    )
