"""News about methods."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class MethodUsed(Event):
    """A rep used a method with a lead, for the first time with that lead."""

    method_use_id: UUID
    method_code: str
    rep_id: UUID
    lead_id: UUID
    #: the rep who won the case that it was learned from
    learned_from_id: UUID | None
