"""What a rehearsal found, one row for each lead, move and alarm."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class RehearsalFinding(Record):
    """One lead, move or alarm under the rules in force and under the draft."""

    __tablename__ = "rehearsal_findings"
    __table_args__ = (
        CheckConstraint("kind IN ('assignment', 'move', 'alarm', 'stage')", name="kind"),
        Index("ix_rehearsal_findings_list", "rehearsal_id", "kind", "happened_at", "lead_id"),
    )

    rehearsal_id: Mapped[UUID] = mapped_column(ForeignKey("rehearsals.id"))
    kind: Mapped[str] = mapped_column(String(12))
    #: what the draft changes, as a code of the kind; `same` where it changes nothing
    change: Mapped[str] = mapped_column(String(24))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"))
    #: when the lead arrived, the move was made, or the alarm was due
    happened_at: Mapped[datetime]
    #: whose lead it is under the rules in force, and under the draft
    old_owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    new_owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    #: what lists are narrowed by: rules and pools, stages, missing items, receivers
    codes: Mapped[list[str]] = mapped_column(ARRAY(String(100)))
    #: both sides in full, as the kind shapes them
    details: Mapped[dict[str, Any]]
