"""Stage health: figures with what they rest on, and the leads behind each."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.contracts.inputs import Input
from api.contracts.paging import Offset

Clock = Literal["wall", "working"]
GroupKind = Literal["region", "team", "person"]
Figure = Literal["open", "overdue", "entered", "forward", "back", "lost", "parked", "undecided", "went_back", "stayed"]


class HealthQuery(Input):
    """Leads that entered a stage in the window; the last 90 days when nothing else is said."""

    since: datetime | None = None
    until: datetime | None = None
    #: hours of dwell pass day and night, or as the calendar of the owner's team says
    clock: Clock = "wall"
    region_id: UUID | None = None
    team_id: UUID | None = None
    person_id: UUID | None = None
    source: str | None = Field(default=None, max_length=40)
    product: str | None = Field(default=None, max_length=120)
    horizon_days: int = Field(default=30, ge=1, le=3650)


class GroupQuery(HealthQuery):
    by: GroupKind = "team"


class BehindQuery(HealthQuery):
    """Which number is opened: a figure of a stage, with the column of the heat map or the week it stands in."""

    stage: str = Field(max_length=40)
    figure: Figure
    age: int | None = Field(default=None, ge=0, le=20)
    week: date | None = None
    limit: int = Field(default=50, ge=1, le=200)
    offset: Offset = 0


class Estimate(BaseModel):
    """A figure with its 95 % interval; null where the data are too few or do not reach so far."""

    value: float | None
    lowest: float | None
    highest: float | None


class DwellFacts(BaseModel):
    """Kaplan–Meier over the stays that began in the window, running ones counted as not ended."""

    stays: int
    ended: int
    is_enough: bool
    median_hours: Estimate
    p90_hours: Estimate
    #: of each stay at most `mean_until_hours` are counted
    mean_hours: float | None
    mean_until_hours: float | None
    #: hours, share still there, lowest and highest share
    curve: list[tuple[float, float, float, float]] = []


class StepFacts(BaseModel):
    """What became of the leads that entered the stage; each is counted once, however often it came back."""

    entered: int
    forward: int
    back: int
    lost: int
    parked: int
    undecided: int
    #: forward, lost or parked: what the conversion rests on
    decided: int
    is_enough: bool
    conversion: Estimate
    conversion_within_horizon: Estimate


class BackFlowFacts(BaseModel):
    ended: int
    back: int
    share: Estimate


class StandingFacts(BaseModel):
    """Open leads in the stage now; `ages` has a column for each edge and one for older ones."""

    open: int
    overdue: int
    overdue_share: Estimate
    ages: list[int]


class LossReason(BaseModel):
    code: str
    name: str
    count: int


class StageFacts(BaseModel):
    stage: str
    name: str
    standing: StandingFacts
    dwell: DwellFacts
    step: StepFacts
    back_flow: BackFlowFacts
    #: left out where reasons may not be read
    loss_reasons: list[LossReason] | None = None


class WeekFacts(BaseModel):
    """A stage in one week of entering; `week` is its Monday."""

    week: date
    stage: str
    dwell: DwellFacts
    step: StepFacts
    back_flow: BackFlowFacts


class StageHealthView(BaseModel):
    since: datetime
    until: datetime
    clock: Clock
    horizon_days: int
    #: with fewer, a figure is withheld
    fewest: int
    leads: int
    age_edges_hours: list[float]
    stages: list[StageFacts]
    weeks: list[WeekFacts]


class GroupFacts(BaseModel):
    id: UUID
    name: str
    stages: list[StageFacts]


class Groups(BaseModel):
    by: GroupKind
    items: list[GroupFacts]
    total: int


class ReviewFacts(BaseModel):
    """A review that was called for, and the figure that called for it."""

    task_id: UUID
    title: str
    status: str
    assignee_name: str | None
    made_at: datetime
    due_at: datetime | None
    stage: str
    stage_name: str
    measure: str
    group_id: UUID | None
    figure: Estimate
    count: int
    leads: int


class Reviews(BaseModel):
    items: list[ReviewFacts]
    total: int
