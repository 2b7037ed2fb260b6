"""The roster: people, their positions with effective dates, teams and regions."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input
from api.contracts.paging import Offset

_EXAMPLE_ID = "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f"
_EMAIL = r"^[^@\s]+@[^@\s]+$"
Word = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]


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
    wecom_id: str | None = None
    skills: list[str] = []
    languages: list[str] = []
    #: no more leads while so many are open; null: as the pool says
    open_leads_limit: int | None = None
    #: the first day on which new leads come again
    away_until: date | None = None
    #: at an identity provider
    user_name: str | None = None
    external_id: str | None = None
    memberships: list[MembershipFacts] = []


class OnboardingItemFacts(BaseModel):
    """One thing that the playbook wants the roster to know before leads reach somebody."""

    item: str
    name: str
    is_known: bool


class ReadinessFacts(BaseModel):
    """Whether leads reach somebody today, and what keeps them from it."""

    receives_leads: bool
    #: role, onboarding, no_pool, away; null when leads arrive
    obstacle: str | None
    #: the same in words
    explanation: str
    missing: list[str]
    checklist: list[OnboardingItemFacts]
    #: names of the pools that ask for the person
    pools: list[str]
    away_until: date | None


class PersonDetail(PersonFacts):
    """With every membership of all time, the manager and team of the day asked for, and whether leads arrive."""

    #: the day asked for, by default today
    day: date
    manager: PersonName | None = None
    team_members: list[PersonName] = []
    receives_leads: bool | None = None
    onboarding: ReadinessFacts | None = None


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
    wecom_id: str | None = Field(default=None, max_length=80)
    skills: list[Word] = Field(default=[], max_length=50)
    languages: list[Word] = Field(default=[], max_length=20)
    open_leads_limit: int | None = Field(default=None, ge=0, le=100_000)
    away_until: date | None = None
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
    wecom_id: str | None = Field(default=None, max_length=80)
    skills: list[Word] = Field(default=[], max_length=50)
    languages: list[Word] = Field(default=[], max_length=20)
    open_leads_limit: int | None = Field(default=None, ge=0, le=100_000)
    away_until: date | None = None


class MembershipEnd(Input):
    model_config = _example(until="2026-12-31")

    #: first day on which the position is held no more
    until: date


class Leaving(Input):
    model_config = _example(on="2026-12-31")

    #: first day on which the person is gone
    on: date
    #: takes over leads, customers and tasks; without one the rules, the manager and operations do
    successor_id: UUID | None = None


class NewTeam(Input):
    model_config = _example(name="华东一队", region_id=_EXAMPLE_ID)

    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    region_id: UUID | None = None
    #: code of a working calendar of the playbook
    calendar: str | None = Field(default=None, max_length=40)


class TeamChange(Input):
    """Only the fields that are given change."""

    model_config = _example(calendar="office")

    name: str = Field(default="", min_length=1, max_length=80, pattern=r"\S")
    region_id: UUID | None = None
    calendar: str | None = Field(default=None, max_length=40)


class TeamFacts(BaseModel):
    id: UUID
    name: str
    region_id: UUID | None
    calendar: str | None = None
    external_id: str | None = None


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
