"""Incidents of assignment, and when processes of the product started."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class AssignmentIncident(Record):
    """A time in which too many new leads waited for an owner; at most one is open."""

    __tablename__ = "assignment_incidents"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        Index("uq_assignment_incidents_one_open", "status", unique=True, postgresql_where=text("status = 'open'")),
    )

    status: Mapped[str] = mapped_column(String(8), default="open")
    opened_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    #: leads that were long enough here to be judged, and those of them without an owner, at the worst moment
    judged: Mapped[int]
    waiting: Mapped[int]
    highest_share: Mapped[float]


class ProcessStart(Record):
    """A server or worker started; a change of version or database revision between two starts is a deployment."""

    __tablename__ = "process_starts"

    #: server, worker
    process: Mapped[str] = mapped_column(String(20))
    product_version: Mapped[str] = mapped_column(String(40))
    database_revision: Mapped[str | None] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(index=True)
