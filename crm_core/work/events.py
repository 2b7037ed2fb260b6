"""News about work."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class TaskCompleted(Event):
    task_id: UUID
    kind: str
    customer_id: UUID | None
    lead_id: UUID | None
    completed_by: UUID
