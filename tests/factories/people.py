"""People, teams and regions for tests, and logging in as them."""

from datetime import date
from itertools import count

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.memberships import viewer_of
from crm_core.people.names import pinyin
from crm_core.people.passwords import add_credential
from crm_core.people.tables import Membership, Person, Region, Team
from crm_core.people.tokens import issue_api_token, open_session
from crm_core.people.viewer import Viewer

PASSWORD = "四季如春-2026-Spring"
LONG_AGO = date(2020, 1, 1)

_numbers = count(1)


def make_region(session: Session, code: str = "east", name: str = "华东大区") -> Region:
    """The region of this code, made if it is not there."""
    region = session.scalar(select(Region).where(Region.code == code))
    if region is None:
        region = Region(code=code, name=name)
        session.add(region)
        session.flush()
    return region


def make_team(session: Session, name: str = "华东一队", region: Region | None = None) -> Team:
    """The team of this name, made if it is not there."""
    team = session.scalar(select(Team).where(Team.name == name))
    if team is None:
        team = Team(name=name, region_id=(region or make_region(session)).id)
        session.add(team)
        session.flush()
    return team


def make_person(
    session: Session,
    role: str | None = "rep",
    *,
    name: str | None = None,
    team: Team | None = None,
    region: Region | None = None,
    manager: Person | None = None,
    since: date = LONG_AGO,
) -> Person:
    """Somebody with one role since long ago, or with none."""
    number = next(_numbers)
    name = name or f"测试员{number}"
    person = Person(
        name=name,
        name_pinyin=pinyin(name),
        employee_number=f"T{number:05}",
        email=f"t{number}@example.com",
        locale="zh",
    )
    session.add(person)
    session.flush()
    if role is not None:
        session.add(
            Membership(
                person_id=person.id,
                role=role,
                team_id=team.id if team else None,
                region_id=region.id if region else (team.region_id if team else None),
                manager_id=manager.id if manager else None,
                since=since,
            )
        )
        session.flush()
    return person


def allow_password(session: Session, resources: Resources, person: Person, login_name: str) -> None:
    """Let a person log in with this name and PASSWORD."""
    add_credential(session, resources.settings, person.id, login_name=login_name, password=PASSWORD)


def viewer_with_role(session: Session, role: str = "rep", *, team: Team | None = None) -> Viewer:
    """Somebody new in a role, as access decisions see them."""
    return viewer_of(session, make_person(session, role, team=team).id)


def log_in(client: TestClient, resources: Resources, person: Person) -> TestClient:
    """The client acts as this person from here on."""
    with resources.database.transaction(Origin(channel="test")) as session:
        token, _ = open_session(session, person.id, hours=8)
    client.headers["authorization"] = f"Bearer {token}"
    return client


def log_in_as(client: TestClient, resources: Resources, role: str, *, team: str = "华东一队") -> Person:
    """The client acts as somebody new in this role, in a team of the east region."""
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_person(session, role, team=make_team(session, team))
    log_in(client, resources, person)
    return person


def use_api_token(client: TestClient, resources: Resources, person: Person, *scopes: str) -> TestClient:
    """The client is a program that acts for this person within scopes."""
    with resources.database.transaction(Origin(channel="test")) as session:
        token, _ = issue_api_token(session, person.id, label="test", scopes=scopes)
    client.headers["authorization"] = f"Bearer {token}"
    return client
