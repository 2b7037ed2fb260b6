"""Breaches of dwell limits, and their postponements."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class DwellBreach(Record):
    """A step of the ladder that has fired; the same stay in a stage fires each step once, whatever restarts."""

    __tablename__ = "dwell_breaches"
    __table_args__ = (UniqueConstraint("lead_id", "stage_entered_at", "step"),)

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"))
    stage: Mapped[str] = mapped_column(String(40))
    stage_entered_at: Mapped[datetime]
    #: position in the ladder, from 0
    step: Mapped[int]
    limit_hours: Mapped[int]
    #: when the step was due, and when it fired
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime] = mapped_column(index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    #: [{"rule": "manager", "person_id": "…", "stands_in": "director"}]: who was told, and where the rule met nobody,
    #: whose place it fell to; empty for a step that had passed before the lead came here
    receivers: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    playbook_version: Mapped[int | None]


class DwellSnooze(Record):
    """Somebody postponed the next step, with a reason."""

    __tablename__ = "dwell_snoozes"
    __table_args__ = (Index("ix_dwell_snoozes_lead", "lead_id", "created_at"),)

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"))
    stage: Mapped[str] = mapped_column(String(40))
    stage_entered_at: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(400))
    snoozed_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
