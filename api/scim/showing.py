"""People and teams of today as SCIM resources, any number in a few queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from scim2_models import Meta
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.scim.resources import (
    EmailAddress,
    EnterpriseUser,
    FullUser,
    Group,
    Manager,
    Member,
    Phone,
    RosterUser,
    UserGroup,
    UserRole,
)
from crm_core.foundation import clock
from crm_core.foundation.history import HistoryEntry
from crm_core.people.memberships import holds_on
from crm_core.people.repository import MembershipView, memberships_of
from crm_core.people.tables import Membership, Person, Region, Team


def login_of(person: Person) -> str:
    """The userName: the provider's own, else the address, the employee number or the id."""
    return person.user_name or person.email or person.employee_number or str(person.id)


def shown_users(session: Session, people: Sequence[Person], base: str) -> list[FullUser]:
    ids = [person.id for person in people]
    held = memberships_of(session, ids, clock.today())
    changed = _last_changes(session, "people", ids)
    regions = {region.id: region.code for region in session.scalars(select(Region))}
    return [_user(person, held.get(person.id, ()), changed.get(person.id), regions, base) for person in people]


def shown_groups(session: Session, teams: Sequence[Team], base: str) -> list[Group]:
    ids = [team.id for team in teams]
    members: defaultdict[UUID, list[UUID]] = defaultdict(list)
    rows = select(Membership.team_id, Membership.person_id, Person.name).join(Person, Person.id == Membership.person_id)
    in_force = rows.where(Membership.team_id.in_(ids), holds_on(clock.today())).order_by(
        Membership.since, Membership.id
    )
    for row in session.execute(in_force):
        members[row.team_id].append(row.person_id)
    changed = _last_changes(session, "teams", ids)
    return [_group(team, members[team.id], changed.get(team.id), base) for team in teams]


def _user(
    person: Person,
    held: Sequence[MembershipView],
    changed_at: datetime | None,
    regions: Mapping[UUID, str],
    base: str,
) -> FullUser:
    user = FullUser(
        id=str(person.id),
        external_id=person.external_id,
        user_name=login_of(person),
        display_name=person.name,
        active=person.left_on is None or person.left_on > clock.today(),
        emails=[EmailAddress(value=person.email, type="work", primary=True)] if person.email else None,
        phone_numbers=[Phone(value=person.mobile, type="mobile", primary=True)] if person.mobile else None,
        roles=[UserRole(value=one.role, primary=place == 0) for place, one in enumerate(_each_role(held))] or None,
        groups=[_user_group(one, base) for one in held if one.team_id] or None,
        meta=_meta("User", f"{base}/Users/{person.id}", person.created_at, changed_at),
    )
    user[EnterpriseUser] = _enterprise(person, held, base)
    user[RosterUser] = RosterUser(
        region=next((regions[one.region_id] for one in held if one.region_id), None),
        skills=person.skills or None,
        languages=person.languages or None,
        wecom_id=person.wecom_id,
        open_leads_limit=person.open_leads_limit,
    )
    return user


def _enterprise(person: Person, held: Sequence[MembershipView], base: str) -> EnterpriseUser:
    above = next((one for one in held if one.manager_id), None)
    manager = None
    if above is not None:
        ref = f"{base}/Users/{above.manager_id}"
        manager = Manager(value=str(above.manager_id), ref=ref, display_name=above.manager)
    team = next((one.team for one in held if one.team), None)
    return EnterpriseUser(employee_number=person.employee_number, department=team, manager=manager)


def _each_role(held: Sequence[MembershipView]) -> Sequence[MembershipView]:
    return list({one.role: one for one in reversed(held)}.values())[::-1]


def _user_group(held: MembershipView, base: str) -> UserGroup:
    return UserGroup(value=str(held.team_id), ref=f"{base}/Groups/{held.team_id}", display=held.team)


def _group(team: Team, members: Sequence[UUID], changed_at: datetime | None, base: str) -> Group:
    return Group(
        id=str(team.id),
        external_id=team.external_id,
        display_name=team.name,
        members=[
            Member(value=str(person_id), ref=f"{base}/Users/{person_id}", type="User")
            for person_id in dict.fromkeys(members)
        ]
        or None,
        meta=_meta("Group", f"{base}/Groups/{team.id}", team.created_at, changed_at),
    )


def _meta(resource_type: str, location: str, created_at: datetime, changed_at: datetime | None) -> Meta:
    return Meta(
        resource_type=resource_type, location=location, created=created_at, last_modified=changed_at or created_at
    )


def _last_changes(session: Session, table_name: str, ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
    statement = (
        select(HistoryEntry.record_id, func.max(HistoryEntry.changed_at).label("changed_at"))
        .where(HistoryEntry.table_name == table_name, HistoryEntry.record_id.in_(ids))
        .group_by(HistoryEntry.record_id)
    )
    return {row.record_id: row.changed_at for row in session.execute(statement) if row.record_id}
