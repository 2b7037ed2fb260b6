"""Who holds which title."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class MethodTitle(Record):
    """方法论认证师 of a method: held while the evidence carries it, lapsed when it no longer does."""

    __tablename__ = "method_titles"
    __table_args__ = (
        UniqueConstraint("person_id", "method_code"),
        CheckConstraint("state IN ('provisional', 'certified', 'lapsed')", name="state"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    method_code: Mapped[str] = mapped_column(String(40), index=True)
    #: provisional (试点通过), certified, lapsed
    state: Mapped[str] = mapped_column(String(12))
    since: Mapped[datetime]
    #: the figures that the state rests on
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
