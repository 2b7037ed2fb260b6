"""Rings the alarms of stays that were, by the limits and ladders of one playbook."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm_core.pipeline.dwell.ladders import due_times, limit_of, uses_team_calendar, working_clock
from crm_core.process.playbook import Playbook
from crm_core.process.stages import AlarmReceiver, DwellLimit
from crm_core.process.working_time import WorkingTime
from crm_core.rehearsal.material import Material, PastStay, day_of

#: lead, when the stay began, step of the ladder
AlarmKey = tuple[UUID, datetime, int]


@dataclass(frozen=True, slots=True)
class PastAlarm:
    """A step of a ladder that fires, when, and whom it means."""

    lead_id: UUID
    stage: str
    entered_at: datetime
    step: int
    due_at: datetime
    owner_id: UUID | None
    receivers: tuple[AlarmReceiver, ...]

    @property
    def key(self) -> AlarmKey:
        return self.lead_id, self.entered_at, self.step


def replay_alarms(material: Material, playbook: Playbook, stage_map: Mapping[str, Any]) -> dict[AlarmKey, PastAlarm]:
    """Every step that would have fired in the window, if this playbook had held all along."""
    bells = _Bells(material, playbook, stage_map)
    return {alarm.key: alarm for stay in material.stays for alarm in bells.of(stay)}


class _Bells:
    def __init__(self, material: Material, playbook: Playbook, stage_map: Mapping[str, Any]) -> None:
        self._material = material
        self._playbook = playbook
        self._stages = {stage.code for stage in playbook.stages}
        self._stage_map = stage_map
        self._clocks: dict[tuple[str, str | None], WorkingTime | None] = {}
        self._limits = {code: limit_of(playbook, code) for code in self._stages}
        self._calendars: dict[date, dict[UUID, str | None]] = {}

    def of(self, stay: PastStay) -> Iterator[PastAlarm]:
        stage = stay.stage if stay.stage in self._stages else str(self._stage_map.get(stay.stage))
        limit = self._limits.get(stage)
        if limit is None:
            return
        end = min(stay.left_at or self._material.window.end, self._material.window.end)
        for step, due_at in enumerate(due_times(limit, self._clock(stage, limit, stay), stay.entered_at)):
            if self._material.window.start <= due_at < end:
                receivers = limit.ladder[step].receivers
                yield PastAlarm(stay.lead_id, stage, stay.entered_at, step, due_at, stay.owner_id, receivers)

    def _clock(self, stage: str, limit: DwellLimit, stay: PastStay) -> WorkingTime | None:
        calendar = self._team_calendar(stay) if uses_team_calendar(limit) else None
        if (stage, calendar) not in self._clocks:
            self._clocks[stage, calendar] = working_clock(self._playbook, limit, calendar)
        return self._clocks[stage, calendar]

    def _team_calendar(self, stay: PastStay) -> str | None:
        """Of the team in which the owner was when the stay ended."""
        instant = stay.left_at or self._material.window.end
        day = day_of(instant)
        if day not in self._calendars:
            self._calendars[day] = _calendars(self._material.roster_at(instant).members)
        return self._calendars[day].get(stay.owner_id) if stay.owner_id else None


def _calendars(members: Iterable[Any]) -> dict[UUID, str | None]:
    """Of several positions the first that has a calendar of its own."""
    found: dict[UUID, str | None] = {}
    for member in members:
        if member.calendar is not None:
            found.setdefault(member.person_id, member.calendar)
    return found
