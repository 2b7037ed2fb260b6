"""Methods that people propose, and the register of who used which."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class ProposedMethod(Record):
    """A method that is not in the playbook; part of the library once a trainer accepts it."""

    __tablename__ = "proposed_methods"
    __table_args__ = (CheckConstraint("status IN ('proposed', 'accepted', 'merged', 'rejected')", name="status"),)

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    definition: Mapped[str] = mapped_column(String(2000))
    typical_situations: Mapped[list[str]] = mapped_column(ARRAY(String(200)), server_default=text("'{}'"))
    status: Mapped[str] = mapped_column(String(10))
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    #: code of the method that says the same
    merged_into: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(400))


class MethodUse(Record):
    """A rep uses a method with a lead; registered when it happens, before anyone knows how the deal ends."""

    __tablename__ = "method_uses"
    __table_args__ = (
        UniqueConstraint("lead_id", "rep_id", "method_code"),
        Index("ix_method_uses_method_used", "method_code", "used_at"),
    )

    rep_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"))
    method_code: Mapped[str] = mapped_column(String(40))
    used_at: Mapped[datetime]
    #: the case that the rep learned it from
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
