"""The needs diagnosis report of a lead."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class DiagnosisReport(Record):
    """《需求诊断报告》: three pain points, their evidence, and what the customer asked for."""

    __tablename__ = "diagnosis_reports"

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"), unique=True)
    #: the transcript that the evidence points into; none when the summary was typed
    transcript_id: Mapped[UUID | None] = mapped_column(ForeignKey("transcripts.id"))
    #: what the customer said, as transcribed and corrected or as typed; quotes count its characters
    voice_summary: Mapped[str]
    #: three of {code, is_supported, quotes: [{text, start, end, start_seconds, end_seconds}]}
    pain_points: Mapped[list[dict[str, Any]]]
    #: {name, op, value, unit, quote}
    parameters: Mapped[list[dict[str, Any]]]
    confirmed_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    confirmed_at: Mapped[datetime]
