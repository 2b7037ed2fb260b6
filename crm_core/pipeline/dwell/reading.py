"""What a lead's page says of its stay: how long, how much is left, and the ladder with whom each step tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.people.snapshots import roster_on
from crm_core.pipeline.dwell import repository
from crm_core.pipeline.dwell.alarms import stays
from crm_core.pipeline.dwell.ladders import due_times, limit_of, working_clock
from crm_core.pipeline.dwell.receivers import ChainOfCommand, Receiver, people_of
from crm_core.pipeline.dwell.tables import DwellBreach, DwellSnooze
from crm_core.pipeline.tables import Lead
from crm_core.process.calendars import WorkingCalendar
from crm_core.process.stages import DwellLimit, TaskStep

StepState = Literal["fired", "snoozed", "due", "ahead"]


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A step as it fired, or as it would fire under the roster of today."""

    step: int
    after_hours: int
    due_at: datetime
    fired_at: datetime | None
    state: StepState
    receivers: tuple[Receiver, ...]
    task: TaskStep | None


@dataclass(frozen=True, slots=True)
class Dwell:
    """A stay. Without a limit nothing is counted; a closed lead stands still, and so does its clock."""

    stage: str
    entered_at: datetime
    is_open: bool
    limit: DwellLimit | None = None
    calendar: WorkingCalendar | None = None
    spent: timedelta = timedelta()
    overdue_at: datetime | None = None
    snooze: DwellSnooze | None = None
    steps: tuple[LadderStep, ...] = ()


def dwell_of(acting: Acting, lead: Lead) -> Dwell:
    """The present stay of a lead that the viewer has found. Raises FieldForbidden."""
    acting.policy.require_readable(acting.viewer, "lead", ["stage", "stage_entered_at", "is_overdue"])
    limit, is_open = limit_of(acting.playbook, lead.stage), lead.outcome == "open"
    if limit is None:
        return Dwell(lead.stage, lead.stage_entered_at, is_open)
    [stay] = stays(acting.session, acting.playbook, [lead])
    working = working_clock(acting.playbook, limit, stay.team_calendar)
    due = due_times(limit, working, lead.stage_entered_at)
    until = clock.now() if is_open else lead.outcome_at or clock.now()
    snooze = next(iter(repository.running_snoozes(acting.session, lead)), None) if is_open else None
    steps = _steps(acting, lead, limit, due, snooze) if is_open else ()
    return Dwell(
        stage=lead.stage,
        entered_at=lead.stage_entered_at,
        is_open=is_open,
        limit=limit,
        calendar=working.calendar if working else None,
        spent=working.between(lead.stage_entered_at, until) if working else until - lead.stage_entered_at,
        overdue_at=due[0] if is_open else None,
        snooze=snooze,
        steps=steps,
    )


def _steps(
    acting: Acting, lead: Lead, limit: DwellLimit, due: list[datetime], snooze: DwellSnooze | None
) -> tuple[LadderStep, ...]:
    breaches = repository.breaches_of(acting.session, lead)
    chain = ChainOfCommand(roster_on(acting.session, clock.today()))
    people = people_of(acting.session, [lead])[lead.id]
    return tuple(
        LadderStep(
            step=place,
            after_hours=rung.after_hours,
            due_at=due[place],
            fired_at=breaches[place].fired_at if place in breaches else None,
            state=_state(due[place], breaches.get(place), snooze),
            receivers=told(breaches[place]) if place in breaches else tuple(chain.receivers(rung.receivers, people)),
            task=rung.task,
        )
        for place, rung in enumerate(limit.ladder)
    )


def _state(due_at: datetime, breach: DwellBreach | None, snooze: DwellSnooze | None) -> StepState:
    if breach is not None:
        return "fired"
    if snooze is not None and due_at < snooze.until:
        return "snoozed"
    return "due" if due_at <= clock.now() else "ahead"


def told(breach: DwellBreach) -> tuple[Receiver, ...]:
    """Whom a breach told, as it was written down."""
    return tuple(_receiver(entry) for entry in breach.receivers)


def _receiver(entry: Mapping[str, str]) -> Receiver:
    return Receiver(entry["rule"], UUID(entry["person_id"]), entry.get("stands_in"))  # type: ignore[arg-type]
