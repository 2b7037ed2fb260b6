"""Putting somebody where a list of people says they are: first position, a change of it, or nothing to do."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from crm_core.people.memberships import memberships_on
from crm_core.people.repository import find_team
from crm_core.people.roster import Position, appoint, change_position, end_membership
from crm_core.people.tables import Membership, Person


def place(session: Session, person: Person, position: Position, *, since: date) -> bool:
    """Let a person hold a position from a day on; returns whether that changed anything.

    It takes the place of the one that they hold in that role, or of their only one; somebody with several positions
    of other roles gets it beside them. Raises as `appoint`.
    """
    held = memberships_on(session, person.id, since)
    of_role = [membership for membership in held if membership.role == position.role] or held
    if any(_says(session, membership, position) for membership in of_role):
        return False
    if len(of_role) == 1:
        change_position(session, of_role[0], position, since=since)
    else:
        appoint(session, person, position, since=since)
    return True


def hold_roles(session: Session, person: Person, roles: Sequence[str], *, since: date) -> bool:
    """Let a person hold just these roles from a day on; returns whether that changed anything.

    A new role takes the seat of one that ends, else that of the position held longest. Raises as `appoint`.
    """
    held = list(memberships_on(session, person.id, since))
    ending = [membership for membership in held if membership.role not in roles]
    missing = [role for role in dict.fromkeys(roles) if role not in {membership.role for membership in held}]
    for role in missing:
        if ending:
            membership = ending.pop(0)
            change_position(session, membership, _in_role(role, membership), since=since)
        else:
            appoint(session, person, _in_role(role, held[0] if held else None), since=since)
    for membership in ending:
        withdraw(session, membership, on=since)
    return bool(missing or ending)


def _in_role(role: str, seat: Membership | None) -> Position:
    if seat is None:
        return Position(role, may_lack_region=True)
    return Position(role, seat.team_id, seat.region_id, seat.manager_id, may_lack_region=True)


def withdraw(session: Session, membership: Membership, *, on: date) -> None:
    """End a position from a day on; one that has not lasted a day before it is as if it had never been."""
    if membership.since < on:
        end_membership(session, membership, until=on)
    else:
        session.delete(membership)
        session.flush()


def position_of(membership: Membership) -> Position:
    return Position(membership.role, membership.team_id, membership.region_id, membership.manager_id)


def _says(session: Session, membership: Membership, position: Position) -> bool:
    """Whether a membership is this position; a region that is not given is the team's."""
    region_id = position.region_id
    if region_id is None and position.team_id is not None:
        region_id = find_team(session, position.team_id).region_id
    return position_of(membership) == Position(position.role, position.team_id, region_id, position.manager_id)
