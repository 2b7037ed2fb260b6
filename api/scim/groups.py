"""Groups as the provider writes them: teams, and who is in them from today on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from scim2_models import Context, InvalidValueException, NotFoundException, PatchOp
from sqlalchemy import select

from api.scim.resources import Group
from api.scim.showing import shown_groups
from api.scim.users import visible_users
from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.people.appointing import require_may_appoint
from crm_core.people.memberships import memberships_on
from crm_core.people.positions import place, position_of, withdraw
from crm_core.people.repository import team_called
from crm_core.people.roster import Position, add_team, appoint, change_position, change_team
from crm_core.people.tables import Person, Team

#: who leads one team may lead another beside it; everybody else moves
_LEADING = frozenset({"manager", "director"})


def find_group(acting: Acting, group_id: str) -> Team:
    """Raises NotFoundException, also for a team that is closed."""
    try:
        wanted = UUID(group_id)
    except ValueError:
        raise NotFoundException(detail=f"no group {group_id}") from None
    team = acting.session.scalar(select(Team).where(Team.id == wanted, Team.closed_on.is_(None)).with_for_update())
    if team is None:
        raise NotFoundException(detail=f"no group {group_id}")
    return team


def create_group(acting: Acting, wanted: Group) -> Team:
    """Make a team; one of this name that was closed is open again. Raises NameTaken."""
    require_may_appoint(acting.policy, acting.viewer, [])
    name = (wanted.display_name or "").strip()
    closed = team_called(acting.session, name)
    if closed is not None and closed.closed_on is not None:
        team = change_team(acting.session, closed, closed_on=None, external_id=wanted.external_id)
    else:
        team = add_team(acting.session, name=name, region_id=None)
        change_team(acting.session, team, external_id=wanted.external_id)
    _join(acting, team, _member_ids(wanted))
    return team


def change_group(acting: Acting, team: Team, before: Group, wanted: Group) -> None:
    """Write what is different: name, externalId, who joins and who goes."""
    require_may_appoint(acting.policy, acting.viewer, [])
    if wanted.display_name and wanted.display_name != before.display_name:
        change_team(acting.session, team, name=wanted.display_name)
    if "external_id" in wanted.model_fields_set and wanted.external_id != before.external_id:
        change_team(acting.session, team, external_id=wanted.external_id)
    if "members" not in wanted.model_fields_set:
        return
    were, are = _member_ids(before), _member_ids(wanted)
    _part(acting, team, [one for one in were if one not in are])
    _join(acting, team, [one for one in are if one not in were])


def patch_group(acting: Acting, team: Team, payload: dict[str, Any], base: str) -> None:
    """Apply a PATCH to what is shown of the team, and write what it changed."""
    before = shown_groups(acting.session, [team], base)[0]
    wanted = before.model_copy(deep=True)
    patch = PatchOp[Group].model_validate(payload, scim_ctx=Context.RESOURCE_PATCH_REQUEST)
    patch.patch(wanted)
    change_group(acting, team, before, wanted)


def close_group(acting: Acting, team: Team) -> None:
    """The team is no more from today on; its people stay without a team, and its past stays."""
    require_may_appoint(acting.policy, acting.viewer, [])
    [shown] = shown_groups(acting.session, [team], "")
    _part(acting, team, _member_ids(shown))
    change_team(acting.session, team, closed_on=clock.today(), external_id=None)


def _member_ids(group: Group) -> list[str]:
    return list(dict.fromkeys(member.value for member in group.members or [] if member.value))


def _join(acting: Acting, team: Team, member_ids: Sequence[str]) -> None:
    session, today = acting.session, clock.today()
    for person in _people(acting, member_ids):
        held = memberships_on(session, person.id, today)
        if any(membership.team_id == team.id for membership in held):
            continue
        require_may_appoint(acting.policy, acting.viewer, [membership.role for membership in held])
        role, manager_id = (held[0].role, held[0].manager_id) if held else ("rep", None)
        # a region of their own goes before the team's, unless the team has one
        region_id = team.region_id or (held[0].region_id if held else None)
        seat = Position(role, team.id, region_id, manager_id, may_lack_region=True)
        if held and held[0].team_id is not None and role in _LEADING:
            appoint(session, person, seat, since=today)
        elif held:
            change_position(session, held[0], seat, since=today)
        else:
            place(session, person, seat, since=today)


def _part(acting: Acting, team: Team, member_ids: Sequence[str]) -> None:
    """Whoever goes keeps role, region and manager; a second position in the team ends."""
    session, today = acting.session, clock.today()
    for person in _people(acting, member_ids):
        held = memberships_on(session, person.id, today)
        require_may_appoint(acting.policy, acting.viewer, [membership.role for membership in held])
        for membership in [one for one in held if one.team_id == team.id]:
            if len([one for one in held if one.role == membership.role]) > 1:
                withdraw(session, membership, on=today)
                continue
            seat = position_of(membership)
            alone = Position(seat.role, None, seat.region_id, seat.manager_id, may_lack_region=True)
            change_position(session, membership, alone, since=today)


def _people(acting: Acting, member_ids: Sequence[str]) -> Sequence[Person]:
    """Raises InvalidValueException for a member who is no user."""
    try:
        ids = [UUID(one) for one in member_ids]
    except ValueError:
        raise InvalidValueException(detail="a member is named by the id of a user") from None
    found = acting.session.scalars(select(Person).where(Person.id.in_(ids), visible_users(acting))).all()
    by_id = {person.id: person for person in found}
    unknown = [str(one) for one in ids if one not in by_id]
    if unknown:
        raise InvalidValueException(detail=f"no such users: {', '.join(unknown[:5])}")
    return [by_id[one] for one in ids]
