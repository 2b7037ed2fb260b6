"""Versions of the playbook."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class PlaybookVersion(Record):
    """One whole playbook; at most one is published, and a published one never changes."""

    __tablename__ = "playbook_versions"
    __table_args__ = (
        Index(
            "uq_playbook_versions_one_published", "status", unique=True, postgresql_where=text("status = 'published'")
        ),
    )

    number: Mapped[int] = mapped_column(unique=True)
    #: draft, published, retired
    status: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None]
