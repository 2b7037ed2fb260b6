"""News of speech."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class TranscriptReady(Event):
    """A voice summary has its words, or a typed one was handed in."""

    transcript_id: UUID
    lead_id: UUID
    customer_id: UUID


@dataclass(frozen=True, slots=True)
class TranscriptCorrected(Event):
    """Somebody mended the words of a transcript."""

    transcript_id: UUID
    lead_id: UUID
    customer_id: UUID
