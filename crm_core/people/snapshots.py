"""The roster of one day as a value: everything that assignment, escalation and rehearsal look at."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.people.memberships import holds_on
from crm_core.people.tables import Membership, Person, Region, Team


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

    def managers(self) -> Mapping[UUID, UUID]:
        """Person → direct manager, of several positions the first that names one."""
        found: dict[UUID, UUID] = {}
        for member in self.members:
            if member.manager_id is not None:
                found.setdefault(member.person_id, member.manager_id)
        return found


def roster_on(session: Session, day: date) -> Roster:
    """The roster of a day, in three queries."""
    regions = {region.id: region.code for region in session.scalars(select(Region))}
    teams = {team.id: team for team in session.scalars(select(Team))}
    rows = session.execute(
        select(Membership, Person).join(Person, Person.id == Membership.person_id).where(holds_on(day))
    ).tuples()
    members = [_member(membership, person, teams, regions) for membership, person in rows]
    return Roster(day, tuple(sorted(members, key=lambda m: (m.employee_number or "", str(m.person_id), m.role))))


def _member(
    membership: Membership, person: Person, teams: Mapping[UUID, Team], regions: Mapping[UUID, str]
) -> RosterMember:
    team = teams.get(membership.team_id) if membership.team_id else None
    region_id = membership.region_id or (team.region_id if team else None)
    known = {
        "region": region_id,
        "team": team,
        "manager": membership.manager_id,
        "employee_number": person.employee_number,
        "email": person.email,
        "mobile": person.mobile,
        "wecom_id": person.wecom_id,
        "skills": person.skills,
    }
    return RosterMember(
        person_id=person.id,
        employee_number=person.employee_number,
        role=membership.role,
        team=team.name if team else None,
        team_id=membership.team_id,
        region=regions.get(region_id) if region_id else None,
        region_id=region_id,
        manager_id=membership.manager_id,
        calendar=team.calendar if team else None,
        skills=tuple(sorted(person.skills)),
        languages=tuple(sorted(person.languages)),
        open_leads_limit=person.open_leads_limit,
        away_until=person.away_until,
        unknown=tuple(item for item, value in known.items() if not value),
    )
