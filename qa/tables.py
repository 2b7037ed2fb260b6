"""Quality checks of documents, and the names that managers have taught."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record

STATUSES = ("queued", "running", "done")


class DocumentCheck(Record):
    """One check of one document: what was asked, what was found, and who let it pass all the same."""

    __tablename__ = "document_checks"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        CheckConstraint("(overridden_by IS NULL) = (override_reason IS NULL)", name="override_has_reason"),
        Index("ix_document_checks_lead_created", "lead_id", "created_at"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    #: what the customer named: {name, unit_expected}
    requested: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    #: how the document names our product; none: by words such as 我方
    own_product: Mapped[str | None] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(10), index=True)
    #: passed or failed, once done
    verdict: Mapped[str | None] = mapped_column(String(10))
    #: why it failed: {code, parameters}
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    detected_kind: Mapped[str | None] = mapped_column(String(20))
    names_customer: Mapped[bool | None]
    #: macros, external links and the like
    warnings: Mapped[list[str]] = mapped_column(JSONB, default=list)
    #: one for each requested parameter
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    overridden_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    override_reason: Mapped[str | None] = mapped_column(String(400))
    overridden_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ParameterAlias(Record):
    """A name in documents that means a parameter as customers say it, taught by overriding a finding."""

    __tablename__ = "parameter_aliases"
    __table_args__ = (UniqueConstraint("name", "label"),)

    name: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(200))
    taught_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    check_id: Mapped[UUID] = mapped_column(ForeignKey("document_checks.id"))
