"""News of certification."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class TitleChanged(Event):
    """A rep's title for a method was given, raised or taken back; state is provisional, certified or lapsed."""

    person_id: UUID
    method_code: str
    state: str
