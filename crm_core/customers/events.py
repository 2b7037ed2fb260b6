"""News about customers."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class DocumentUploaded(Event):
    """A document has arrived and waits for its quality check."""

    document_id: UUID
    customer_id: UUID
    lead_id: UUID | None
    kind: str
