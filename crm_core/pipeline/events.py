"""News about leads."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class LeadCreated(Event):
    lead_id: UUID
    customer_id: UUID


@dataclass(frozen=True, slots=True)
class LeadsArrived(Event):
    """Many leads at once, in place of a LeadCreated for each."""

    #: those that have no owner yet
    unowned_ids: tuple[UUID, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LeadFieldsChanged(Event):
    lead_id: UUID
    customer_id: UUID
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeadMoved(Event):
    """Any change of stage, outcome or payment state; `kind` as in StageMove."""

    lead_id: UUID
    customer_id: UUID
    kind: str
    from_stage: str
    to_stage: str
    moved_by: UUID


@dataclass(frozen=True, slots=True)
class LeadWon(Event):
    lead_id: UUID
    customer_id: UUID
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class LeadLost(Event):
    lead_id: UUID
    customer_id: UUID
    reason: str
