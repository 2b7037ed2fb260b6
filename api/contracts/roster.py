"""The roster of a day, its snapshots, what changed between two days, and whom no leads reach yet."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input
from api.contracts.paging import Offset, Page
from api.contracts.people import ReadinessFacts


class RosterQuery(Page):
    """Which day, by default today; a day that is past shows what was recorded then."""

    on: date | None = None


class RosterPosition(BaseModel):
    """One position that somebody holds on the day; what the viewer's role may not see is left out."""

    person_id: UUID
    name: str = ""
    employee_number: str | None = None
    role: str = ""
    team: str | None = None
    region: str | None = None
    manager: str | None = None
    calendar: str | None = None
    skills: list[str] = []
    languages: list[str] = []
    open_leads_limit: int | None = None
    away_until: date | None = None
    #: what the roster does not know of this person
    unknown: list[str] = []


class RosterPage(BaseModel):
    day: date
    #: SHA-256 of the whole roster; equal rosters have the same
    digest: str
    items: list[RosterPosition]
    total: int


class SnapshotFacts(BaseModel):
    """A roster that was written down, on the first day on which it was so."""

    day: date
    digest: str
    positions: int
    created_at: datetime


class Snapshots(BaseModel):
    items: list[SnapshotFacts]
    total: int


class SnapshotContent(SnapshotFacts):
    items: list[RosterPosition]


class DiffQuery(Input):
    """Two days; the changes after the first up to the last are told, each on its day."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first_day: date = Field(alias="from")
    #: by default today
    last_day: date | None = Field(default=None, alias="to")
    #: only changes of this kind
    kind: str | None = Field(default=None, max_length=40)
    limit: int = Field(default=200, ge=1, le=1000)
    offset: Offset = 0


class RosterChangeFacts(BaseModel):
    """One thing that is different, in words, with the person behind it."""

    day: date
    kind: str
    person_id: UUID
    name: str
    role: str
    sentence: str
    old: Any = None
    new: Any = None


class ChangeCount(BaseModel):
    """How many changes of a kind a day saw."""

    day: date
    kind: str
    count: int


class RosterDiff(BaseModel):
    first_day: date
    last_day: date
    counts: list[ChangeCount]
    items: list[RosterChangeFacts]
    total: int


class NewcomerFacts(BaseModel):
    """Somebody in a role that gets leads, whom none reach."""

    person_id: UUID
    name: str
    readiness: ReadinessFacts


class Newcomers(BaseModel):
    items: list[NewcomerFacts]
    total: int
