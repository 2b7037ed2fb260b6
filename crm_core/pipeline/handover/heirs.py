"""Who takes over from somebody: the successor, else the next manager up who is here, else operations."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.people.memberships import direct_manager, memberships_on, people_with_role
from crm_core.people.tables import Person

#: asked in this order when nobody is above
_LAST_RESORTS = ("operations", "admin")


def heir_of(session: Session, person: Person, successor_id: UUID | None) -> UUID | None:
    """Whoever takes over today; None when nobody at all is on the roster."""
    candidates = _candidates(session, person, successor_id)
    return next((one for one in candidates if one != person.id and is_here(session, one)), None)


def is_here(session: Session, person_id: UUID, day: date | None = None) -> bool:
    """Whether somebody works here on a day, by default today."""
    day = day or clock.today()
    left_on = session.scalar(select(Person.left_on).where(Person.id == person_id))
    return (left_on is None or left_on > day) and bool(memberships_on(session, person_id, day))


def _candidates(session: Session, person: Person, successor_id: UUID | None) -> Iterator[UUID]:
    if successor_id is not None:
        yield successor_id
    yield from _line_above(session, person)
    for role in _LAST_RESORTS:
        # ids rise with time: whoever has been here longest
        yield from sorted(people_with_role(session, role, clock.today()))


def _line_above(session: Session, person: Person) -> Iterator[UUID]:
    """The manager, their manager and so on, each as of the last day of the one below."""
    seen = {person.id}
    below: Person | None = person
    while below is not None:
        above_id = direct_manager(session, below.id, _last_day(below))
        if above_id is None or above_id in seen:
            return
        seen.add(above_id)
        yield above_id
        below = session.get(Person, above_id)


def _last_day(person: Person) -> date:
    today = clock.today()
    return min(person.left_on - timedelta(days=1), today) if person.left_on else today
