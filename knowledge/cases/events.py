"""News about cases."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class CaseCaptured(Event):
    """A won case has been accepted into the library."""

    case_id: UUID
    lead_id: UUID
    #: whoever won it and told it
    rep_id: UUID | None


@dataclass(frozen=True, slots=True)
class CaseRetired(Event):
    case_id: UUID
