"""News of diagnoses."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class DiagnosisConfirmed(Event):
    """A rep has confirmed the needs diagnosis of a lead, for the first time or anew."""

    report_id: UUID
    lead_id: UUID
    customer_id: UUID
    confirmed_by: UUID
    pain_points: tuple[str, ...]
    unsupported: tuple[str, ...]
