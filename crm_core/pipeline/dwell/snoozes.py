"""Postponing the next step of a ladder, with a reason that everyone can read."""

from datetime import datetime, timedelta

from crm_core.customers.acting import Acting
from crm_core.customers.timeline import Happening, append, channel_of
from crm_core.foundation import clock
from crm_core.people.memberships import direct_manager
from crm_core.people.repository import names_of_people
from crm_core.pipeline.dwell.alarms import reschedule
from crm_core.pipeline.dwell.announcing import TIMELINE_KIND, stay_words
from crm_core.pipeline.dwell.errors import NothingToSnooze, SnoozeMissing, SnoozeReasonMissing, SnoozeSpanInvalid
from crm_core.pipeline.dwell.ladders import limit_of
from crm_core.pipeline.dwell.repository import running_snoozes
from crm_core.pipeline.dwell.tables import DwellSnooze
from crm_core.pipeline.tables import Lead
from crm_core.work.notifications import Message, notify

LONGEST_SNOOZE_DAYS = 14
_RIGHT = "dwell.snooze"


def may_snooze(acting: Acting, lead: Lead) -> bool:
    """The owner, and whoever's role has the right."""
    return lead.owner_id == acting.person_id or acting.policy.has_right(acting.viewer, _RIGHT)


def snooze(acting: Acting, lead: Lead, until: datetime, reason: str) -> DwellSnooze:
    """Let no step fire before `until`; a later word replaces an earlier one. The owner's manager is told.

    Raises RightMissing, SnoozeReasonMissing, SnoozeSpanInvalid, NothingToSnooze.
    """
    _require_may_snooze(acting, lead)
    if not reason.strip():
        raise SnoozeReasonMissing
    if not clock.now() < until <= clock.now() + timedelta(days=LONGEST_SNOOZE_DAYS):
        raise SnoozeSpanInvalid(until=_local(until), days=LONGEST_SNOOZE_DAYS)
    # a move of the same moment waits, so that the snooze is of the stay that it was meant for
    acting.session.refresh(lead, with_for_update={"key_share": True})
    if lead.alarm_at is None:
        raise NothingToSnooze(stage=lead.stage)
    postponed = DwellSnooze(
        lead_id=lead.id,
        stage=lead.stage,
        stage_entered_at=lead.stage_entered_at,
        until=until,
        reason=reason.strip(),
        snoozed_by=acting.person_id,
    )
    acting.session.add(postponed)
    acting.session.flush()
    reschedule(acting.session, acting.playbook, [lead.id])
    _tell(acting, lead, postponed)
    return postponed


def end_snooze(acting: Acting, lead: Lead) -> None:
    """Take the postponement back; history keeps that it was there. Raises RightMissing, SnoozeMissing."""
    _require_may_snooze(acting, lead)
    running = running_snoozes(acting.session, lead)
    if not running:
        raise SnoozeMissing
    append(acting.session, _happening(acting, lead, "dwell_snooze_ended", running[0]))
    for postponed in running:
        acting.session.delete(postponed)
    acting.session.flush()
    reschedule(acting.session, acting.playbook, [lead.id])


def _require_may_snooze(acting: Acting, lead: Lead) -> None:
    if not may_snooze(acting, lead):
        acting.policy.require_right(acting.viewer, _RIGHT)


def _tell(acting: Acting, lead: Lead, postponed: DwellSnooze) -> None:
    append(acting.session, _happening(acting, lead, "dwell_snoozed", postponed))
    manager_id = direct_manager(acting.session, lead.owner_id, clock.today()) if lead.owner_id else None
    limit = limit_of(acting.playbook, lead.stage)
    if manager_id is None or manager_id == acting.person_id or limit is None:
        return
    words = stay_words(acting.playbook, lead, limit, limit.hours)
    by = names_of_people(acting.session, [acting.person_id]).get(acting.person_id, "")
    told = {**words, "by": by, "until": _local(postponed.until), "reason": postponed.reason}
    notify(acting.session, manager_id, Message("dwell_snoozed", told, lead.customer_id, lead.id))


def _happening(acting: Acting, lead: Lead, code: str, postponed: DwellSnooze) -> Happening:
    return Happening(
        customer_id=lead.customer_id,
        lead_id=lead.id,
        kind=TIMELINE_KIND,
        channel=channel_of(acting.session),
        actor_id=acting.person_id,
        code=code,
        details={
            "record": "lead",
            "field": "stage",
            "title": lead.title,
            "until": _local(postponed.until),
            "reason": postponed.reason,
        },
    )


def _local(instant: datetime) -> str:
    return instant.astimezone(clock.BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")
