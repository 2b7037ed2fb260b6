"""Reads the one history that the database writes; nothing here or elsewhere can change it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_core.foundation.database import Base

#: the functions and triggers that write history; can be run again
TRIGGER_SQL = Path(__file__).with_name("history.sql").read_text(encoding="utf-8")

#: tables that history does not follow, each with its reason
UNTRACKED_TABLES = {
    "history": "it is the history",
    "alembic_version": "kept by the migrations themselves",
}


class HistoryEntry(Base):
    """One change of one record: who, through what, when, and the old and new values of what changed."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_record", "table_name", "record_id", "id"),
        Index("ix_history_changed_at", "changed_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    table_name: Mapped[str] = mapped_column(String(63))
    record_id: Mapped[UUID | None]
    operation: Mapped[str] = mapped_column(String(6))
    old_values: Mapped[dict[str, Any] | None]
    new_values: Mapped[dict[str, Any] | None]
    #: when it happened; equals recorded_at unless an import dated it
    changed_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(String(63))
    request_id: Mapped[str | None] = mapped_column(String(64))
    playbook_version: Mapped[int | None]


def tracking_sql(table_name: str, *concealed_columns: str) -> str:
    """The statement that puts a table under history; concealed columns are noted as changed without their values."""
    arguments = ", ".join(f"'{name}'" for name in (table_name, *concealed_columns))
    return f"SELECT track_history({arguments})"


def changes(session: Session, table_name: str, record_id: UUID, *, limit: int = 200) -> Sequence[HistoryEntry]:
    """What happened to a record, latest first."""
    statement = (
        select(HistoryEntry)
        .where(HistoryEntry.table_name == table_name, HistoryEntry.record_id == record_id)
        .order_by(HistoryEntry.changed_at.desc(), HistoryEntry.id.desc())
        .limit(limit)
    )
    return session.scalars(statement).all()


def state_as_of(session: Session, table_name: str, record_id: UUID, instant: datetime) -> dict[str, Any] | None:
    """All columns of a record as they stood at an instant; None before it existed or after it was deleted."""
    statement = (
        select(HistoryEntry)
        .where(
            HistoryEntry.table_name == table_name,
            HistoryEntry.record_id == record_id,
            HistoryEntry.changed_at <= instant,
        )
        .order_by(HistoryEntry.changed_at, HistoryEntry.id)
    )
    state: dict[str, Any] | None = None
    for entry in session.scalars(statement):
        state = None if entry.operation == "delete" else {**(state or {}), **(entry.new_values or {})}
    return state
