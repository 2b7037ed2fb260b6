"""Who is told of a lead that stands still: the rules of a ladder become people of one day's roster.

Owner, then the direct manager, then the next manager up who is a director, else the region's director. Whoever is
missing gives way to the next one up, and in the end operations are told; so nobody's silence goes unheard.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.customers.tables import Customer
from crm_core.people.snapshots import Roster
from crm_core.pipeline.tables import Lead
from crm_core.process.stages import AlarmReceiver, AssigneeRule

Capacity = Literal["owner", "manager", "director", "operations"]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A person whom a rule means; `stands_in` says as what, where the rule itself met nobody."""

    rule: AlarmReceiver
    person_id: UUID
    stands_in: Capacity | None = None

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "person_id": str(self.person_id), "stands_in": self.stands_in}


@dataclass(frozen=True, slots=True)
class LeadPeople:
    """The people and the region that a lead names."""

    owner_id: UUID | None
    region_id: UUID | None
    presales_id: UUID | None = None
    delivery_owner_id: UUID | None = None


def people_of(session: Session, leads: Collection[Lead]) -> Mapping[UUID, LeadPeople]:
    """Whom leads and their customers name, by lead."""
    owners = select(Lead.id, Customer.delivery_owner_id).join(Customer, Customer.id == Lead.customer_id)
    rows = session.execute(owners.where(Lead.id.in_([lead.id for lead in leads])))
    delivery = {row.id: row.delivery_owner_id for row in rows}
    return {
        lead.id: LeadPeople(lead.owner_id, lead.region_id, lead.presales_id, delivery.get(lead.id)) for lead in leads
    }


class ChainOfCommand:
    """Who answers to whom on the day of a roster."""

    def __init__(self, roster: Roster) -> None:
        self._present = {member.person_id for member in roster.members}
        self._managers = roster.managers()
        self._directors = {member.person_id: member.region_id for member in roster.members if member.role == "director"}
        self._regions = {member.person_id: member.region_id for member in roster.members if member.region_id}
        operations = (member.person_id for member in roster.members if member.role == "operations")
        self._operations = tuple(dict.fromkeys(operations))

    def receivers(self, rules: Iterable[AlarmReceiver], people: LeadPeople) -> list[Receiver]:
        """Everyone whom the rules mean, each person once."""
        found: dict[UUID, Receiver] = {}
        for rule in rules:
            capacity, person_ids = self._find(rule, people)
            for person_id in person_ids:
                found.setdefault(person_id, Receiver(rule, person_id, capacity if capacity != rule else None))
        return list(found.values())

    def assignee(self, rule: AssigneeRule, people: LeadPeople) -> UUID | None:
        """Who gets the task of a step; a rule that meets nobody falls to the owner, and from there upwards."""
        named = {"presales": people.presales_id, "delivery_owner": people.delivery_owner_id}.get(rule)
        if named in self._present:
            return named
        _, person_ids = self._find(rule if rule in _UPWARDS else "owner", people)
        return next(iter(person_ids), None)

    def _find(self, rule: str, people: LeadPeople) -> tuple[Capacity, tuple[UUID, ...]]:
        """The first capacity from the rule upwards that somebody fills."""
        for capacity in _UPWARDS[_UPWARDS.index(rule) :]:
            person_id = self._holder(capacity, people)
            if person_id is not None:
                return capacity, (person_id,)
        return "operations", self._operations

    def _holder(self, capacity: Capacity, people: LeadPeople) -> UUID | None:
        if capacity == "owner":
            return people.owner_id if people.owner_id in self._present else None
        if capacity == "manager":
            manager_id = self._managers.get(people.owner_id) if people.owner_id else None
            return manager_id if manager_id in self._present else None
        return self._director(people)

    def _director(self, people: LeadPeople) -> UUID | None:
        above = next((person_id for person_id in self._line(people.owner_id) if person_id in self._directors), None)
        region_id = people.region_id or (self._regions.get(people.owner_id) if people.owner_id else None)
        of_region = (
            person_id
            for person_id, directed in self._directors.items()
            if directed is not None and directed == region_id and person_id != people.owner_id
        )
        return above or next(of_region, None)

    def _line(self, person_id: UUID | None) -> Iterator[UUID]:
        """Everyone above somebody, from near to far; a circle ends where it began."""
        seen = {person_id}
        while person_id is not None and (person_id := self._managers.get(person_id)) not in seen:
            if person_id is not None:
                seen.add(person_id)
                yield person_id


_UPWARDS: tuple[Capacity, ...] = ("owner", "manager", "director")
