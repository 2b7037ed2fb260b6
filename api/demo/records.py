"""What the generator yields: plain values, linked by codes, close to the product's tables."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

Role = Literal["rep", "presales", "delivery", "finance", "trainer", "manager", "director", "operations", "admin"]
Tier = Literal["top", "solid", "new"]
Outcome = Literal["open", "won", "lost", "parked"]
MoveKind = Literal["created", "forward", "back", "won", "lost", "parked", "invoiced", "paid"]
PaymentState = Literal["contract", "invoiced", "paid"]
CustomerSize = Literal["small", "medium", "large", "group"]


@dataclass(frozen=True, slots=True)
class Region:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Team:
    code: str
    name: str
    region_code: str | None
    #: codes of the industries that its reps sell to
    industries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Membership:
    """One role in one team for a span of days; `until` is exclusive, None is open."""

    role: Role
    team_code: str
    region_code: str | None
    manager_code: str | None
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    code: str
    name: str
    mobile: str
    email: str
    hired_on: date
    left_on: date | None
    memberships: tuple[Membership, ...]
    #: how good a rep truly is; None for everybody else. Not known to the product
    tier: Tier | None = None
    login_name: str | None = None

    def membership_on(self, day: date) -> Membership:
        """The role and team of a day; the nearest one outside the years of service."""
        for membership in self.memberships:
            if membership.until is None or day < membership.until:
                return membership
        return self.memberships[-1]

    @property
    def role(self) -> Role:
        return self.memberships[-1].role


@dataclass(frozen=True, slots=True)
class Requirement:
    """A parameter that a customer named, or that a product has: 响应时间 ≤ 200 ms."""

    name: str
    comparator: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Product:
    code: str
    name: str
    industry: str
    list_price: int
    parameters: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    code: str
    name: str
    customer_type: str
    industry: str
    size: CustomerSize
    region_code: str
    city: str
    owner_code: str
    source: str
    situation: str
    budget_range: str
    invoice_qualification: str | None
    delivery_owner_code: str | None
    products: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    code: str
    customer_code: str
    name: str
    title: str
    decision_role: str
    mobile: str
    email: str
    interviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StageMove:
    """A change of stage, or of outcome when the stages are equal."""

    from_stage: str | None
    to_stage: str
    moved_at: datetime
    moved_by: str
    dwell_seconds: float | None
    kind: MoveKind
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OwnerChange:
    from_code: str
    to_code: str
    changed_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class MethodUse:
    method: str
    rep_code: str
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The needs-diagnosis report: exactly three pains, the voice summary's words, the named parameters."""

    submitted_at: datetime
    submitted_by: str
    pain_points: tuple[str, str, str]
    #: the words of the summary that support each pain point; None where none do
    quotes: tuple[str | None, str | None, str | None]
    voice_summary: str
    parameters: tuple[Requirement, ...]
    #: 方案匹配度评分, 0 to 100
    fit_score: int | None


@dataclass(frozen=True, slots=True)
class Quote:
    version: int
    quoted_at: datetime
    amount: int
    margin: float


@dataclass(frozen=True, slots=True)
class Payment:
    label: str
    due_on: date
    amount: int
    invoiced_on: date | None
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Contract:
    number: str
    signed_on: date
    starts_on: date
    ends_on: date
    amount: int
    status: Literal["signed", "ended"]
    payments: tuple[Payment, ...]
    #: number of the contract that continues this one
    renewed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """Something done with a customer. `work` tells new business from renewals; minutes are the rep's own time."""

    code: str
    at: datetime
    kind: Literal["call", "visit", "message", "email", "quote_sent", "note"]
    channel: str
    by: str
    minutes: int
    work: Literal["new_business", "renewal"]
    summary: str
    lead_code: str | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    number: str
    kind: Literal["delivery", "fault", "question"]
    title: str
    opened_at: datetime
    due_on: date
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class WonCase:
    code: str
    title: str
    situation: str
    story: str
    key_actions: tuple[str, ...]
    methods: tuple[str, ...]
    pain_points: tuple[str, ...]
    cycle_days: int
    margin: float
    amount: int
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class Lead:
    code: str
    title: str
    product_code: str
    source: str
    region_code: str
    #: owner at the end of the story
    owner_code: str
    presales_code: str | None
    stage: str
    stage_entered_at: datetime
    outcome: Outcome
    outcome_at: datetime | None
    outcome_reason: str | None
    payment_state: PaymentState | None
    expected_sign_on: date | None
    amount: int
    margin: float
    created_at: datetime
    moves: tuple[StageMove, ...]
    #: what each stage's gate asks for, by stage and field code
    fields: dict[str, dict[str, Any]]
    owner_changes: tuple[OwnerChange, ...] = ()
    methods: tuple[MethodUse, ...] = ()
    diagnosis: Diagnosis | None = None
    quotes: tuple[Quote, ...] = ()
    contract: Contract | None = None
    case: WonCase | None = None


@dataclass(frozen=True, slots=True)
class Task:
    kind: str
    title: str
    assignee_code: str
    lead_code: str
    created_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    owner_code: str
    lead_code: str
    purpose: str
    created_at: datetime
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """One customer with everything that hangs on it: the unit in which the company streams."""

    customer: Customer
    contacts: tuple[Contact, ...]
    leads: tuple[Lead, ...] = ()
    activities: tuple[Activity, ...] = ()
    #: contracts outside the leads: earlier years and renewals
    contracts: tuple[Contract, ...] = ()
    tickets: tuple[Ticket, ...] = ()


@dataclass(frozen=True, slots=True)
class SkillObservation:
    person_code: str
    skill: str
    level: float
    observed_on: date
    observer_code: str


@dataclass(frozen=True, slots=True)
class CourseAttendance:
    person_code: str
    course: str
    assigned_on: date
    completed_on: date | None
