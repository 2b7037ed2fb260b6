"""Leads, their moves through the gate, and the stage board."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input
from api.contracts.paging import Page

_EXAMPLE_ID = "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f"

Outcome = Literal["open", "won", "lost", "parked"]
PaymentState = Literal["contract", "invoiced", "paid"]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class LeadFacts(BaseModel):
    """A lead as far as the viewer may read it: what is hidden is left out."""

    id: UUID
    created_at: datetime
    customer_id: UUID | None = None
    customer_name: str | None = None
    title: str | None = None
    source: str | None = None
    product: str | None = None
    #: zh, en, …: what the customer wants to be spoken to in
    language: str | None = None
    #: its number in the system that it came from
    external_number: str | None = None
    region_id: UUID | None = None
    owner_id: UUID | None = None
    owner_name: str | None = None
    owned_since: datetime | None = None
    #: code of the claim pool in which it waits
    pool: str | None = None
    #: when it came to us
    received_at: datetime | None = None
    presales_id: UUID | None = None
    presales_name: str | None = None
    stage: str | None = None
    stage_name: str | None = None
    stage_entered_at: datetime | None = None
    #: longer in its stage than the limit
    is_overdue: bool | None = None
    outcome: Outcome | None = None
    outcome_at: datetime | None = None
    outcome_reason: str | None = None
    payment_state: PaymentState | None = None
    expected_sign_on: date | None = None
    amount: Decimal | None = None
    margin: float | None = None
    incentive_policy: str | None = None
    back_moves: int | None = None
    version: int | None = None
    #: what the playbook's stages ask for, by field code
    fields: dict[str, Any] = {}


class LeadDetail(LeadFacts):
    """With the codes of the fields that the viewer may change."""

    editable: list[str] = []


class Leads(BaseModel):
    items: list[LeadFacts]
    total: int


class LeadFilter(Input):
    """Which leads; what is not given does not matter."""

    search: str | None = Field(default=None, max_length=100)
    mine: bool = False
    stage: str | None = None
    outcome: Outcome | None = None
    payment_state: PaymentState | None = None
    owner_id: UUID | None = None
    region_id: UUID | None = None
    customer_id: UUID | None = None
    source: str | None = None
    overdue: bool | None = None


class LeadQuery(LeadFilter, Page):
    """Search, filters and order of the lead list."""

    sort: Literal[
        "title",
        "stage_entered_at",
        "expected_sign_on",
        "amount",
        "outcome_at",
        "is_overdue",
        "back_moves",
        "margin",
        "created_at",
    ] = "created_at"
    order: Literal["ascending", "descending"] = "descending"


class NewLead(Input):
    """A lead starts in the first stage; a rep who names no owner becomes it."""

    model_config = _example(
        customer_id=_EXAMPLE_ID, title="光伏电站储能改造", values={"source": "exhibition", "product": "液冷储能柜"}
    )

    customer_id: UUID
    title: str = Field(min_length=1, max_length=200)
    #: further fields by code: columns of the lead, and what the playbook's stages ask for
    values: dict[str, Any] = Field(default_factory=dict)


class LeadChange(Input):
    """Fields by code; null clears one."""

    model_config = _example(
        changes={"contact_channel": "wecom", "contact_result": "约定周四现场勘测"}, expected_version=3
    )

    changes: dict[str, Any] = Field(min_length=1)
    #: the version that the change is based on; another one by now is refused
    expected_version: int | None = None


class _Move(Input):
    expected_version: int | None = None


class Forward(_Move):
    """One stage forwards; `override_reason` goes through a closed gate, which needs the right gate.override."""

    kind: Literal["forward"]
    to_stage: str
    override_reason: str | None = Field(default=None, max_length=400)


class Back(_Move):
    """To an earlier stage, with a reason."""

    kind: Literal["back"]
    to_stage: str
    reason: str = Field(max_length=400)


class Win(_Move):
    """The contract is signed."""

    kind: Literal["won"]
    override_reason: str | None = Field(default=None, max_length=400)


class GiveUp(_Move):
    """Lost or parked, with a reason code of the playbook."""

    kind: Literal["lost", "parked"]
    reason: str = Field(max_length=40)
    note: str | None = Field(default=None, max_length=400)


class Reopen(_Move):
    kind: Literal["reopened"]
    reason: str = Field(max_length=400)


class Withdraw(_Move):
    """The contract was not signed after all; needs the right gate.withdraw_win, and no invoice yet."""

    kind: Literal["withdrawn"]
    reason: str = Field(max_length=400)


class PaymentStep(_Move):
    """The invoice is out, or the money is in."""

    kind: Literal["invoiced", "paid"]


AnyMove = Annotated[Forward | Back | Win | GiveUp | Reopen | Withdraw | PaymentStep, Field(discriminator="kind")]


class LeadMove(Input):
    """One move through the gate."""

    model_config = _example(move={"kind": "forward", "to_stage": "first_contact", "expected_version": 1})

    move: AnyMove


class MoveFacts(BaseModel):
    """A move that was made; reasons are left out for those who may not read outcome reasons."""

    id: UUID
    kind: str
    from_stage: str | None = None
    to_stage: str
    moved_at: datetime
    moved_by: UUID | None = None
    moved_by_name: str | None = None
    reason: str | None = None
    is_override: bool = False
    dwell_seconds: float | None = None


class Moves(BaseModel):
    items: list[MoveFacts]
    total: int


class MissingThing(BaseModel):
    """What holds a lead back, and how to supply it."""

    kind: Literal["field", "document", "check", "stage_order"]
    code: str
    stage: str
    label: str
    how: str
    reasons: list[dict[str, Any]] = []


class GateView(BaseModel):
    """Whether the gate to the next stage is open; null next_stage: the next step is the contract."""

    stage: str
    next_stage: str | None
    is_open: bool
    missing: list[MissingThing]


class BoardStage(BaseModel):
    """Open leads of a stage; amount is left out where it may not be read."""

    stage: str
    name: str
    count: int
    overdue: int
    amount: Decimal | None = None


class BoardView(BaseModel):
    """Signed is not paid: won leads are counted by how far the money is."""

    stages: list[BoardStage]
    outcomes: dict[str, int]
    payments: dict[str, int] | None = None


class ChainRequest(Input):
    """Start a chain of tasks for a lead, such as the presales demo."""

    model_config = _example(chain="presales_demo")

    chain: str
    #: a presales colleague by name; otherwise the lead's, or the one with the fewest open tasks
    presales_id: UUID | None = None
