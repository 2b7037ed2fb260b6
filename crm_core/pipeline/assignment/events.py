"""News about who has which lead."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class LeadsPlaced(Event):
    """These leads have another owner than before, or wait in a pool."""

    lead_ids: tuple[UUID, ...]
