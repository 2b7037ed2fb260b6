"""News of document checks."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class DocumentChecked(Event):
    """A check has come to its verdict; `unmet` names the parameters that are not covered."""

    check_id: UUID
    document_id: UUID
    lead_id: UUID | None
    verdict: str
    unmet: tuple[str, ...]
