"""Customers, their contacts, and everything about one of them on one page."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.contracts.documents import DocumentFacts
from api.contracts.inputs import Input
from api.contracts.leads import LeadFacts
from api.contracts.paging import Page
from api.contracts.tasks import TaskFacts
from api.contracts.timeline import EntryFacts

_EXAMPLE_ID = "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f"


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class CustomerValues(Input):
    """Fields of a customer that people write; one that is not given stays as it is."""

    name: str | None = Field(default=None, max_length=200)
    industry: str | None = Field(default=None, max_length=80)
    size: str | None = Field(default=None, max_length=20)
    region_id: UUID | None = None
    owner_id: UUID | None = None
    city: str | None = Field(default=None, max_length=80)
    source: str | None = Field(default=None, max_length=40)
    situation: str | None = Field(default=None, max_length=20_000)
    budget_range: str | None = Field(default=None, max_length=80)
    technical_solution: str | None = Field(default=None, max_length=20_000)
    delivery_risks: str | None = Field(default=None, max_length=20_000)
    delivery_owner_id: UUID | None = None
    invoice_qualification: str | None = Field(default=None, max_length=200)
    products: str | None = Field(default=None, max_length=400)


class CustomerFacts(CustomerValues):
    """A customer as far as the viewer may read it: what is hidden is left out."""

    id: UUID
    created_at: datetime
    owner_name: str | None = None
    delivery_owner_name: str | None = None
    region_name: str | None = None


class Customers(BaseModel):
    items: list[CustomerFacts]
    total: int


class CustomerQuery(Page):
    """Search by name, pinyin or initials; filters; order."""

    search: str | None = Field(default=None, max_length=100)
    industry: str | None = None
    size: str | None = None
    city: str | None = None
    region_id: UUID | None = None
    owner_id: UUID | None = None
    sort: Literal["name", "industry", "city", "size", "budget_range", "created_at"] = "name"
    order: Literal["ascending", "descending"] = "ascending"


class NewCustomer(CustomerValues):
    """A new customer; `is_distinct` says that one of a similar name is another company."""

    model_config = _example(name="阳澄光伏电站运营有限公司", industry="光伏电站运营商", size="medium", city="苏州")

    name: str = Field(min_length=1, max_length=200)
    is_distinct: bool = False


class CustomerChange(Input):
    """What to write, and what the viewer saw there before: another value by now is a conflict."""

    model_config = _example(changes={"budget_range": "80–120 万"}, expected={"budget_range": "50–80 万"})

    changes: CustomerValues
    expected: CustomerValues = CustomerValues()


class ContactValues(Input):
    model_config = _example(name="王建国", title="运维总监", decision_role="influencer", mobile="13800000000")

    name: str | None = Field(default=None, max_length=80)
    title: str | None = Field(default=None, max_length=80)
    decision_role: str | None = Field(default=None, max_length=20)
    mobile: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=200)
    wechat: str | None = Field(default=None, max_length=80)
    #: when this person was heard about the deal
    interviewed_at: AwareDatetime | None = None


class NewContact(ContactValues):
    name: str = Field(min_length=1, max_length=80)


class ContactFacts(ContactValues):
    """A person at the customer; what is hidden is left out."""

    id: UUID
    created_at: datetime
    interviewed_at: datetime | None = None


class Contacts(BaseModel):
    items: list[ContactFacts]
    total: int


class PaymentFacts(BaseModel):
    id: UUID
    created_at: datetime
    contract_id: UUID | None = None
    due_on: date | None = None
    amount: Decimal | None = None
    invoiced_on: date | None = None
    paid_on: date | None = None


class ContractFacts(BaseModel):
    id: UUID
    created_at: datetime
    lead_id: UUID | None = None
    number: str | None = None
    status: str | None = None
    amount: Decimal | None = None
    signed_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    renewed_by_id: UUID | None = None
    payments: list[PaymentFacts] = []


class TicketFacts(BaseModel):
    id: UUID
    created_at: datetime
    number: str | None = None
    kind: str | None = None
    title: str | None = None
    opened_at: datetime | None = None
    due_on: date | None = None
    closed_at: datetime | None = None


class CustomerPage(BaseModel):
    """One page for every role; a block that the viewer's role does not read is left out."""

    facts: CustomerFacts
    #: fields of the customer that the viewer may change
    editable: list[str]
    contacts: list[ContactFacts] | None = None
    leads: list[LeadFacts]
    documents: list[DocumentFacts] | None = None
    contracts: list[ContractFacts] | None = None
    tickets: list[TicketFacts] | None = None
    tasks: list[TaskFacts]
    timeline: list[EntryFacts] | None = None
    timeline_total: int = 0


class FieldChangeFacts(BaseModel):
    """One change of one field."""

    field: str
    old: Any = None
    new: Any = None
    changed_at: datetime
    actor_id: UUID | None = None
    actor_name: str | None = None
    channel: str


class FieldHistory(BaseModel):
    items: list[FieldChangeFacts]
    total: int
