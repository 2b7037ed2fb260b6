"""Skill gaps, observations, course assignments."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input
from api.contracts.paging import Page

Source = Literal["accompanied_visit", "recording_review", "diagnosis", "course_test"]
AssignmentState = Literal["assigned", "completed", "withdrawn"]


class Gap(BaseModel):
    """Required minus observed level on the scale 1 to 5, with its 90 % interval; null below three observations."""

    skill: str
    required: float
    observations: int
    observed: float | None
    gap: float | None
    lowest: float | None
    highest: float | None
    is_established: bool
    text: str


class SuggestedCourse(BaseModel):
    code: str
    name: str
    hours: float


class TeamSkill(BaseModel):
    """How many of those with enough data lack a skill; `share` is null where fewer than three have it."""

    skill: str
    name: str
    required: float
    people: int
    people_with_data: int
    lacking: int
    share: float | None
    lowest: float | None
    highest: float | None
    text: str
    courses: list[SuggestedCourse]


class PersonSkills(BaseModel):
    person_id: UUID
    person_name: str
    gaps: list[Gap]


class SkillHeatMap(BaseModel):
    """Skills that most lack first; people in the order of their names."""

    skills: list[TeamSkill]
    people: list[PersonSkills]


class NewObservation(Input):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "person_id": "0198b7c1-7c54-7cc6-8f6e-3c5f3e0e7a11",
                    "skill": "price_objection",
                    "level": 2.5,
                    "observed_on": "2026-03-20",
                    "source": "accompanied_visit",
                    "note": "客户说贵时直接给了折扣",
                }
            ]
        },
    )

    person_id: UUID
    skill: str = Field(max_length=40)
    level: float = Field(ge=1, le=5)
    observed_on: date
    source: Source
    lead_id: UUID | None = None
    note: str | None = Field(default=None, max_length=400)


class ObservationKept(BaseModel):
    """The observation's number, and the person's gap with it."""

    id: UUID
    gap: Gap


class NewAssignment(Input):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "course": "price_negotiation",
                    "person_ids": ["0198b7c1-7c54-7cc6-8f6e-3c5f3e0e7a11"],
                    "due_on": "2026-04-30",
                }
            ]
        },
    )

    course: str = Field(max_length=40)
    person_ids: list[UUID] = Field(min_length=1, max_length=500)
    due_on: date


class Assignment(BaseModel):
    """A course that a person is to take; `gap_then` is the gap when it was assigned."""

    id: UUID
    created_at: datetime
    course: str
    course_name: str
    skill: str | None
    person_id: UUID
    person_name: str
    assigned_by: UUID
    due_on: date
    state: AssignmentState
    completed_at: datetime | None
    gap_then: float | None
    is_overdue: bool


class AssignmentFilter(Page):
    """Which assignments are wanted."""

    person_id: UUID | None = None
    state: AssignmentState | None = None


class Assignments(BaseModel):
    items: list[Assignment]
    total: int
