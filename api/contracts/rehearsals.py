"""Rehearsals of drafts: what was replayed, what it would change, and the lists behind the figures."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input
from api.contracts.paging import Page

RehearsalStatus = Literal["waiting", "running", "done", "failed"]
FindingKind = Literal["assignment", "move", "alarm", "stage"]


class RehearsalWish(Input):
    """How many days back; none: as many as the playbook in force wants."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"days": 30}]})

    days: int | None = Field(default=None, ge=1, le=365)


class Check(BaseModel):
    """A threshold of the playbook in force; a figure that nothing is known of is null and within bounds."""

    check: Literal["days", "newly_unassigned", "newly_blocked", "load_growth"]
    name: str
    figure: float | None
    limit: float
    is_met: bool
    #: load_growth: whose load grows most
    person_name: str | None = None


class TwoSided(BaseModel):
    """How many under the rules in force, and under the draft; `code` narrows the list: `old_…` and `new_…`."""

    code: str
    name: str
    old: int
    new: int


class PersonLoad(BaseModel):
    """How many leads somebody really got, and gets on either side."""

    person_id: UUID
    name: str
    actual: int
    old: int
    new: int


class Flow(BaseModel):
    """Leads that go from one place to another; the codes say which people, pools or nobody."""

    from_code: str
    from_name: str
    to_code: str
    to_name: str
    leads: int


class AssignmentSide(BaseModel):
    """`decided`: leads that rules really placed; `replayed_alike`: those that the rules in force place alike."""

    leads: int
    lead_days: int
    decided: int
    replayed_alike: int
    changes: dict[str, int]
    actual_outcomes: dict[str, int]
    outcomes: list[TwoSided]
    rules: list[TwoSided]
    people: list[PersonLoad]
    people_total: int
    flows: list[Flow]


class GateSide(BaseModel):
    """Moves that were made; `items` is what the refused ones lack."""

    moves: int
    old_blocked: int
    new_blocked: int
    changes: dict[str, int]
    items: list[TwoSided]


class AlarmSide(BaseModel):
    """Steps of ladders that ring."""

    stays: int
    old: int
    new: int
    changes: dict[str, int]
    stages: list[TwoSided]
    days: list[TwoSided]
    receivers: list[TwoSided]


class StageChange(BaseModel):
    """A stage that is gone, with its leads and where the map takes them, or a new one."""

    stage: str
    name: str
    change: Literal["gone", "added"]
    target_name: str | None
    leads: int


class AccessCell(BaseModel):
    """Something that a role sees, changes, reaches or may do otherwise; `people` hold the role today."""

    kind: Literal["field", "scope", "right"]
    role: str
    record: str
    record_name: str
    field_name: str
    old: str
    new: str
    is_more: bool
    people: int


class ReviewRow(BaseModel):
    """A review of a stage that either side calls for; values of shares are 0 to 1, of times hours."""

    trigger: str
    name: str
    stage_name: str
    measure: str
    #: null: the whole company
    group_name: str | None
    change: Literal["new", "gone", "same"]
    value: float
    bound: float | None
    #: leads that the figure rests on
    count: int


class RehearsalResult(BaseModel):
    """Both sides; `is_thin`: too little history to rest on."""

    window_start: datetime
    window_end: datetime
    base_version: int
    is_thin: bool
    passed: bool
    checks: list[Check]
    assignment: AssignmentSide
    gates: GateSide
    alarms: AlarmSide
    stages: list[StageChange]
    access: list[AccessCell]
    #: empty where both sides have the same triggers
    reviews: list[ReviewRow]
    #: names of the parts of the playbook that differ
    sections: list[str]


class RehearsalFacts(BaseModel):
    """A rehearsal; `is_current`: it speaks for the draft as it is now."""

    id: UUID
    draft_id: UUID
    created_at: datetime
    days: int
    status: RehearsalStatus
    leads_done: int
    leads_total: int
    started_by_name: str | None
    finished_at: datetime | None
    seen_by_name: str | None
    seen_at: datetime | None
    is_current: bool
    #: failed: why, and what to do
    problem: str | None = None
    result: RehearsalResult | None = None


class Rehearsals(BaseModel):
    items: list[RehearsalFacts]
    total: int


class FindingQuery(Page):
    """Which part of which list; several codes must all hold."""

    kind: FindingKind = "assignment"
    change: list[str] = Field(default_factory=list, max_length=20)
    code: list[str] = Field(default_factory=list, max_length=10)
    old_owner_id: UUID | None = None
    new_owner_id: UUID | None = None
    changed: bool | None = None


class Finding(BaseModel):
    """One lead, move or alarm on both sides, in words; titles and names only where the viewer may read them."""

    lead_id: UUID
    title: str | None = None
    customer_name: str | None = None
    happened_at: datetime
    change: str
    change_name: str
    about: str
    actual: str | None = None
    old: str
    new: str
    details: dict[str, Any]


class Findings(BaseModel):
    items: list[Finding]
    total: int
