"""What the roster says of a day: who holds which role where, and who answers to whom."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.people.tables import Membership, Team
from crm_core.people.viewer import Viewer


def holds_on(day: date) -> ColumnElement[bool]:
    """The condition that a membership is in force on a day."""
    return (Membership.since <= day) & or_(Membership.until.is_(None), Membership.until > day)


def memberships_on(session: Session, person_id: UUID, day: date) -> Sequence[Membership]:
    """In the order of time, as lists show them."""
    statement = select(Membership).where(Membership.person_id == person_id, holds_on(day))
    return session.scalars(statement.order_by(Membership.since, Membership.id)).all()


def direct_manager(session: Session, person_id: UUID, day: date) -> UUID | None:
    """Whom a person answers to on a day; of several memberships the newest that names a manager."""
    statement = (
        select(Membership.manager_id)
        .where(Membership.person_id == person_id, Membership.manager_id.is_not(None), holds_on(day))
        .order_by(Membership.since.desc(), Membership.id.desc())
        .limit(1)
    )
    return session.scalar(statement)


def team_members(session: Session, team_ids: Iterable[UUID], day: date) -> frozenset[UUID]:
    """Everyone in these teams on a day, in whatever role."""
    statement = select(Membership.person_id).where(Membership.team_id.in_(tuple(team_ids)), holds_on(day))
    return frozenset(session.scalars(statement))


def reports(session: Session, person_id: UUID, day: date) -> frozenset[UUID]:
    """Everyone who answers to a person on a day, directly or through others."""
    direct = select(Membership.person_id).where(Membership.manager_id == person_id, holds_on(day))
    line = direct.cte("line", recursive=True)
    # UNION keeps each person once, which also ends a circle of managers
    line = line.union(select(Membership.person_id).where(Membership.manager_id == line.c.person_id, holds_on(day)))
    return frozenset(session.scalars(select(line.c.person_id))) - {person_id}


def viewer_of(
    session: Session, person_id: UUID, *, day: date | None = None, token_scopes: frozenset[str] | None = None
) -> Viewer:
    """A person with the roles and the reach that the roster gives them on a day, by default today."""
    day = day or clock.today()
    held = memberships_on(session, person_id, day)
    beneath = reports(session, person_id, day)
    team_ids = frozenset(m.team_id for m in held if m.team_id) | _teams_managed_by(session, beneath, day)
    return Viewer(
        person_id=person_id,
        roles=frozenset(membership.role for membership in held),
        team_ids=team_ids,
        region_ids=frozenset(m.region_id for m in held if m.region_id) | _regions_of(session, held),
        team_member_ids=team_members(session, team_ids, day) | beneath | {person_id},
        leads_others=bool(beneath),
        token_scopes=token_scopes,
    )


def people_with_role(session: Session, role: str, day: date) -> frozenset[UUID]:
    """Who holds a role on a day, in whatever team."""
    return frozenset(session.scalars(select(Membership.person_id).where(Membership.role == role, holds_on(day))))


def _teams_managed_by(session: Session, person_ids: frozenset[UUID], day: date) -> frozenset[UUID]:
    """Whoever leads the manager of a team leads the team."""
    if not person_ids:
        return frozenset()
    statement = select(Membership.team_id).where(
        Membership.person_id.in_(person_ids),
        Membership.role == "manager",
        Membership.team_id.is_not(None),
        holds_on(day),
    )
    return frozenset(team_id for team_id in session.scalars(statement) if team_id)


def _regions_of(session: Session, held: Sequence[Membership]) -> frozenset[UUID]:
    """The regions of the teams of memberships that name no region themselves."""
    team_ids = {m.team_id for m in held if m.team_id and not m.region_id}
    if not team_ids:
        return frozenset()
    statement = select(Team.region_id).where(Team.id.in_(team_ids), Team.region_id.is_not(None))
    return frozenset(region_id for region_id in session.scalars(statement) if region_id)
