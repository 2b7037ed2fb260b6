"""Who got a lead and why, what would happen to one, and where the rotations stand."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.contracts.inputs import Code, Input
from api.contracts.paging import Page

_EXAMPLE_ID = "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f"

AssignmentOutcome = Literal["assigned", "pooled", "unassigned"]
AssignmentCause = Literal["arrival", "retry", "recycle", "handover", "manual", "claim", "release"]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class CandidateFacts(BaseModel):
    """Somebody who could have had the lead, with the numbers that ranked them; best first."""

    person_id: UUID
    person_name: str
    turns: int
    open_leads: int
    given_today: int
    #: share of such customers that this person is expected to win; of the strategy best_fit
    rate: float | None = None
    is_chosen: bool = False


class LeftOut(BaseModel):
    """Somebody on the roster who did not get the lead, with the reason in words."""

    person_id: UUID
    person_name: str
    reason: str
    text: str


class DecisionStep(BaseModel):
    """One rule that was tried, or the fallback; candidates and the left out for whoever may reassign leads."""

    #: null for the fallback
    rule: str | None
    pool: str
    result: Literal["condition_failed", "pool_empty", "nobody", "assigned", "pooled", "disabled"]
    text: str
    candidates: list[CandidateFacts] = []
    left_out: list[LeftOut] = []
    #: of those outside the pool some are only counted here
    left_out_count: int = 0


class DecisionFacts(BaseModel):
    """One decision about a lead, in words."""

    id: UUID
    lead_id: UUID
    lead_title: str | None = None
    decided_at: datetime
    cause: AssignmentCause
    cause_name: str
    outcome: AssignmentOutcome
    text: str
    rule: str | None = None
    pool: str | None = None
    pool_name: str | None = None
    owner_id: UUID | None = None
    owner_name: str | None = None
    previous_owner_name: str | None = None
    decided_by_name: str | None = None
    #: why no rule placed it, or what a person said
    reason: str | None = None
    playbook_version: int | None = None
    roster_digest: str | None = None
    steps: list[DecisionStep] = []
    #: what spoke against an owner who was chosen by hand
    warnings: list[str] = []


class Decisions(BaseModel):
    items: list[DecisionFacts]
    total: int


class DecisionQuery(Page):
    cause: AssignmentCause | None = None
    outcome: AssignmentOutcome | None = None
    pool: Code | None = None
    rule: Code | None = None
    owner_id: UUID | None = None


class LeadAssignment(Input):
    """Without an owner the rules place the lead; with one it goes there, for a reason."""

    model_config = _example(owner_id=_EXAMPLE_ID, reason="客户要求本地销售跟进")

    owner_id: UUID | None = None
    reason: str = Field(default="", max_length=400)


class DecisionReplay(BaseModel):
    """Whether the decision, taken again from what is kept, is the same bit for bit."""

    is_identical: bool
    problem: Literal["not_by_rules", "playbook_missing", "rules_changed", "roster_missing", "different"] | None = None


class LeadToTry(Input):
    """A lead that does not exist; the region by code or name."""

    model_config = _example(region="east", industry="光伏电站运营商", size="large", source="exhibition")

    region: str | None = Field(default=None, max_length=80)
    industry: str | None = Field(default=None, max_length=80)
    size: str | None = Field(default=None, max_length=20)
    city: str | None = Field(default=None, max_length=80)
    source: str | None = Field(default=None, max_length=40)
    product: str | None = Field(default=None, max_length=120)
    language: str | None = Field(default=None, max_length=20)
    amount: Decimal | None = Field(default=None, ge=0, lt=10**12)
    account_owner_id: UUID | None = None
    #: now, where it is not given
    received_at: AwareDatetime | None = None


class TriedLead(BaseModel):
    """What would happen to it now; nothing has been written."""

    outcome: AssignmentOutcome
    text: str
    rule: str | None = None
    pool: str | None = None
    pool_name: str | None = None
    owner_id: UUID | None = None
    owner_name: str | None = None
    reason: str | None = None
    steps: list[DecisionStep]


class RotationPlace(BaseModel):
    """Somebody in a rotation; `turns` is the place in it, `given` what it really gave."""

    person_id: UUID
    person_name: str
    region_name: str | None = None
    turns: int
    given: int
    given_today: int
    open_leads: int
    limit: int | None = None
    weight: int
    #: what keeps them from leads now, in words
    held_back: str | None = None


class RotationFacts(BaseModel):
    pool: str
    pool_name: str
    strategy: Literal["round_robin", "weighted", "least_loaded", "best_fit"]
    places: list[RotationPlace]


class Rotations(BaseModel):
    items: list[RotationFacts]
    #: open leads within reach that nobody owns
    waiting: int


class RunPromised(BaseModel):
    """Placing starts at once, beside the request."""

    waiting: int
