"""The ledger. The database refuses a transaction that does not sum to zero, an overdraft, and any change afterwards."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class PointAccount(Record):
    """A person's points, or the company's account that issues them (no person, may go below zero)."""

    __tablename__ = "point_accounts"
    __table_args__ = (CheckConstraint("(person_id IS NULL) = (code IS NOT NULL)", name="owner"),)

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), unique=True)
    #: of a company account: issued
    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    #: the person does not want to stand on the leaderboard
    is_unlisted: Mapped[bool] = mapped_column(default=False)


class PointTransaction(Record):
    """One award, redemption or correction; its entries sum to zero."""

    __tablename__ = "point_transactions"

    #: new_case, method_use
    kind: Mapped[str] = mapped_column(String(20))
    #: what the points are for, once and for all: booking it again does nothing
    source_key: Mapped[str] = mapped_column(String(200), unique=True)
    booked_at: Mapped[datetime]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PointEntry(Record):
    """Points put into an account (positive) or taken out of it (negative)."""

    __tablename__ = "point_entries"
    __table_args__ = (CheckConstraint("points <> 0", name="points"),)

    transaction_id: Mapped[UUID] = mapped_column(ForeignKey("point_transactions.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("point_accounts.id"), index=True)
    points: Mapped[int]
