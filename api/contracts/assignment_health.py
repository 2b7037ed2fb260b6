"""Assignment health: the share of new leads that waits, incidents, and the diagnosis on one page."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.contracts.inputs import Input
from api.contracts.paging import Page


class WaitingFacts(BaseModel):
    """Of the leads that have been here for the waiting hours, those that nobody owns."""

    at: datetime
    since: datetime
    until: datetime
    judged: int
    waiting: int
    in_pools: int
    #: waiting since before the window
    backlog: int
    share: float | None
    lowest: float | None
    highest: float | None
    is_alarming: bool


class AssignmentLimits(BaseModel):
    waiting_hours: float
    alert_share: float
    window_hours: int


class HourFacts(BaseModel):
    hour: datetime
    received: int
    waited: int
    is_judged: bool


class IncidentFacts(BaseModel):
    id: UUID
    status: Literal["open", "closed"]
    opened_at: datetime
    closed_at: datetime | None
    judged: int
    waiting: int
    highest_share: float


class AssignmentHealthView(BaseModel):
    limits: AssignmentLimits
    now: WaitingFacts
    hours: list[HourFacts]
    incidents: list[IncidentFacts]


class HealthHours(Input):
    hours: int = Field(default=96, ge=1, le=24 * 31)


class WaitingQuery(Page):
    """Which leads: those that wait now, all that are judged, or those received within an hour (and waited)."""

    kind: Literal["waiting", "judged", "backlog", "received", "waited"] = "waiting"
    hour: datetime | None = None


class RunFacts(BaseModel):
    decision_id: UUID
    lead_id: UUID
    decided_at: datetime


class ReasonFacts(BaseModel):
    """Why people were left out: in how many decisions, and whom."""

    code: str
    lacks: list[str]
    text: str
    decisions: int
    people: list[str]


class FindingFacts(BaseModel):
    """What a rule, or the fallback (null), came to in the empty decisions."""

    rule: str | None
    name: str
    pool: str
    result: str
    text: str
    decisions: int
    reasons: list[ReasonFacts]


class ChangeFacts(BaseModel):
    """A change near the break, who made it and through what."""

    code: str
    text: str
    at: datetime
    actor_id: UUID | None
    actor_name: str | None
    channel: str
    channel_name: str
    hours_before_break: float
    is_suspected: bool
    people: list[str]
    details: list[str]


class RepairFacts(BaseModel):
    code: str
    text: str


class DiagnosisView(BaseModel):
    """Since when, why, what was changed before, and what to do."""

    incident: IncidentFacts | None
    until: datetime
    last_good: RunFacts | None
    first_empty: RunFacts | None
    empty: int
    good: int
    undecided: int
    #: the story in sentences, in the order of time
    summary: list[str]
    findings: list[FindingFacts]
    #: suspected ones first, then by closeness to the break
    changes: list[ChangeFacts]
    #: the suspected ones in the order of time
    causes: list[ChangeFacts]
    repairs: list[RepairFacts]
