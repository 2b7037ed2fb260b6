"""Decisions about who gets a lead, and whose turn it is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class AssignmentDecision(Record):
    """One run for one lead, with everything needed to come to the same result again, bit for bit."""

    __tablename__ = "assignment_decisions"
    __table_args__ = (
        CheckConstraint("outcome IN ('assigned', 'pooled', 'unassigned')", name="outcome"),
        Index("ix_assignment_decisions_lead_decided", "lead_id", "decided_at"),
    )

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"))
    decided_at: Mapped[datetime] = mapped_column(index=True)
    #: arrival, retry, recycle, handover, manual, claim, release
    cause: Mapped[str] = mapped_column(String(12))
    #: assigned to a person, put into a claim pool, or nobody
    outcome: Mapped[str] = mapped_column(String(12))
    rule: Mapped[str | None] = mapped_column(String(40))
    pool: Mapped[str | None] = mapped_column(String(40))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    previous_owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    #: whoever assigned by hand, claimed or released; null when the rules decided
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str | None] = mapped_column(String(400))
    #: digest of the roster snapshot that it rests on
    roster_digest: Mapped[str | None] = mapped_column(String(64))
    playbook_version: Mapped[int | None]
    #: facts, rules tried and lost, candidates, exclusions with a reason each, tie-break
    record: Mapped[dict[str, Any]] = mapped_column(default=dict)


class RotationTurn(Record):
    """Where a person stands in the rotation of a pool; assignments by hand do not move it."""

    __tablename__ = "rotation_turns"
    __table_args__ = (UniqueConstraint("pool", "person_id"),)

    pool: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: place: one more for each lead; whoever comes new or back from an absence starts at the lowest of the others
    turns: Mapped[int] = mapped_column(default=0)
    #: leads that the rotation has really given
    given: Mapped[int] = mapped_column(default=0)
