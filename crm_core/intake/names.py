"""The people and regions that the rows of a table may name."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.intake.cells import Named, person_key
from crm_core.intake.targets import plain
from crm_core.people.memberships import holds_on
from crm_core.people.tables import Membership, Person, Region


def read_names(session: Session) -> Named:
    """Today's roster, everybody who ever was on it, and the regions."""
    everybody = session.scalars(select(Person).order_by(Person.id)).all()
    today = select(Membership.person_id).where(holds_on(clock.today()))
    present = set(session.scalars(today))
    regions = session.scalars(select(Region).order_by(Region.name)).all()
    return Named(
        people=_by_name(person for person in everybody if person.id in present),
        everybody=_by_name(everybody),
        numbers={person.id: person.employee_number for person in everybody if person.employee_number},
        regions={plain(name): region.id for region in regions for name in (region.name, region.code)},
        region_names=tuple(region.name for region in regions),
    )


def _by_name(people: Iterable[Person]) -> dict[str, tuple[UUID, ...]]:
    found: dict[str, dict[UUID, None]] = {}
    for person in people:
        for name in (person.name, person.employee_number, person.email):
            if name:
                found.setdefault(person_key(name), {})[person.id] = None
    return {name: tuple(ids) for name, ids in found.items()}
