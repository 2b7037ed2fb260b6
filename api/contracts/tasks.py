"""Tasks, visits and notifications."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.contracts.inputs import Input
from api.contracts.paging import Page

_EXAMPLE_ID = "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f"

TaskStatus = Literal["open", "done", "declined", "cancelled"]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class TaskFacts(BaseModel):
    """Something one person has to do; what is hidden is left out."""

    id: UUID
    created_at: datetime
    kind: str = ""
    title: str = ""
    status: TaskStatus = "open"
    assignee_id: UUID | None = None
    assignee_name: str | None = None
    created_by: UUID | None = None
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    due_at: datetime | None = None
    is_overdue: bool = False
    closed_at: datetime | None = None
    reason: str | None = None
    #: the customer's background pack, for whoever takes over a step
    background_document_id: UUID | None = None


class Tasks(BaseModel):
    items: list[TaskFacts]
    total: int


class TaskQuery(Page):
    #: false: also those of the team, as far as one's role reaches
    mine: bool = True
    status: TaskStatus | None = "open"


class NewTask(Input):
    """A task for oneself or a colleague, about a customer or lead or about nothing."""

    model_config = _example(title="把节电测算发给王总", due_at="2026-03-20T09:00:00+08:00", lead_id=_EXAMPLE_ID)

    title: str = Field(min_length=1, max_length=200)
    assignee_id: UUID | None = None
    due_at: AwareDatetime | None = None
    customer_id: UUID | None = None
    lead_id: UUID | None = None


class TaskCompleted(BaseModel):
    """The task that is done, and the one that this made for somebody."""

    task: TaskFacts
    next_task: TaskFacts | None = None


class Decline(Input):
    model_config = _example(reason="本周排期已满，建议改约下周二")

    reason: str = Field(min_length=1, max_length=400)


class Delegation(Input):
    model_config = _example(assignee_id=_EXAMPLE_ID)

    assignee_id: UUID


class NewVisit(Input):
    model_config = _example(customer_id=_EXAMPLE_ID, planned_at="2026-03-20T14:00:00+08:00", purpose="现场勘测配电房")

    customer_id: UUID
    lead_id: UUID | None = None
    planned_at: AwareDatetime
    purpose: str = Field(min_length=1, max_length=400)


class VisitReport(Input):
    model_config = _example(summary="见到了运维经理，确认变压器余量 300 kVA")

    held_at: AwareDatetime | None = None
    summary: str = Field(min_length=1, max_length=4000)


class VisitFacts(BaseModel):
    """A planned or held meeting; what is hidden is left out."""

    id: UUID
    created_at: datetime
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    owner_id: UUID | None = None
    planned_at: datetime | None = None
    held_at: datetime | None = None
    purpose: str | None = None
    summary: str | None = None


class Visits(BaseModel):
    items: list[VisitFacts]
    total: int


class NotificationFacts(BaseModel):
    id: UUID
    created_at: datetime
    code: str
    text: str
    customer_id: UUID | None
    lead_id: UUID | None
    read_at: datetime | None


class Notifications(BaseModel):
    items: list[NotificationFacts]
    total: int


class NotificationQuery(Page):
    unread: bool = False


class MarkedRead(BaseModel):
    count: int
