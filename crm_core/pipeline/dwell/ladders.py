"""When the steps of a stay's ladder are due; values in, values out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_core.process.playbook import Playbook
from crm_core.process.stages import DwellLimit
from crm_core.process.working_time import WorkingTime, working_time


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a lead in a stage, and the calendar that its owner's team keeps."""

    stage: str
    entered_at: datetime
    team_calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """When which step fires next, and from when the lead is overdue; columns of the lead."""

    alarm_at: datetime | None = None
    alarm_step: int | None = None
    overdue_at: datetime | None = None


NO_ALARM = Alarm()


def limit_of(playbook: Playbook, stage: str) -> DwellLimit | None:
    """The limit of a stage; none where the playbook has no such stage."""
    return next((known.dwell_limit for known in playbook.stages if known.code == stage), None)


def uses_team_calendar(limit: DwellLimit | None) -> bool:
    """Whether it matters in whose team the owner is."""
    return limit is not None and limit.clock == "working" and limit.calendar is None


def working_clock(playbook: Playbook, limit: DwellLimit, team_calendar: str | None) -> WorkingTime | None:
    """What the limit counts with: the calendar that it names, else the team's, else the first; None by the wall."""
    return working_time(playbook.calendar(limit.calendar or team_calendar)) if limit.clock == "working" else None


def due_times(limit: DwellLimit, clock: WorkingTime | None, entered_at: datetime) -> list[datetime]:
    """When each step of the ladder is due, in order."""
    spans = [timedelta(hours=limit.hours + step.after_hours) for step in limit.ladder]
    return [clock.after(entered_at, span) if clock else entered_at + span for span in spans]


def stay_due_times(playbook: Playbook, stay: Stay) -> list[datetime]:
    """When each step of a stay is due; nothing where its stage has no limit."""
    limit = limit_of(playbook, stay.stage)
    return due_times(limit, working_clock(playbook, limit, stay.team_calendar), stay.entered_at) if limit else []


def next_alarm(due: list[datetime], fired: Collection[int] = (), snoozed_until: datetime | None = None) -> Alarm:
    """The first step that has not fired; a snooze holds it back, and changes nothing about being overdue."""
    if not due:
        return NO_ALARM
    for step, due_at in enumerate(due):
        if step not in fired:
            return Alarm(max(due_at, snoozed_until or due_at), step, due[0])
    return Alarm(overdue_at=due[0])
