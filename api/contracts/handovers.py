"""What somebody who leaves held, and where it went or would go."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input
from api.contracts.paging import Page
from api.contracts.people import PersonName

ItemKind = Literal["lead", "presales_role", "customer", "delivery_role", "task", "visit", "report"]


class HandoverItemFacts(BaseModel):
    """One thing and its new owner; neither person nor pool means that it waits for somebody."""

    kind: ItemKind
    record_id: UUID
    name: str
    customer_id: UUID | None
    lead_id: UUID | None
    to_person: PersonName | None
    #: the claim pool in which a lead waits
    to_pool: str | None


class KindCount(BaseModel):
    kind: ItemKind
    count: int


class HandoverFacts(BaseModel):
    """The hand-over of one person; `items` is a page of what was handed over."""

    person: PersonName
    left_on: date
    successor: PersonName | None
    #: null while the day is still to come
    finished_at: datetime | None
    counts: list[KindCount]
    items: list[HandoverItemFacts]
    total: int


class HandoverPreview(BaseModel):
    """What would go where if the person left today; nothing has been changed."""

    person: PersonName
    successor: PersonName | None
    counts: list[KindCount]
    items: list[HandoverItemFacts]
    total: int


class HandoverQuery(Page):
    kind: ItemKind | None = None


class HandoverPreviewQuery(HandoverQuery):
    #: whoever is to take over everything; without one the rules, the manager and operations do
    successor_id: UUID | None = None


class HandoverOrder(Input):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"successor_id": "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f"}]}
    )

    successor_id: UUID | None = Field(default=None)
