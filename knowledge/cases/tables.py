"""Won cases and what proves them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.customers.tables import Money
from crm_core.foundation.database import Record


class Case(Record):
    """One won deal and how it was won. Amount, margin and cycle are the lead's own, never typed."""

    __tablename__ = "cases"
    __table_args__ = (CheckConstraint("status IN ('draft', 'published', 'retired')", name="status"),)

    title: Mapped[str] = mapped_column(String(200))
    industry: Mapped[str | None] = mapped_column(String(80))
    #: of the customer when it was won, in words: 门店67家
    size: Mapped[str | None] = mapped_column(String(80))
    region: Mapped[str | None] = mapped_column(String(120))
    situation: Mapped[str | None] = mapped_column(String(2000))
    #: codes of the lexicon
    pain_points: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default=text("'{}'"))
    products: Mapped[list[str]] = mapped_column(ARRAY(String(120)), server_default=text("'{}'"))
    key_actions: Mapped[list[str]] = mapped_column(ARRAY(String(200)), server_default=text("'{}'"))
    story: Mapped[str]
    cycle_days: Mapped[int]
    margin: Mapped[float | None]
    amount: Mapped[Decimal | None] = mapped_column(Money)
    signed_on: Mapped[date]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"), unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    #: whoever won it
    rep_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    #: whoever answers for it being true today
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    status: Mapped[str] = mapped_column(String(10), index=True)
    published_at: Mapped[datetime | None]
    verified_on: Mapped[date | None]
    #: the day from which somebody must say again that it holds
    expires_on: Mapped[date | None] = mapped_column(index=True)
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__: Any = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol


class CaseMethod(Record):
    """A method that won a case: a code of the playbook, or of a method that somebody proposed."""

    __tablename__ = "case_methods"
    __table_args__ = (UniqueConstraint("case_id", "method_code"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    method_code: Mapped[str] = mapped_column(String(40), index=True)


class CaseEvidence(Record):
    """A file that proves part of a case: a redacted bill, a calculation, a photograph."""

    __tablename__ = "case_evidence"
    __table_args__ = (UniqueConstraint("case_id", "sha256"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int]
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))


class CaseEmbedding(Record):
    """The vector of a case by one text model; the search index is a cache of these."""

    __tablename__ = "case_embeddings"
    __table_args__ = (UniqueConstraint("case_id", "model"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    model: Mapped[str] = mapped_column(String(200))
    #: of the text that was encoded, so that a changed story is encoded anew
    text_sha256: Mapped[str] = mapped_column(String(64))
    #: float32, little-endian
    vector: Mapped[bytes] = mapped_column(LargeBinary)
