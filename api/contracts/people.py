"""The roster: people, their positions with effective dates, teams and regions."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input
from api.contracts.paging import Offset

_EXAMPLE_ID = "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f"
_EMAIL = r"^[^@\s]+@[^@\s]+$"


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


class MembershipFacts(BaseModel):
    """One role in one place for a span of days; `until` is its first day no more, null while it lasts."""

    id: UUID
    role: str
    team_id: UUID | None
    team: str | None
    region_id: UUID | None
    region: str | None
    manager_id: UUID | None
    manager: str | None
    since: date
    until: date | None


class PersonName(BaseModel):
    id: UUID
    name: str


class PersonFacts(BaseModel):
    """Somebody on the roster; what the viewer's role may not see is left out."""

    id: UUID
    name: str = ""
    employee_number: str | None = None
    email: str | None = None
    mobile: str | None = None
    hired_on: date | None = None
    left_on: date | None = None
    locale: str = "zh"
    memberships: list[MembershipFacts] = []


class PersonDetail(PersonFacts):
    """With every membership of all time, and the manager and team of the day asked for."""

    manager: PersonName | None = None
    team_members: list[PersonName] = []


class People(BaseModel):
    items: list[PersonFacts]
    total: int


class PeopleQuery(Input):
    """Whom to list; role, team and region are those of the day `on`, by default today."""

    model_config = ConfigDict(extra="forbid")

    #: part of the name, its pinyin, or its initials
    search: str = Field(default="", max_length=80)
    role: str | None = Field(default=None, max_length=40)
    team_id: UUID | None = None
    region_id: UUID | None = None
    on: date | None = None
    with_left: bool = False
    limit: int = Field(default=50, ge=1, le=500)
    offset: Offset = 0


class Position(Input):
    """A role and its place; a region that is not given is the team's. Reps need one."""

    model_config = _example(role="rep", team_id=_EXAMPLE_ID, manager_id=_EXAMPLE_ID)

    #: rep, presales, delivery, finance, trainer, manager, director, operations, admin
    role: str = Field(max_length=40)
    team_id: UUID | None = None
    region_id: UUID | None = None
    manager_id: UUID | None = None


class Appointment(Position):
    model_config = _example(role="rep", team_id=_EXAMPLE_ID, manager_id=_EXAMPLE_ID, since="2026-12-01")

    since: date


class NewPerson(Input):
    model_config = _example(
        name="张伟",
        employee_number="S1024",
        email="zhang.wei@example.com",
        hired_on="2026-12-01",
        position={"role": "rep", "team_id": _EXAMPLE_ID},
    )

    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    employee_number: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=200, pattern=_EMAIL)
    mobile: str | None = Field(default=None, max_length=40)
    hired_on: date | None = None
    locale: Literal["zh", "en"] = "zh"
    position: Position
    #: first day of the position; by default the day of hiring, or today
    since: date | None = None


class PersonChange(Input):
    """Only the fields that are given change."""

    model_config = _example(mobile="13800000000")

    name: str = Field(default="", min_length=1, max_length=80, pattern=r"\S")
    employee_number: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=200, pattern=_EMAIL)
    mobile: str | None = Field(default=None, max_length=40)
    hired_on: date | None = None
    locale: Literal["zh", "en"] = "zh"


class MembershipEnd(Input):
    model_config = _example(until="2026-12-31")

    #: first day on which the position is held no more
    until: date


class Leaving(Input):
    model_config = _example(on="2026-12-31")

    #: first day on which the person is gone
    on: date


class NewTeam(Input):
    model_config = _example(name="华东一队", region_id=_EXAMPLE_ID)

    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    region_id: UUID | None = None


class TeamFacts(BaseModel):
    id: UUID
    name: str
    region_id: UUID | None


class Teams(BaseModel):
    items: list[TeamFacts]
    total: int


class NewRegion(Input):
    model_config = _example(code="east", name="华东大区")

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    name: str = Field(min_length=1, max_length=80, pattern=r"\S")


class RegionFacts(BaseModel):
    id: UUID
    code: str
    name: str


class Regions(BaseModel):
    items: list[RegionFacts]
    total: int
