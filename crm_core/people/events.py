"""News of the roster."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class PersonLeft(Event):
    """Somebody leaves on a day, which may still lie ahead; their leads and tasks need new owners from then on."""

    person_id: UUID
    on: date


@dataclass(frozen=True, slots=True)
class TeamCalendarChanged(Event):
    """A team keeps another working calendar; what was due by the old one is due at another time."""

    team_id: UUID
