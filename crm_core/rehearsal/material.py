"""What really happened in a window of days, as values: everything that a replay looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from crm_core.foundation.clock import BUSINESS_ZONE
from crm_core.people.snapshots import Roster
from crm_core.pipeline.assignment.facts import LeadFacts, Loads
from crm_core.process.playbook import Playbook

#: what the rules decide; the other causes of a decision are somebody's hand
RULED_CAUSES = ("arrival", "retry", "recycle", "handover")


@dataclass(frozen=True, slots=True)
class Sides:
    """What is in force, and what shall be."""

    old: Playbook
    new: Playbook
    #: stage of the old side → stage of the new one, for stages that are gone
    stage_map: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """From an instant on, and before another."""

    start: datetime
    end: datetime

    @classmethod
    def before(cls, end: datetime, days: int) -> "Window":
        return cls(end - timedelta(days=days), end)

    def days(self) -> tuple[date, date]:
        """The first and the last day that it touches, where the business is."""
        return day_of(self.start), day_of(self.end)

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


def day_of(instant: datetime) -> date:
    return instant.astimezone(BUSINESS_ZONE).date()


@dataclass(frozen=True, slots=True)
class Actual:
    """Who really got a lead first: a person, a claim pool, or nobody."""

    outcome: Literal["assigned", "pooled", "unassigned"]
    owner_id: UUID | None = None
    pool: str | None = None
    #: the rules said so, not a person
    is_decided: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead that came, or was decided about for the first time, in the window."""

    lead_id: UUID
    instant: datetime
    facts: LeadFacts
    actual: Actual


@dataclass(frozen=True, slots=True)
class LoadShift:
    """An open lead more or less for somebody; without a person, for whoever the replay gave this lead to."""

    instant: datetime
    lead_id: UUID
    person_id: UUID | None
    change: Literal[-1, 1]


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What the quality check had said of a document by then."""

    verdict: str | None
    verdict_reasons: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class PastMove:
    """A move forwards or a win that was made, with what the lead held at that moment."""

    move_id: UUID
    lead_id: UUID
    moved_at: datetime
    kind: Literal["forward", "won"]
    from_stage: str
    to_stage: str
    is_override: bool
    owner_id: UUID | None
    values: Mapping[str, Any]
    documents: Mapping[str, DocumentState]


@dataclass(frozen=True, slots=True)
class PastStay:
    """An open lead's stay in a stage; whoever owned it in the end is told of it."""

    lead_id: UUID
    stage: str
    entered_at: datetime
    #: null while it lasts
    left_at: datetime | None
    owner_id: UUID | None
    region_id: UUID | None


@dataclass(frozen=True, slots=True)
class OpenLead:
    """An open or parked lead in a stage that the draft no longer has."""

    lead_id: UUID
    stage: str
    entered_at: datetime
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class Material:
    """A window of real history."""

    window: Window
    rosters: Mapping[date, Roster]
    arrivals: tuple[Arrival, ...]
    shifts: tuple[LoadShift, ...]
    #: how loaded everybody was when the window began
    loads: Loads
    moves: tuple[PastMove, ...]
    stays: tuple[PastStay, ...]
    stranded: tuple[OpenLead, ...]

    def roster_at(self, instant: datetime) -> Roster:
        """The roster of the day of an instant; of days outside the window the nearest one's."""
        first, last = self.window.days()
        return self.rosters[min(max(day_of(instant), first), last)]
