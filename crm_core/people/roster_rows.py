"""Rows of other people's tables of people, taken into the roster: one row says who somebody is and where they stand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from crm_core.foundation.errors import Conflict, Invalid
from crm_core.people.memberships import memberships_on
from crm_core.people.names import pinyin
from crm_core.people.positions import place, position_of
from crm_core.people.repository import region_called, team_called
from crm_core.people.role_names import role_called
from crm_core.people.roster import (
    Position,
    RoleUnknown,
    add_person,
    add_region,
    add_team,
    change_person,
    leave,
)
from crm_core.people.tables import Membership, Person, Region, Team
from crm_core.people.viewer import ROLES

Fate = Literal["created", "changed", "unchanged"]

#: columns that a row may name, beside the person's own facts
PLACE_FIELDS = ("role", "team", "region", "manager", "left_on")
FACT_FIELDS = ("employee_number", "email", "mobile", "hired_on", "wecom_id", "skills", "languages")
ROW_FIELDS = ("name", *FACT_FIELDS, *PLACE_FIELDS)

_LISTS = frozenset({"skills", "languages"})
_BETWEEN_WORDS = re.compile(r"[、,，;；/|\n]+")


class RowIdentityMissing(Invalid):
    """Neither employee number nor e-mail says who this is."""

    code = "roster_row_identity_missing"


class RowNameMissing(Invalid):
    code = "roster_row_name_missing"


class RowIdentityAmbiguous(Conflict):
    """The employee number belongs to one person and the e-mail address to another; parameters: number, email."""

    code = "roster_row_identity_ambiguous"


class RowManagerUnknown(Invalid):
    """Nobody on the roster is called so; parameters: manager."""

    code = "roster_row_manager_unknown"


class RowManagerAmbiguous(Invalid):
    """Several people have this name; parameters: manager, numbers."""

    code = "roster_row_manager_ambiguous"


class RowTeamUnknown(Invalid):
    code = "roster_row_team_unknown"


class RowRegionUnknown(Invalid):
    code = "roster_row_region_unknown"


@dataclass(frozen=True, slots=True)
class RowChoices:
    """What whoever brings a table in has decided."""

    #: teams and regions that are not there are made
    makes_places: bool = False


def take_person(
    session: Session,
    values: Mapping[str, Any],
    since: date,
    choices: RowChoices = RowChoices(),
) -> Fate:
    """Take one row: names are texts, days are dates, skills and languages lists or texts; blank cells change nothing.

    Somebody is the same by employee number, else by e-mail. Somebody new starts on the day of hiring, by default on
    `since`; a new position of somebody known counts from `since`. Raises the errors of this module and those of
    `roster`; a manager further down the table is unknown as yet, so such rows are worth a second try.
    """
    given = {name: value for name, value in values.items() if name in ROW_FIELDS and not _is_blank(value)}
    with session.begin_nested():
        person = _known_person(session, given)
        if person is None:
            return _create(session, given, since, choices)
        has_changed = _correct(session, person, given.get("name"), _facts(given))
        return "changed" if _settle(session, person, given, since, choices) or has_changed else "unchanged"


def _create(session: Session, given: Mapping[str, Any], since: date, choices: RowChoices) -> Fate:
    if "name" not in given:
        raise RowNameMissing()
    person = add_person(session, name=given["name"], **_facts(given))
    _settle(session, person, given, given.get("hired_on", since), choices)
    return "created"


def _known_person(session: Session, given: Mapping[str, Any]) -> Person | None:
    number, email = given.get("employee_number"), given.get("email")
    if number is None and email is None:
        raise RowIdentityMissing()
    by_number = session.scalar(select(Person).where(Person.employee_number == str(number).strip())) if number else None
    by_email = (
        session.scalar(select(Person).where(func.lower(Person.email) == email.strip().lower())) if email else None
    )
    if by_number is None:
        # an address that belongs to somebody with another number is somebody else's
        if by_email is not None and number and by_email.employee_number:
            raise RowIdentityAmbiguous(number=number, email=email)
        return by_email
    if by_email is not None and by_email.id != by_number.id:
        raise RowIdentityAmbiguous(number=number, email=email)
    return by_number


def _facts(given: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: given[name] for name in FACT_FIELDS if name in given}
    for name, value in facts.items():
        if name in _LISTS:
            facts[name] = _words(value)
        elif not isinstance(value, date):
            facts[name] = str(value).strip()
    return facts


def _correct(session: Session, person: Person, name: str | None, facts: Mapping[str, Any]) -> bool:
    different: dict[str, Any] = {column: value for column, value in facts.items() if getattr(person, column) != value}
    new_name = name.strip() if name and name.strip() != person.name else None
    if not different and new_name is None:
        return False
    change_person(session, person, name=new_name, **different)
    return True


def _settle(session: Session, person: Person, given: Mapping[str, Any], since: date, choices: RowChoices) -> bool:
    """Put the person where the row says, and let them leave when it says so; returns whether anything changed."""
    has_changed, left_on = False, given.get("left_on")
    held = _latest_position(session, person, since)
    if left_on is None or left_on > since:
        wanted = _position(session, given, held, choices)
        if wanted is not None:
            has_changed = place(session, person, wanted, since=since)
    if left_on is not None and person.left_on != left_on:
        leave(session, person, on=left_on)
        has_changed = True
    return has_changed


def _latest_position(session: Session, person: Person, day: date) -> Membership | None:
    held = memberships_on(session, person.id, day)
    return held[-1] if held else None


def _position(
    session: Session, given: Mapping[str, Any], held: Membership | None, choices: RowChoices
) -> Position | None:
    """What the row says, completed by what the person holds; None where neither says anything."""
    if held is not None and not any(name in given for name in ("role", "team", "region", "manager")):
        return None
    before = position_of(held) if held else Position("rep")
    role = _role(given["role"]) if "role" in given else before.role
    region = _region(session, given["region"], choices) if "region" in given else None
    team = _team(session, given["team"], region, choices) if "team" in given else None
    region_id = region.id if region else None if team else before.region_id
    manager_id = _manager(session, given["manager"]) if "manager" in given else before.manager_id
    return Position(role, team.id if team else before.team_id, region_id, manager_id)


def _role(words: str) -> str:
    role = role_called(words)
    if role is None:
        raise RoleUnknown(role=words, known=", ".join(ROLES))
    return role


def _region(session: Session, called: str, choices: RowChoices) -> Region:
    region = region_called(session, called.strip())
    if region is None and not choices.makes_places:
        raise RowRegionUnknown(region=called)
    return region or add_region(session, code=_region_code(session, called), name=called)


def _region_code(session: Session, name: str) -> str:
    """华东大区 → huadongdaqu; a number follows where two names sound the same."""
    letters = re.sub(r"[^a-z0-9]", "", pinyin(name).casefold())[:30]
    code = letters if letters[:1].isalpha() else f"region{letters}"
    taken = set(session.scalars(select(Region.code).where(Region.code.startswith(code))))
    return next(one for one in (code, *(f"{code}{number}" for number in range(2, len(taken) + 3))) if one not in taken)


def _team(session: Session, name: str, region: Region | None, choices: RowChoices) -> Team:
    team = team_called(session, name.strip())
    if team is None and not choices.makes_places:
        raise RowTeamUnknown(team=name)
    return team or add_team(session, name=name, region_id=region.id if region else None)


def _manager(session: Session, called: str) -> UUID:
    """By employee number, e-mail or name."""
    called = str(called).strip()
    same = or_(Person.employee_number == called, func.lower(Person.email) == called.lower(), Person.name == called)
    found = session.scalars(select(Person).where(same, Person.left_on.is_(None))).all()
    exact = [person for person in found if person.name != called] or list(found)
    if not exact:
        raise RowManagerUnknown(manager=called)
    if len(exact) > 1:
        raise RowManagerAmbiguous(manager=called, numbers=", ".join(person.employee_number or "—" for person in exact))
    return exact[0].id


def _words(value: Any) -> list[str]:
    parts = _BETWEEN_WORDS.split(value) if isinstance(value, str) else [str(part) for part in value]
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
