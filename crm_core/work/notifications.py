"""Messages to one person inside the product."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.identifiers import new_id
from crm_core.work.errors import NotificationNotFound
from crm_core.work.tables import Notification


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence by code and parameters; with an origin key the same cause tells a person once."""

    code: str
    parameters: dict[str, Any] = field(default_factory=dict)
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    origin_key: str | None = None


def notify(session: Session, receiver_id: UUID, message: Message) -> None:
    notify_all(session, [(receiver_id, message)])


def notify_all(session: Session, messages: Sequence[tuple[UUID, Message]]) -> None:
    """Many messages, each with its receiver, in one statement."""
    if not messages:
        return
    rows = [
        {
            "id": new_id(),
            "created_at": clock.now(),
            "receiver_id": receiver_id,
            "code": message.code,
            "parameters": message.parameters,
            "customer_id": message.customer_id,
            "lead_id": message.lead_id,
            "origin_key": f"{message.origin_key}:{receiver_id}" if message.origin_key else None,
        }
        for receiver_id, message in messages
    ]
    session.execute(insert(Notification).on_conflict_do_nothing(index_elements=["origin_key"]), rows)


def notifications_of(
    session: Session, receiver_id: UUID, *, only_unread: bool, limit: int = 50, offset: int = 0
) -> tuple[Sequence[Notification], int]:
    """A page of somebody's messages, latest first, and how many there are."""
    condition = Notification.receiver_id == receiver_id
    if only_unread:
        condition &= Notification.read_at.is_(None)
    total = session.scalar(select(func.count()).select_from(Notification).where(condition)) or 0
    statement = select(Notification).where(condition).order_by(Notification.created_at.desc(), Notification.id.desc())
    return session.scalars(statement.limit(limit).offset(offset)).all(), total


def mark_read(session: Session, receiver_id: UUID, notification_id: UUID) -> Notification:
    """Raises NotificationNotFound for a message to somebody else."""
    mine = (Notification.id == notification_id) & (Notification.receiver_id == receiver_id)
    notification = session.scalar(select(Notification).where(mine))
    if notification is None:
        raise NotificationNotFound(notification_id=notification_id)
    notification.read_at = notification.read_at or clock.now()
    session.flush()
    return notification


def mark_all_read(session: Session, receiver_id: UUID) -> int:
    """How many were unread."""
    unread = (Notification.receiver_id == receiver_id) & Notification.read_at.is_(None)
    marked = session.execute(update(Notification).where(unread).values(read_at=clock.now()).returning(Notification.id))
    return len(marked.all())
