"""Versions of the playbook and their rehearsals."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class PlaybookVersion(Record):
    """One whole playbook; at most one is published, and a published one never changes."""

    __tablename__ = "playbook_versions"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published', 'retired', 'discarded')", name="status"),
        CheckConstraint("status IN ('draft', 'discarded') OR number IS NOT NULL", name="numbered"),
        Index(
            "uq_playbook_versions_one_published", "status", unique=True, postgresql_where=text("status = 'published'")
        ),
    )

    #: V1, V2, …: given when it is published
    number: Mapped[int | None] = mapped_column(unique=True)
    #: draft, published, retired, discarded
    status: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    #: the version that it was made from
    base_number: Mapped[int | None]
    #: stage of the version before → stage of this one, for the open leads of stages that are gone
    stage_map: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[UUID | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None]
    #: why it was published without a rehearsal that it passed; null when it passed one
    skip_reason: Mapped[str | None] = mapped_column(String(400))
    #: raised by every write; two people editing one draft at once cannot both win
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's own protocol


class Rehearsal(Record):
    """One replay of a draft on the last days; it speaks for the draft only as long as the content is the same."""

    __tablename__ = "rehearsals"
    __table_args__ = (CheckConstraint("status IN ('waiting', 'running', 'done', 'failed')", name="status"),)

    draft_id: Mapped[UUID] = mapped_column(ForeignKey("playbook_versions.id"), index=True)
    #: of the draft's content and stage map
    content_sha256: Mapped[str] = mapped_column(String(64))
    days: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    leads_total: Mapped[int] = mapped_column(default=0)
    leads_done: Mapped[int] = mapped_column(default=0)
    #: figures and lists, as `crm_core.rehearsal` shapes them
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    finished_at: Mapped[datetime | None]
    #: who has looked at the finished result; publishing needs somebody
    seen_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    seen_at: Mapped[datetime | None]
