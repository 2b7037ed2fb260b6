"""Users as the provider writes them: each change goes through the roster's own functions, and nothing is deleted."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from scim2_models import Context, InvalidValueException, NotFoundException, PatchOp, UniquenessException
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from api.scim.resources import EnterpriseUser, FullUser, Manager, RosterUser
from api.scim.showing import login_of, shown_users
from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.people.appointing import require_may_appoint, require_may_change
from crm_core.people.memberships import memberships_on
from crm_core.people.positions import hold_roles, place, position_of
from crm_core.people.repository import PERSON_COLUMNS, region_called, team_called
from crm_core.people.role_names import role_called
from crm_core.people.roster import Position, add_person, add_team, appoint, change_person, leave
from crm_core.people.tables import Membership, Person
from crm_core.people.viewer import ROLES

#: what somebody is of whom the provider says nothing; leads come only when the roster knows the rest
_FIRST_ROLE = "rep"
#: what the roster must know and a provider may leave out
NEWCOMER: Mapping[str, Any] = {"active": True, "roles": [{"value": _FIRST_ROLE}]}


def visible_users(acting: Acting) -> ColumnElement[bool]:
    """Whoever works here, and whoever the provider has switched off; not whoever it has deleted."""
    is_known = or_(Person.left_on.is_(None), Person.left_on > clock.today(), Person.user_name.is_not(None))
    return and_(acting.policy.visible(acting.viewer, "person", PERSON_COLUMNS), is_known)


def find_user(acting: Acting, user_id: str) -> Person:
    """Raises NotFoundException."""
    person = None
    if _as_id(user_id) is not None:
        wanted = select(Person).where(Person.id == _as_id(user_id), visible_users(acting)).with_for_update()
        person = acting.session.scalar(wanted)
    if person is None:
        raise NotFoundException(detail=f"no user {user_id}")
    return person


def create_user(acting: Acting, wanted: FullUser) -> Person:
    """Put somebody on the roster, or bring back whoever was deleted. Raises UniquenessException."""
    require_may_appoint(acting.policy, acting.viewer, [])
    session = acting.session
    user_name = wanted.user_name or ""
    if session.scalar(select(Person.id).where(_is_called(user_name), visible_users(acting)).limit(1)) is not None:
        raise UniquenessException(detail=f"there is a user {user_name} already")
    facts = {**_facts(wanted), "user_name": user_name}
    acting.policy.require_editable(acting.viewer, "person", facts)
    name = (wanted.display_name or user_name)[:80]
    person = _returning(session, facts)
    if person is not None:
        require_may_change(session, acting.policy, acting.viewer, person.id)
    person = change_person(session, person, name=name, **facts) if person else add_person(session, name=name, **facts)
    if wanted.active is False:
        if person.left_on is None:
            leave(session, person, on=clock.today())
        return person
    appoint(session, person, _seat_before(session, person), since=clock.today())
    _settle(acting, person, None, wanted)
    return person


def change_user(acting: Acting, person: Person, before: FullUser, wanted: FullUser) -> None:
    """Write what is different; what the wanted state does not mention stays."""
    today = clock.today()
    require_may_change(acting.session, acting.policy, acting.viewer, person.id)
    facts = _different(_facts(before), _facts(wanted), wanted)
    if wanted.user_name and wanted.user_name != before.user_name:
        _require_free(acting, person, wanted.user_name)
        facts["user_name"] = wanted.user_name
    acting.policy.require_editable(acting.viewer, "person", facts)
    new_name = wanted.display_name if wanted.display_name not in {None, "", person.name} else None
    if facts or new_name:
        change_person(acting.session, person, name=new_name, **facts)
    if wanted.active is False and before.active:
        switch_off(acting, person)
        return
    if wanted.active and not before.active:
        appoint(acting.session, person, _seat_before(acting.session, person), since=today)
    if wanted.active is not False:
        _settle(acting, person, before, wanted)


def patch_user(acting: Acting, person: Person, payload: dict[str, Any], base: str) -> None:
    """Apply a PATCH to what is shown of the user, and write what it changed."""
    before = shown_users(acting.session, [person], base)[0]
    wanted = before.model_copy(deep=True)
    patch = PatchOp[FullUser].model_validate(payload, scim_ctx=Context.RESOURCE_PATCH_REQUEST)
    patch.patch(wanted)
    change_user(acting, person, before, _emptied(before, wanted))


def switch_off(acting: Acting, person: Person) -> None:
    """Somebody leaves today; the provider goes on knowing them."""
    person.user_name = login_of(person)
    leave(acting.session, person, on=clock.today())


def delete_user(acting: Acting, person: Person) -> None:
    """Somebody leaves today and the provider forgets them; the roster keeps its past."""
    require_may_change(acting.session, acting.policy, acting.viewer, person.id)
    change_person(acting.session, person, user_name=None, external_id=None)
    if person.left_on is None or person.left_on > clock.today():
        leave(acting.session, person, on=clock.today())


def _facts(user: FullUser) -> dict[str, Any]:
    """Columns of the person, without the name and the userName."""
    enterprise, roster = user[EnterpriseUser] or EnterpriseUser(), user[RosterUser] or RosterUser()
    return {
        "external_id": user.external_id,
        "email": _primary(user.emails),
        "mobile": _primary(user.phone_numbers),
        "employee_number": enterprise.employee_number,
        "wecom_id": roster.wecom_id,
        "skills": roster.skills or [],
        "languages": roster.languages or [],
        "open_leads_limit": roster.open_leads_limit,
    }


def _different(before: dict[str, Any], wanted: dict[str, Any], user: FullUser) -> dict[str, Any]:
    """What changes; an attribute that the wanted state does not name at all stays."""
    cleared = _named_empty(user)
    return {
        name: value
        for name, value in wanted.items()
        if value != before[name] and (value not in (None, []) or name in cleared)
    }


def _named_empty(user: FullUser) -> set[str]:
    """Columns whose attributes are named without a value, which clears them."""
    enterprise, roster = user[EnterpriseUser], user[RosterUser]
    named = {"email": (user, "emails"), "mobile": (user, "phone_numbers"), "external_id": (user, "external_id")}
    named["employee_number"] = (enterprise, "employee_number")
    for column in ("wecom_id", "skills", "languages", "open_leads_limit"):
        named[column] = (roster, column)
    return {
        column
        for column, (holder, attribute) in named.items()
        if holder is not None and attribute in holder.model_fields_set and not getattr(holder, attribute)
    }


def _emptied(before: FullUser, wanted: FullUser) -> FullUser:
    """After a PATCH everything is named: what is gone has been removed."""
    for extension in (EnterpriseUser, RosterUser):
        if before[extension] is not None and wanted[extension] is None:
            wanted[extension] = extension(**dict.fromkeys(extension.model_fields.keys() - {"schemas"}))
    return wanted


def _settle(acting: Acting, person: Person, before: FullUser | None, wanted: FullUser) -> None:
    """Roles, then team, region and manager of the first position."""
    session, today = acting.session, clock.today()
    roles = _roles(wanted)
    if roles and (before is None or roles != _roles(before)):
        require_may_appoint(acting.policy, acting.viewer, roles)
        hold_roles(session, person, roles, since=today)
    held = memberships_on(session, person.id, today)
    if held:
        place(session, person, _seat(session, held[0], before, wanted), since=today)


def _roles(user: FullUser) -> list[str]:
    found = []
    for one in sorted(user.roles or [], key=lambda role: not role.primary):
        role = role_called(one.value or "")
        if role is None:
            raise InvalidValueException(detail=f"no role {one.value!r}; known: {', '.join(ROLES)}")
        found.append(role)
    return list(dict.fromkeys(found))


def _seat(session: Session, held: Membership, before: FullUser | None, wanted: FullUser) -> Position:
    """Where the person sits, with what the wanted state changes of it."""
    now = position_of(held)
    team_id, region_id, manager_id = now.team_id, now.region_id, now.manager_id
    changed = _changed_places(before, wanted)
    if "department" in changed:
        # the region follows the team, unless one is named
        team_id, region_id = _team_id(session, changed["department"]), None
    if "manager" in changed:
        manager_id = _manager_id(session, changed["manager"])
    if "region" in changed:
        region_id = _region_id(session, changed["region"]) if changed["region"] else None
    return Position(held.role, team_id, region_id, manager_id, may_lack_region=True)


def _changed_places(before: FullUser | None, wanted: FullUser) -> dict[str, Any]:
    """Department, manager and region where they are named and different."""
    changed: dict[str, Any] = {}
    for extension, names in ((EnterpriseUser, ("department", "manager")), (RosterUser, ("region",))):
        is_now, was = wanted[extension], before[extension] if before else None
        for name in names:
            value = getattr(is_now, name, None)
            if is_now is not None and name in is_now.model_fields_set and value != getattr(was, name, None):
                changed[name] = value
    return changed


def _team_id(session: Session, name: str | None) -> UUID | None:
    """A department that is not there yet is made; somebody gives it a region later."""
    if not name or not name.strip():
        return None
    return (team_called(session, name.strip()) or add_team(session, name=name, region_id=None)).id


def _region_id(session: Session, called: str) -> UUID:
    region = region_called(session, called.strip())
    if region is None:
        raise InvalidValueException(detail=f"no region {called!r}; give the code or name of one on the roster")
    return region.id


def _manager_id(session: Session, manager: Manager | None) -> UUID | None:
    named = (manager.value or str(manager.ref or "").rsplit("/", 1)[-1]) if manager else ""
    if not named:
        return None
    manager_id = _as_id(named)
    if manager_id is None or session.get(Person, manager_id) is None:
        raise InvalidValueException(detail=f"no user {named!r} who could be the manager")
    return manager_id


def _seat_before(session: Session, person: Person) -> Position:
    """The seat that somebody who comes back had last; a first one knows no place yet."""
    last = session.scalar(
        select(Membership).where(Membership.person_id == person.id).order_by(Membership.since.desc()).limit(1)
    )
    if last is None:
        return Position(_FIRST_ROLE, may_lack_region=True)
    return Position(last.role, last.team_id, last.region_id, None, may_lack_region=True)


def _returning(session: Session, facts: dict[str, Any]) -> Person | None:
    """Somebody who has left and whom the provider knows no more, by employee number, address or account."""
    keys: Sequence[tuple[Any, Any]] = (
        (Person.employee_number, facts["employee_number"]),
        (Person.email, facts["email"]),
        (Person.wecom_id, facts["wecom_id"]),
    )
    same = [column == value for column, value in keys if value]
    gone = and_(Person.left_on <= clock.today(), Person.user_name.is_(None))
    found = session.scalars(select(Person).where(gone, or_(*same)).limit(2)).all() if same else []
    return found[0] if len(found) == 1 else None


def _require_free(acting: Acting, person: Person, user_name: str) -> None:
    taken = select(Person.id).where(_is_called(user_name), Person.id != person.id, visible_users(acting))
    if acting.session.scalar(taken.limit(1)) is not None:
        raise UniquenessException(detail=f"there is a user {user_name} already")


def _is_called(user_name: str) -> ColumnElement[bool]:
    same = user_name.lower()
    by_address = and_(Person.user_name.is_(None), func.lower(Person.email) == same)
    return or_(func.lower(Person.user_name) == same, by_address)


def _primary(entries: Sequence[Any] | None) -> str | None:
    chosen = next((one for one in entries or () if one.primary), entries[0] if entries else None)
    return chosen.value if chosen else None


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
