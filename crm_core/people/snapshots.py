"""The roster of one day as a value: everything that assignment, escalation and rehearsal look at.

A day that is past shows what was recorded at its end: skills, limits, regions and managers of then, from history.
Which days a position covers is what is known today; a position that was entered late counts from its first day.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.database import Record
from crm_core.foundation.identifiers import new_id
from crm_core.people.recorded_values import RecordedChanges, Values, changes_since
from crm_core.people.tables import Membership, Person, Region, RosterSnapshot, Team
from crm_core.process.health_rules import OnboardingItem


@dataclass(frozen=True, slots=True)
class RosterMember:
    """One position that a person holds on the day; regions by code, teams by name. A region not named is the team's."""

    person_id: UUID
    employee_number: str | None
    role: str
    team: str | None
    team_id: UUID | None
    region: str | None
    region_id: UUID | None
    manager_id: UUID | None
    #: code of the team's working calendar
    calendar: str | None
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    open_leads_limit: int | None
    away_until: date | None
    #: onboarding items that the roster does not know of this person
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Roster:
    """Everybody's positions on a day, in the order of employee numbers and ids."""

    day: date
    members: tuple[RosterMember, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the positions; equal rosters of different days have the same."""
        content = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def as_json(self) -> list[dict[str, Any]]:
        return [json.loads(json.dumps(asdict(member), default=str)) for member in self.members]

    def of_person(self, person_id: UUID) -> tuple[RosterMember, ...]:
        return tuple(member for member in self.members if member.person_id == person_id)

    def managers(self) -> Mapping[UUID, UUID]:
        """Person → direct manager, of several positions the first that names one."""
        found: dict[UUID, UUID] = {}
        for member in self.members:
            if member.manager_id is not None:
                found.setdefault(member.person_id, member.manager_id)
        return found


def roster_on(session: Session, day: date) -> Roster:
    """The roster of a day, in five queries; of today in four."""
    return rosters_between(session, day, day)[day]


def rosters_between(session: Session, first_day: date, last_day: date) -> dict[date, Roster]:
    """The roster of each day from the first to the last, in as many queries as that of one day."""
    archive = _Archive.of(session, first_day, last_day)
    turning_days = archive.turning_days()
    rosters: dict[date, Roster] = {}
    members: tuple[RosterMember, ...] = ()
    for offset in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=offset)
        # between two turning days everybody stays where they are
        if day == first_day or day in turning_days:
            members = archive.members_on(day)
        rosters[day] = Roster(day, members)
    return rosters


def keep_snapshot(session: Session, roster: Roster | None = None) -> RosterSnapshot:
    """A roster, by default today's, written down where the same has not been written down before."""
    roster = roster or roster_on(session, clock.today())
    same = select(RosterSnapshot).where(RosterSnapshot.digest == roster.digest)
    kept = session.scalar(same)
    if kept is not None:
        return kept
    values = {"id": new_id(), "created_at": clock.now(), "day": roster.day, "digest": roster.digest}
    statement = insert(RosterSnapshot).values(**values, content=roster.as_json())
    session.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))
    return session.scalars(same).one()


#: a member and its place in the order of the roster
_Placed = tuple[tuple[str, ...], RosterMember]


@dataclass(frozen=True, slots=True)
class _Archive:
    """The rows behind the rosters of some days, and what changed in them since."""

    changes: RecordedChanges
    memberships: Mapping[UUID, Values]
    people: Mapping[UUID, Values]
    teams: Mapping[UUID, Values]
    regions: Mapping[UUID, Values]
    #: members of positions of which nothing changed, by membership
    settled: dict[UUID, _Placed]

    @classmethod
    def of(cls, session: Session, first_day: date, last_day: date) -> "_Archive":
        held = (Membership.since <= last_day) & or_(Membership.until.is_(None), Membership.until > first_day)
        holders = Person.id.in_(select(Membership.person_id).where(held))
        return cls(
            changes_since(session, tuple(_READ), first_day),
            _rows(session, Membership, held),
            _rows(session, Person, holders),
            _rows(session, Team),
            _rows(session, Region),
            {},
        )

    def turning_days(self) -> frozenset[date]:
        """Every day on which the roster may differ from that of the day before."""
        spans = {held[edge] for held in self.memberships.values() for edge in ("since", "until")}
        return self.changes.days() | spans

    def members_on(self, day: date) -> tuple[RosterMember, ...]:
        held = [
            self.settled.get(membership_id) or self._placed(membership_id, row, day)
            for membership_id, row in self.memberships.items()
            if row["since"] <= day and (row["until"] is None or row["until"] > day)
        ]
        return tuple(member for _, member in sorted(held, key=itemgetter(0)))

    def _placed(self, membership_id: UUID, row: Values, day: date) -> _Placed:
        position = self.changes.values_on("memberships", membership_id, row, day)
        person_id, team_id = row["person_id"], position["team_id"]
        person = self.changes.values_on("people", person_id, self.people[person_id], day)
        team = self.changes.values_on("teams", team_id, self.teams[team_id], day) if team_id else _NO_TEAM
        region_id = position["region_id"] or team["region_id"]
        region = self.changes.values_on("regions", region_id, self.regions[region_id], day) if region_id else None
        member = _member(position, person, team, region_id, region)
        place = (member.employee_number or "", str(person_id), member.role, str(team_id), str(membership_id))
        told = (("memberships", membership_id), ("people", person_id), ("teams", team_id), ("regions", region_id))
        if not any(self.changes.touch(table, record_id) for table, record_id in told):
            self.settled[membership_id] = (place, member)
        return place, member


_POSITION = ("person_id", "role", "team_id", "region_id", "manager_id", "since", "until")
_FACTS = ("employee_number", "email", "mobile", "wecom_id", "skills", "languages", "open_leads_limit", "away_until")
#: what the roster reads of each table
_READ: Mapping[str, tuple[str, ...]] = {
    "memberships": _POSITION,
    "people": _FACTS,
    "teams": ("name", "region_id", "calendar"),
    "regions": ("code",),
}
_NO_TEAM: Values = {"name": None, "region_id": None, "calendar": None}


def _rows(session: Session, model: type[Record], condition: Any = None) -> Mapping[UUID, Values]:
    table = model.metadata.tables[model.__tablename__]
    statement = select(table.c.id.label("record_id"), *(table.c[name] for name in _READ[table.name]))
    if condition is not None:
        statement = statement.where(condition)
    return {row["record_id"]: dict(row) for row in session.execute(statement).mappings()}


def _member(
    position: Values, person: Values, team: Values, region_id: UUID | None, region: Values | None
) -> RosterMember:
    known = {**person, "region": region_id, "team": team["name"], "manager": position["manager_id"]}
    return RosterMember(
        person_id=position["person_id"],
        employee_number=person["employee_number"],
        role=position["role"],
        team=team["name"],
        team_id=position["team_id"],
        region=region["code"] if region else None,
        region_id=region_id,
        manager_id=position["manager_id"],
        calendar=team["calendar"],
        skills=tuple(sorted(person["skills"])),
        languages=tuple(sorted(person["languages"])),
        open_leads_limit=person["open_leads_limit"],
        away_until=person["away_until"],
        unknown=tuple(item for item in get_args(OnboardingItem) if not known[item]),
    )
