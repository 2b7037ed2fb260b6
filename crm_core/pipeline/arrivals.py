"""The gate's door for many new leads at once; `Gate.enter_many` is the way in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

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

#: columns of a lead with their values: at least id, customer_id and title, and nothing that is the gate's
NewLead = Mapping[str, Any]


class _Entering(NamedTuple):
    """What a stay in the first stage is worked out from."""

    owner_id: UUID | None
    stage: str
    stage_entered_at: datetime


def enter_leads(acting: Acting, leads: Sequence[NewLead]) -> None:
    """Write new leads, each with its move and its line on the timeline, and tell of them once."""
    if not leads:
        return
    now, session = clock.now(), acting.session
    made: dict[str, Any] = {
        "owner_id": None,
        "created_at": now,
        "received_at": now,
        "fields": {},
        "back_moves": 0,
        "version": 1,
    }
    stage = {"stage": acting.playbook.stages[0].code, "stage_entered_at": now, "outcome": "open"}
    rows = [{**made, **lead, **stage, **alarm} for lead, alarm in zip(leads, _alarms(acting, leads, now), strict=True)]
    copy_rows(session, Lead, rows)
    copy_rows(session, StageMove, [_first_move(acting, row, now) for row in rows])
    append_many(session, [_happening(acting, row, channel_of(session)) for row in rows])
    publish(session, LeadsArrived(tuple(row["id"] for row in rows if row["owner_id"] is None), len(rows)))


def _alarms(acting: Acting, leads: Sequence[NewLead], now: datetime) -> list[dict[str, Any]]:
    """Leads that arrive together differ in their calendars at most."""
    first = acting.playbook.stages[0].code
    entering = [_Entering(lead.get("owner_id"), first, now) for lead in leads]
    alarms: dict[Stay, dict[str, Any]] = {}
    found = []
    for stay in stays(acting.session, acting.playbook, entering):
        if stay not in alarms:
            alarms[stay] = _columns(next_alarm(stay_due_times(acting.playbook, stay)))
        found.append(alarms[stay])
    return found


def _columns(alarm: Alarm) -> dict[str, Any]:
    return {"alarm_at": alarm.alarm_at, "alarm_step": alarm.alarm_step, "overdue_at": alarm.overdue_at}


def _first_move(acting: Acting, lead: NewLead, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "created_at": now,
        "lead_id": lead["id"],
        "to_stage": lead["stage"],
        "kind": "created",
        "is_override": False,
        "is_imported": False,
        "moved_at": now,
        "moved_by": acting.person_id,
        "owner_id": lead["owner_id"],
        "playbook_version": acting.playbook.version,
    }


def _happening(acting: Acting, lead: NewLead, channel: str) -> Happening:
    return Happening(
        customer_id=lead["customer_id"],
        lead_id=lead["id"],
        kind="stage_move",
        channel=channel,
        occurred_at=lead["stage_entered_at"],
        actor_id=acting.person_id,
        code="lead_created",
        details={
            "record": "lead",
            "field": "outcome",
            "title": lead["title"],
            "from_stage": None,
            "to_stage": lead["stage"],
            "is_override": False,
        },
    )
