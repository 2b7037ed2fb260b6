"""Recordings with what was said in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.customers.tables import Customer
from crm_core.foundation.database import Record
from crm_core.people.tables import Person
from crm_core.pipeline.tables import Lead
from crm_core.work.tables import Visit

#: queued → running → done or failed; waiting_for_model until the installation has a speech model
STATUSES = ("queued", "running", "waiting_for_model", "done", "failed")


class Transcript(Record):
    """A voice summary of a lead and its words, or a summary that was typed; the rep's corrections stand beside them."""

    __tablename__ = "transcripts"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        CheckConstraint("source IN ('voice', 'typed')", name="source"),
        CheckConstraint("(source = 'voice') = (sha256 IS NOT NULL)", name="voice_has_sound"),
        Index("ix_transcripts_lead_created", "lead_id", "created_at"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id), index=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey(Lead.id))
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey(Visit.id))
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id), index=True)
    #: voice or typed
    source: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20), index=True)
    file_name: Mapped[str | None] = mapped_column(String(200))
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int | None]
    duration_seconds: Mapped[float | None]
    speech_seconds: Mapped[float | None]
    #: share of the detected speech that has words, 0 to 1
    coverage: Mapped[float | None]
    confidence: Mapped[float | None]
    model: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(10))
    segments: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    #: what was recognised or typed; never changed by corrections
    text: Mapped[str] = mapped_column(default="")
    edited_text: Mapped[str | None]
    edited_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    edited_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def best_text(self) -> str:
        """The corrected words where there are any."""
        return self.edited_text if self.edited_text is not None else self.text


class TranscribedPiece(Record):
    """What a running transcription has finished, so that a killed worker's successor goes on from there."""

    __tablename__ = "transcribed_pieces"
    __table_args__ = (UniqueConstraint("transcript_id", "place"),)

    transcript_id: Mapped[UUID] = mapped_column(ForeignKey(Transcript.id, ondelete="CASCADE"))
    place: Mapped[int]
    segments: Mapped[list[dict[str, Any]]]
    #: of the whole recording, when this piece was finished
    share_done: Mapped[float]
