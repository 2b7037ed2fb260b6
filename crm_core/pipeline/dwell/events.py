"""News about leads that stand still."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class DwellExceeded(Event):
    """A step of the ladder has fired, once for this stay."""

    lead_id: UUID
    customer_id: UUID
    stage: str
    step: int
    owner_id: UUID | None
    receiver_ids: tuple[UUID, ...]
