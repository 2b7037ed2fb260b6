"""Rows of other people's tables of people: who is the same, what changes, what is refused and why."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.errors import ProductError
from crm_core.foundation.resources import Resources
from crm_core.people.memberships import direct_manager, memberships_on
from crm_core.people.roster_rows import RowChoices, take_person
from crm_core.people.tables import Membership, Person, Region, Team
from tests.factories.people import make_person, make_region, make_team

TODAY = clock.today()
HIRED = date(2026, 3, 2)


@pytest.fixture
def session(resources: Resources) -> Iterator[Session]:
    with resources.database.transaction(Origin(channel="import")) as session:
        make_team(session, "南一队", make_region(session, "south", "华南大区"))
        make_team(session, "北一队", make_region(session, "north", "华北大区"))
        yield session


def row(**values: Any) -> dict[str, Any]:
    return {"name": "曾小贤", "employee_number": "S1", "team": "南一队", "role": "销售", **values}


def person_of(session: Session, number: str = "S1") -> Person:
    return session.scalars(select(Person).where(Person.employee_number == number)).one()


def refusal(session: Session, values: dict[str, Any]) -> str:
    with pytest.raises(ProductError) as refused:
        take_person(session, values, TODAY)
    return refused.value.code


def test_a_new_person_stands_where_the_row_says(session: Session) -> None:
    manager = make_person(session, "manager", name="王海峰")
    full = row(
        email="Zeng@example.com", mobile="13800000000", hired_on=HIRED, manager="王海峰",
        skills="光伏、充电桩；光伏", languages="zh, en", wecom_id="zengxx",
    )  # fmt: skip
    assert take_person(session, full, TODAY) == "created"
    person = person_of(session)
    (held,) = memberships_on(session, person.id, HIRED)
    assert (held.role, held.since, held.manager_id) == ("rep", HIRED, manager.id)
    assert session.get_one(Region, held.region_id).code == "south"
    assert (person.skills, person.languages, person.wecom_id) == (["光伏", "充电桩"], ["zh", "en"], "zengxx")


def test_the_same_table_again_changes_nothing(session: Session) -> None:
    full = row(email="z@example.com", hired_on=HIRED, skills="光伏", region="华南大区")
    take_person(session, full, TODAY)
    before = session.scalar(select(func.count()).select_from(Membership))
    assert take_person(session, full, TODAY) == "unchanged"
    assert take_person(session, {**full, "skills": ["光伏"], "name": " 曾小贤 "}, TODAY) == "unchanged"
    assert session.scalar(select(func.count()).select_from(Membership)) == before


def test_blank_cells_change_nothing(session: Session) -> None:
    take_person(session, row(email="z@example.com", skills="光伏"), TODAY)
    assert take_person(session, row(email=" ", skills="", team=None), TODAY) == "unchanged"
    assert (person_of(session).email, person_of(session).skills) == ("z@example.com", ["光伏"])


def test_a_move_counts_from_the_day_of_the_table(session: Session) -> None:
    take_person(session, row(hired_on=HIRED, region="south"), TODAY)
    assert take_person(session, row(team="北一队", hired_on=HIRED), TODAY) == "changed"
    person = person_of(session)
    (before,), (after,) = (memberships_on(session, person.id, day) for day in (TODAY - timedelta(days=1), TODAY))
    teams = {team.id: team.name for team in session.scalars(select(Team))}
    assert (teams[before.team_id], teams[after.team_id]) == ("南一队", "北一队")
    # the region follows the team that the row names
    assert session.get_one(Region, after.region_id).code == "north"


def test_a_promotion_replaces_the_only_position(session: Session) -> None:
    take_person(session, row(hired_on=HIRED), TODAY)
    assert take_person(session, row(role="Sales Manager"), TODAY) == "changed"
    assert [held.role for held in memberships_on(session, person_of(session).id, TODAY)] == ["manager"]


def test_who_the_table_says_has_left_leaves(session: Session) -> None:
    take_person(session, row(hired_on=HIRED), TODAY)
    assert take_person(session, row(left_on=TODAY), TODAY) == "changed"
    assert take_person(session, row(left_on=TODAY), TODAY) == "unchanged"
    assert memberships_on(session, person_of(session).id, TODAY) == []
    long_gone = row(employee_number="S2", hired_on=HIRED, left_on=HIRED + timedelta(days=30))
    assert take_person(session, long_gone, TODAY) == "created"
    assert len(memberships_on(session, person_of(session, "S2").id, HIRED)) == 1
    assert memberships_on(session, person_of(session, "S2").id, TODAY) == []


def test_an_address_tells_who_it_is_where_there_is_no_number(session: Session) -> None:
    first = {"name": "单雄信", "email": "shan@example.com", "role": "trainer"}
    assert take_person(session, first, TODAY) == "created"
    assert take_person(session, {**first, "email": "SHAN@example.com"}, TODAY) == "changed"
    assert take_person(session, {**first, "email": "SHAN@example.com", "employee_number": "S9"}, TODAY) == "changed"
    assert person_of(session, "S9").name == "单雄信"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"employee_number": None}, "roster_row_identity_missing"),
        ({"name": None}, "roster_row_name_missing"),
        ({"manager": "没有的人"}, "roster_row_manager_unknown"),
        ({"manager": "重名"}, "roster_row_manager_ambiguous"),
        ({"team": "没有的队"}, "roster_row_team_unknown"),
        ({"region": "没有的大区"}, "roster_row_region_unknown"),
        ({"team": None}, "rep_without_region"),
        ({"role": "太阳能"}, "role_unknown"),
        ({"wecom_id": "taken"}, "person_duplicate"),
        ({"email": "other@example.com"}, "roster_row_identity_ambiguous"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why_and_leaves_nothing(
    session: Session, values: dict[str, Any], code: str
) -> None:
    for _ in range(2):
        make_person(session, "manager", name="重名")
    other = make_person(session, name="别人")
    other.email, other.wecom_id = "other@example.com", "taken"
    session.flush()
    assert refusal(session, row(**values)) == code
    assert session.scalar(select(func.count()).where(Person.employee_number == "S1")) == 0


def test_two_who_would_manage_each_other_are_refused(session: Session) -> None:
    take_person(session, row(), TODAY)
    take_person(session, row(employee_number="S2", name="乙", manager="S1"), TODAY)
    assert refusal(session, row(manager="S2")) == "reporting_circle"
    assert direct_manager(session, person_of(session).id, TODAY) is None


def test_number_and_address_of_two_people_are_refused(session: Session) -> None:
    take_person(session, row(email="a@example.com"), TODAY)
    take_person(session, row(employee_number="S2", email="b@example.com"), TODAY)
    assert refusal(session, row(email="b@example.com")) == "roster_row_identity_ambiguous"


def test_places_are_made_where_that_was_chosen(session: Session) -> None:
    choices = RowChoices(makes_places=True)
    for number, region in enumerate(("华中大区", "Central", "华中大渠")):
        values = row(employee_number=f"N{number}", region=region, team=f"{region}一队")
        assert take_person(session, values, TODAY, choices) == "created"
        assert take_person(session, values, TODAY, choices) == "unchanged"
    regions = {region.name: region.code for region in session.scalars(select(Region))}
    assert regions["华中大区"] == "huazhongdaqu"
    assert regions["华中大渠"] == "huazhongdaqu2"
    assert regions["Central"] == "central"
    team = session.scalars(select(Team).where(Team.name == "Central一队")).one()
    assert session.get_one(Region, team.region_id).code == "central"
