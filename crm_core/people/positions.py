"""Putting somebody where a list of people says they are: first position, a change of it, or nothing to do."""

from datetime import date

from sqlalchemy.orm import Session

from crm_core.people.memberships import memberships_on
from crm_core.people.repository import find_team
from crm_core.people.roster import Position, appoint, change_position
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


def position_of(membership: Membership) -> Position:
    return Position(membership.role, membership.team_id, membership.region_id, membership.manager_id)


def _says(session: Session, membership: Membership, position: Position) -> bool:
    """Whether a membership is this position; a region that is not given is the team's."""
    region_id = position.region_id
    if region_id is None and position.team_id is not None:
        region_id = find_team(session, position.team_id).region_id
    return position_of(membership) == Position(position.role, position.team_id, region_id, position.manager_id)
