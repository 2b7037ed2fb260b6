"""Tasks, visits, notifications."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class Task(Record):
    """Something one person has to do by a time. Made by people (title) or by the product (code and parameters)."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'done', 'declined', 'cancelled')", name="status"),
        Index("ix_tasks_assignee_status_due", "assignee_id", "status", "due_at"),
    )

    assignee_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"), index=True)
    #: demo_request, second_visit, decision_chain_map, follow_up, course, review, other
    kind: Mapped[str] = mapped_column(String(30))
    title: Mapped[str | None] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(60))
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    due_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(12), default="open")
    closed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(400))
    #: the same cause makes the same task once, whatever restarts
    origin_key: Mapped[str | None] = mapped_column(String(200), unique=True)


class Visit(Record):
    """A planned or held meeting with a customer."""

    __tablename__ = "visits"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"), index=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    planned_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    purpose: Mapped[str | None] = mapped_column(String(400))
    summary: Mapped[str | None]


class Notification(Record):
    """A message to one person inside the product."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_receiver_created", "receiver_id", "created_at"),)

    receiver_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    code: Mapped[str] = mapped_column(String(60))
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"))
    read_at: Mapped[datetime | None]
    origin_key: Mapped[str | None] = mapped_column(String(200), unique=True)
