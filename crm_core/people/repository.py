"""Looking people, teams and regions up."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from crm_core.foundation.errors import NotFound
from crm_core.people.access import RecordColumns
from crm_core.people.memberships import holds_on
from crm_core.people.tables import Membership, Person, Region, RosterSnapshot, Team

#: row scope of the roster: oneself is "own"; the region is that of the latest membership
PERSON_COLUMNS = RecordColumns(
    owner_id=Person.id,
    region_id=select(Membership.region_id)
    .where(Membership.person_id == Person.id)
    .order_by(Membership.since.desc())
    .limit(1)
    .scalar_subquery(),
)


class PersonNotFound(NotFound):
    code = "person_not_found"


class TeamNotFound(NotFound):
    code = "team_not_found"


class RegionNotFound(NotFound):
    code = "region_not_found"


class MembershipNotFound(NotFound):
    code = "membership_not_found"


class SnapshotNotFound(NotFound):
    code = "roster_snapshot_not_found"


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people a list is about; role, team and region are those of the day."""

    day: date
    words: str = ""
    role: str | None = None
    team_id: UUID | None = None
    region_id: UUID | None = None
    with_left: bool = False


@dataclass(frozen=True, slots=True)
class MembershipView:
    """A membership with the names of its team, region and manager."""

    id: UUID
    person_id: UUID
    role: str
    team_id: UUID | None
    region_id: UUID | None
    manager_id: UUID | None
    since: date
    until: date | None
    team: str | None
    region: str | None
    manager: str | None


_SHOWN_OF_MEMBERSHIP = ("id", "person_id", "role", "team_id", "region_id", "manager_id", "since", "until")
_Manager = aliased(Person)


def find_person(session: Session, person_id: UUID, visible: ColumnElement[bool] | None = None) -> Person:
    """Raises PersonNotFound, also for somebody outside what is visible."""
    person = session.scalar(select(Person).where(Person.id == person_id, true() if visible is None else visible))
    if person is None:
        raise PersonNotFound(id=str(person_id))
    return person


def find_team(session: Session, team_id: UUID) -> Team:
    """Raises TeamNotFound."""
    team = session.get(Team, team_id)
    if team is None:
        raise TeamNotFound(id=str(team_id))
    return team


def find_region(session: Session, region_id: UUID) -> Region:
    """Raises RegionNotFound."""
    region = session.get(Region, region_id)
    if region is None:
        raise RegionNotFound(id=str(region_id))
    return region


def region_called(session: Session, called: str) -> Region | None:
    """The region of this code or name."""
    return session.scalar(select(Region).where(or_(Region.code == called, Region.name == called)))


def team_called(session: Session, name: str) -> Team | None:
    return session.scalar(select(Team).where(Team.name == name))


def find_membership(session: Session, person_id: UUID, membership_id: UUID) -> Membership:
    """Raises MembershipNotFound, also for somebody else's."""
    membership = session.get(Membership, membership_id)
    if membership is None or membership.person_id != person_id:
        raise MembershipNotFound(id=str(membership_id))
    return membership


def search_people(
    session: Session, wanted: PeopleFilter, visible: ColumnElement[bool], *, limit: int, offset: int
) -> tuple[Sequence[Person], int]:
    """One page of people in the order of their names' pinyin, and how many there are in all."""
    matching = _filtered(select(Person).where(visible), wanted)
    total = session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    page = matching.order_by(Person.name_pinyin, Person.id).limit(limit).offset(offset)
    return session.scalars(page).all(), total


def memberships_of(
    session: Session, person_ids: Collection[UUID], day: date | None = None
) -> Mapping[UUID, Sequence[MembershipView]]:
    """Memberships by person in the order of time, of one day or of all; one query for all people."""
    columns = Membership.__table__.columns
    statement = (
        select(
            *(columns[name] for name in _SHOWN_OF_MEMBERSHIP),
            Team.name.label("team"),
            Region.name.label("region"),
            _Manager.name.label("manager"),
        )
        .outerjoin(Team, Team.id == Membership.team_id)
        .outerjoin(Region, Region.id == Membership.region_id)
        .outerjoin(_Manager, _Manager.id == Membership.manager_id)
        .where(Membership.person_id.in_(person_ids))
        .order_by(Membership.since, Membership.id)
    )
    found: defaultdict[UUID, list[MembershipView]] = defaultdict(list)
    for row in session.execute(statement.where(holds_on(day)) if day else statement).mappings():
        found[row["person_id"]].append(MembershipView(**row))
    return found


def names_of_people(session: Session, person_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Names by id, for lists that show who did something."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return {row.id: row.name for row in rows}


def find_snapshot(session: Session, digest: str) -> RosterSnapshot:
    """Raises SnapshotNotFound."""
    snapshot = session.scalar(select(RosterSnapshot).where(RosterSnapshot.digest == digest))
    if snapshot is None:
        raise SnapshotNotFound(digest=digest)
    return snapshot


def kept_snapshots(session: Session, *, limit: int, offset: int) -> tuple[Sequence[Row[Any]], int]:
    """A page of what is kept, latest first, without the content: day, digest, positions, created_at."""
    columns = (
        RosterSnapshot.day,
        RosterSnapshot.digest,
        RosterSnapshot.created_at,
        func.jsonb_array_length(RosterSnapshot.content).label("positions"),
    )
    statement = select(*columns).order_by(RosterSnapshot.created_at.desc(), RosterSnapshot.id.desc())
    total = session.scalar(select(func.count()).select_from(RosterSnapshot)) or 0
    return session.execute(statement.limit(limit).offset(offset)).all(), total


def all_teams(session: Session) -> Sequence[Team]:
    """Every team that is not closed, by name."""
    return session.scalars(select(Team).where(Team.closed_on.is_(None)).order_by(Team.name)).all()


def all_regions(session: Session) -> Sequence[Region]:
    return session.scalars(select(Region).order_by(Region.code)).all()


def _filtered(statement: Select[Person], wanted: PeopleFilter) -> Select[Person]:
    if not wanted.with_left:
        statement = statement.where(or_(Person.left_on.is_(None), Person.left_on > wanted.day))
    if wanted.words.strip():
        statement = statement.where(_named_like(wanted.words.strip()))
    placed = {"role": wanted.role, "team_id": wanted.team_id, "region_id": wanted.region_id}
    conditions = [getattr(Membership, column) == value for column, value in placed.items() if value is not None]
    if conditions:
        holders = select(Membership.person_id).where(holds_on(wanted.day), *conditions)
        statement = statement.where(Person.id.in_(holders))
    return statement


def _named_like(words: str) -> ColumnElement[bool]:
    """A part of the name, its pinyin with or without spaces (zhang wei, zhangwei), or its initials (zw)."""
    letters = words.casefold().replace(" ", "")
    joined = func.replace(Person.name_pinyin, " ", "")
    initials = func.regexp_replace(Person.name_pinyin, r"(\S)\S*\s*", r"\1", "g")
    return or_(
        Person.name.contains(words, autoescape=True),
        joined.startswith(letters, autoescape=True),
        initials.startswith(letters, autoescape=True),
    )
