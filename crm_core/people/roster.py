"""Changes of the roster: people come, change their position from a day on, and leave. Nothing is deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, TypedDict, Unpack
from uuid import UUID

import psycopg
from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.errors import Conflict, Invalid
from crm_core.foundation.events import publish
from crm_core.people.events import PersonLeft, TeamCalendarChanged
from crm_core.people.memberships import reports
from crm_core.people.names import pinyin
from crm_core.people.repository import find_person, find_region, find_team
from crm_core.people.tables import Membership, Person, Region, Team
from crm_core.people.tokens import revoke_all
from crm_core.people.viewer import ROLES

#: roles that one person may hold several times at once, for different teams or regions
_LEADING_ROLES = frozenset({"manager", "director"})


#: characters of one skill or language
_LONGEST_WORDS = {"skills": 60, "languages": 20}


class RoleUnknown(Invalid):
    code = "role_unknown"


class RepWithoutRegion(Invalid):
    code = "rep_without_region"


class MembershipsOverlap(Conflict):
    code = "memberships_overlap"


class SpanReversed(Invalid):
    code = "span_reversed"


class ReportingCircle(Invalid):
    code = "reporting_circle"


class PersonDuplicate(Conflict):
    """Somebody else has this number, address or account."""

    code = "person_duplicate"


class WordTooLong(Invalid):
    """A skill or language that is no single word; the database would cut it short without saying so."""

    code = "roster_word_too_long"


class NameTaken(Conflict):
    """A team or region of this name exists."""

    code = "name_taken"


class PersonFacts(TypedDict, total=False):
    """What is known of a person beside the name and the positions."""

    employee_number: str | None
    email: str | None
    mobile: str | None
    hired_on: date | None
    locale: Literal["zh", "en"]
    wecom_id: str | None
    skills: list[str]
    languages: list[str]
    open_leads_limit: int | None
    away_until: date | None
    user_name: str | None
    external_id: str | None


class TeamFacts(TypedDict, total=False):
    """What is known of a team."""

    name: str
    region_id: UUID | None
    calendar: str | None
    external_id: str | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Position:
    """What somebody is and where. A region that is not given is the team's."""

    role: str
    team_id: UUID | None = None
    region_id: UUID | None = None
    manager_id: UUID | None = None
    #: an identity provider knows no regions: its people are let in, and get leads when somebody has filled it in
    may_lack_region: bool = field(default=False, compare=False)


def add_person(session: Session, *, name: str, **facts: Unpack[PersonFacts]) -> Person:
    """Put a person on the roster. Raises PersonDuplicate."""
    return change_person(session, Person(), name=name, **facts)


def change_person(session: Session, person: Person, *, name: str | None = None, **facts: Unpack[PersonFacts]) -> Person:
    """Correct what is known of a person. Raises PersonDuplicate, WordTooLong."""
    cleaned = {column: _cleaned(value) for column, value in facts.items()}
    for column, longest in _LONGEST_WORDS.items():
        too_long = next((word for word in cleaned.get(column) or () if len(word) > longest), None)
        if too_long is not None:
            raise WordTooLong(field=column, value=too_long, longest=longest)
    with _unique(session, PersonDuplicate, cleaned):
        if name is not None:
            person.name, person.name_pinyin = name.strip(), pinyin(name)
        for column, value in cleaned.items():
            setattr(person, column, value)
        session.add(person)
    return person


def appoint(session: Session, person: Person, position: Position, *, since: date) -> Membership:
    """Give a person a position from a day on; somebody who had left is back.

    Raises RoleUnknown, RepWithoutRegion, ReportingCircle, or MembershipsOverlap where they hold the role already.
    """
    _lock(session, person)
    position = _checked(session, person, position, since)
    _refuse_overlap(session, person, position, since=since, until=None)
    if person.left_on is not None and person.left_on <= since:
        person.left_on = None
    membership = _place(Membership(person_id=person.id, since=since), position)
    session.add(membership)
    session.flush()
    return membership


def change_position(session: Session, membership: Membership, position: Position, *, since: date) -> Membership:
    """Let a new position replace one from a day on: the old one ends that day, and the days before stay as they were.

    On the first day of the old position it is a correction of it. Raises as `appoint`, and SpanReversed for a day
    outside the old position.
    """
    person = find_person(session, membership.person_id)
    _lock(session, person)
    if since < membership.since or (membership.until is not None and since >= membership.until):
        raise SpanReversed(since=str(membership.since), until=str(since))
    position = _checked(session, person, position, since)
    _refuse_overlap(session, person, position, since=since, until=membership.until, beside=membership)
    if since == membership.since:
        _place(membership, position)
        successor = membership
    else:
        successor = _place(Membership(person_id=person.id, since=since, until=membership.until), position)
        membership.until = since
        session.add(successor)
    session.flush()
    return successor


def end_membership(session: Session, membership: Membership, *, until: date) -> None:
    """Let a position end; `until` is its first day no more. Raises SpanReversed."""
    if until <= membership.since:
        raise SpanReversed(since=str(membership.since), until=str(until))
    membership.until = until
    session.flush()


def leave(session: Session, person: Person, *, on: date) -> None:
    """Somebody leaves: `on` is the first day they are gone. Positions end; from that day no log-in or token works.

    What hangs on them is handed over by whoever reacts to PersonLeft, which may be told of a day ahead.
    """
    _lock(session, person)
    session.execute(delete(Membership).where(Membership.person_id == person.id, Membership.since >= on))
    open_ones = select(Membership).where(
        Membership.person_id == person.id, or_(Membership.until.is_(None), Membership.until > on)
    )
    for membership in session.scalars(open_ones):
        membership.until = on
    person.left_on = on
    if on <= clock.today():
        revoke_all(session, person.id, api_tokens_too=True)
    session.flush()
    publish(session, PersonLeft(person.id, on))


def add_region(session: Session, *, code: str, name: str) -> Region:
    """Raises NameTaken."""
    region = Region(code=code, name=name.strip())
    with _unique(session, NameTaken, {"code": code, "name": region.name}):
        session.add(region)
    return region


def add_team(session: Session, *, name: str, region_id: UUID | None, calendar: str | None = None) -> Team:
    """Raises NameTaken or RegionNotFound."""
    return change_team(session, Team(), name=name, region_id=region_id, calendar=calendar)


def change_team(session: Session, team: Team, **facts: Unpack[TeamFacts]) -> Team:
    """Correct what is known of a team; its region is from now on that of its people who have none of their own.

    Raises NameTaken or RegionNotFound.
    """
    cleaned = {column: _cleaned(value) for column, value in facts.items()}
    if cleaned.get("region_id") is not None:
        find_region(session, cleaned["region_id"])
    kept_calendar = team.calendar
    with _unique(session, NameTaken, cleaned):
        for column, value in cleaned.items():
            setattr(team, column, value)
        session.add(team)
    if team.calendar != kept_calendar:
        publish(session, TeamCalendarChanged(team.id))
    return team


def _checked(session: Session, person: Person, position: Position, day: date) -> Position:
    """The position with its region filled in."""
    if position.role not in ROLES:
        raise RoleUnknown(role=position.role, known=", ".join(ROLES))
    team = find_team(session, position.team_id) if position.team_id else None
    region = find_region(session, position.region_id) if position.region_id else None
    region_id = region.id if region else team.region_id if team else None
    if position.role == "rep" and region_id is None and not position.may_lack_region:
        raise RepWithoutRegion(name=person.name)
    if position.manager_id is not None:
        manager = find_person(session, position.manager_id)
        if manager.id == person.id or manager.id in reports(session, person.id, day):
            raise ReportingCircle(name=person.name, manager=manager.name)
    return Position(position.role, position.team_id, region_id, position.manager_id)


def _refuse_overlap(
    session: Session,
    person: Person,
    position: Position,
    *,
    since: date,
    until: date | None,
    beside: Membership | None = None,
) -> None:
    """One person holds a role once at a time; who leads may lead several teams or regions."""
    held = select(Membership).where(
        Membership.person_id == person.id,
        Membership.role == position.role,
        or_(Membership.until.is_(None), Membership.until > since),
    )
    if until is not None:
        held = held.where(Membership.since < until)
    if position.role in _LEADING_ROLES:
        held = held.where(
            Membership.team_id.is_not_distinct_from(position.team_id),
            Membership.region_id.is_not_distinct_from(position.region_id),
        )
    if beside is not None:
        held = held.where(Membership.id != beside.id)
    clash = session.scalar(held.limit(1))
    if clash is not None:
        raise MembershipsOverlap(role=position.role, since=str(clash.since), until=str(clash.until or "…"))


def _place(membership: Membership, position: Position) -> Membership:
    membership.role, membership.team_id = position.role, position.team_id
    membership.region_id, membership.manager_id = position.region_id, position.manager_id
    return membership


def _lock(session: Session, person: Person) -> None:
    """Two changes of one person's positions wait for each other, so that neither misses the other's overlap."""
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())


def _cleaned(value: Any) -> Any:
    """Texts without blanks around them, a blank one as none; lists of words each once, in their order."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return list(dict.fromkeys(word for word in (str(item).strip() for item in value) if word))
    return value


@contextmanager
def _unique(session: Session, taken: type[Conflict], values: dict[str, Any]) -> Iterator[None]:
    """What the block writes is written at its end; where somebody has one of these values, the block is undone."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError as duplicate:
        column = _column_of(duplicate)
        value = str(values.get(column, ""))
        raise taken(field=column, value=value, name=value) from duplicate


def _column_of(duplicate: IntegrityError) -> str:
    """uq_people_employee_number → employee_number."""
    diagnosis = duplicate.orig.diag if isinstance(duplicate.orig, psycopg.Error) else None
    named, table = (diagnosis.constraint_name or "", diagnosis.table_name or "") if diagnosis else ("", "")
    return named.removeprefix(f"uq_{table}_")
