"""The roster over time: positions that follow one another, managers and teams of a day, leaving and coming back."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.events import install_reactions
from crm_core.foundation.resources import Resources
from crm_core.people import roster
from crm_core.people.events import PersonLeft
from crm_core.people.memberships import direct_manager, memberships_on, people_with_role, reports, viewer_of
from crm_core.people.repository import RegionNotFound, TeamNotFound
from crm_core.people.roster import Position
from crm_core.people.tables import ApiToken, Membership, Person, Team
from crm_core.people.tokens import issue_api_token
from tests.factories.people import make_person, make_region, make_team

JANUARY, MARCH, MAY, JULY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1)


@pytest.fixture
def session(resources: Resources) -> Iterator[Session]:
    with resources.database.transaction(Origin(channel="test")) as session:
        yield session


def make_newcomer(session: Session, **facts: object) -> Person:
    return roster.add_person(session, name="曾小贤", **facts)  # type: ignore[arg-type]


def spans(session: Session, person: Person) -> list[tuple[str, date, date | None]]:
    rows = session.scalars(select(Membership).where(Membership.person_id == person.id).order_by(Membership.since))
    return [(row.role, row.since, row.until) for row in rows]


def test_a_change_closes_the_old_position_and_opens_the_new(session: Session) -> None:
    east, north = make_team(session, "东一队"), make_team(session, "北一队", make_region(session, "north", "华北大区"))
    person = make_newcomer(session)
    first = roster.appoint(session, person, Position("rep", east.id), since=JANUARY)
    roster.change_position(session, first, Position("rep", north.id), since=MARCH)
    assert spans(session, person) == [("rep", JANUARY, MARCH), ("rep", MARCH, None)]
    assert memberships_on(session, person.id, MARCH - timedelta(days=1))[0].team_id == east.id
    assert memberships_on(session, person.id, MARCH)[0].region_id == north.region_id
    assert memberships_on(session, person.id, JANUARY - timedelta(days=1)) == []


def test_a_change_on_the_first_day_corrects_the_position(session: Session) -> None:
    team = make_team(session)
    person = make_newcomer(session)
    first = roster.appoint(session, person, Position("presales", team.id), since=JANUARY)
    roster.change_position(session, first, Position("rep", team.id), since=JANUARY)
    assert spans(session, person) == [("rep", JANUARY, None)]


def test_a_change_in_the_past_keeps_what_came_after(session: Session) -> None:
    team = make_team(session)
    person = make_newcomer(session)
    first = roster.appoint(session, person, Position("rep", team.id), since=JANUARY)
    roster.change_position(session, first, Position("presales", team.id), since=MAY)
    roster.change_position(session, first, Position("trainer", team.id), since=MARCH)
    assert spans(session, person) == [("rep", JANUARY, MARCH), ("trainer", MARCH, MAY), ("presales", MAY, None)]


@pytest.mark.parametrize("day", [JANUARY - timedelta(days=1), MAY, JULY])
def test_a_change_outside_its_position_is_refused(session: Session, day: date) -> None:
    person = make_newcomer(session)
    first = roster.appoint(session, person, Position("trainer"), since=JANUARY)
    roster.end_membership(session, first, until=MAY)
    with pytest.raises(roster.SpanReversed):
        roster.change_position(session, first, Position("finance"), since=day)


def test_the_same_role_twice_at_a_time_is_refused(session: Session) -> None:
    person = make_newcomer(session)
    first = roster.appoint(session, person, Position("rep", make_team(session, "东一队").id), since=MARCH)
    with pytest.raises(roster.MembershipsOverlap):
        roster.appoint(session, person, Position("rep", make_team(session, "东二队").id), since=JANUARY)
    roster.end_membership(session, first, until=MAY)
    with pytest.raises(roster.MembershipsOverlap):
        roster.appoint(session, person, Position("rep", make_team(session, "东二队").id), since=MAY - timedelta(days=1))
    roster.appoint(session, person, Position("rep", make_team(session, "东二队").id), since=MAY)
    roster.appoint(session, person, Position("trainer"), since=JANUARY)
    assert viewer_of(session, person.id, day=JULY).roles == {"rep", "trainer"}


def test_one_manager_may_lead_two_teams_but_not_one_twice(session: Session) -> None:
    person, one, two = make_newcomer(session), make_team(session, "东一队"), make_team(session, "东二队")
    roster.appoint(session, person, Position("manager", one.id), since=JANUARY)
    roster.appoint(session, person, Position("manager", two.id), since=JANUARY)
    with pytest.raises(roster.MembershipsOverlap):
        roster.appoint(session, person, Position("manager", two.id), since=MARCH)
    assert viewer_of(session, person.id).team_ids == {one.id, two.id}


def test_two_appointments_at_once_do_not_overlap(resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_newcomer(session)
        region_id = make_region(session).id
    outcomes: list[str] = []

    def appoint() -> None:
        try:
            with resources.database.transaction(Origin(channel="test")) as session:
                found = session.get_one(Person, person.id)
                roster.appoint(session, found, Position("rep", region_id=region_id), since=JANUARY)
            outcomes.append("appointed")
        except roster.MembershipsOverlap:
            outcomes.append("refused")

    writers = [threading.Thread(target=appoint) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(outcomes) == ["appointed", "refused", "refused", "refused"]


def test_an_unknown_role_is_told_with_those_that_exist(session: Session) -> None:
    with pytest.raises(roster.RoleUnknown) as refused:
        roster.appoint(session, make_newcomer(session), Position("销售"), since=JANUARY)
    assert refused.value.parameters["role"] == "销售"
    assert "presales, delivery" in refused.value.parameters["known"]


def test_a_rep_needs_a_region_of_their_own_or_of_the_team(session: Session) -> None:
    homeless = Team(name="新团队")
    session.add(homeless)
    session.flush()
    person = make_newcomer(session)
    for position in (Position("rep"), Position("rep", homeless.id)):
        with pytest.raises(roster.RepWithoutRegion):
            roster.appoint(session, person, position, since=JANUARY)
    with_team = roster.appoint(session, person, Position("rep", make_team(session).id), since=JANUARY)
    assert with_team.region_id == make_region(session).id


def test_places_that_do_not_exist_are_refused(session: Session) -> None:
    person, nowhere = make_newcomer(session), make_person(session).id
    with pytest.raises(TeamNotFound):
        roster.appoint(session, person, Position("rep", team_id=nowhere), since=JANUARY)
    with pytest.raises(RegionNotFound):
        roster.appoint(session, person, Position("rep", region_id=nowhere), since=JANUARY)


def test_nobody_reports_to_themselves_however_far_round(session: Session) -> None:
    top = make_person(session, "director", name="总监")
    middle = make_person(session, "manager", name="主管", manager=top)
    bottom = make_person(session, "trainer", manager=middle)
    with pytest.raises(roster.ReportingCircle):
        roster.appoint(session, top, Position("finance", manager_id=bottom.id), since=JANUARY)
    with pytest.raises(roster.ReportingCircle):
        roster.appoint(session, top, Position("finance", manager_id=top.id), since=JANUARY)


def test_the_direct_manager_is_that_of_the_day(session: Session) -> None:
    old, new, person = make_person(session, "manager"), make_person(session, "manager"), make_newcomer(session)
    first = roster.appoint(session, person, Position("trainer", manager_id=old.id), since=JANUARY)
    roster.change_position(session, first, Position("trainer", manager_id=new.id), since=MARCH)
    assert direct_manager(session, person.id, MARCH - timedelta(days=1)) == old.id
    assert direct_manager(session, person.id, MARCH) == new.id
    assert direct_manager(session, person.id, JANUARY - timedelta(days=1)) is None
    assert reports(session, old.id, MARCH) == frozenset()
    assert reports(session, old.id, JANUARY) == {person.id}


def test_a_viewer_reaches_members_reports_and_the_teams_of_managers_beneath(session: Session) -> None:
    director = make_person(session, "director", region=make_region(session))
    one, two = make_team(session, "东一队"), make_team(session, "东二队")
    manager = make_person(session, "manager", team=one, manager=director)
    rep = make_person(session, "rep", team=one, manager=manager)
    elsewhere = make_person(session, "rep", team=two)
    matrix_report = make_person(session, "presales", team=two, manager=manager)
    assert viewer_of(session, rep.id).team_member_ids == {rep.id, manager.id}
    of_manager = viewer_of(session, manager.id)
    assert of_manager.team_ids == {one.id}
    assert of_manager.team_member_ids == {manager.id, rep.id, matrix_report.id}
    of_director = viewer_of(session, director.id)
    assert of_director.team_ids == {one.id}
    assert elsewhere.id not in of_director.team_member_ids
    assert of_director.leads_others
    assert not viewer_of(session, elsewhere.id).leads_others


def test_leaving_ends_everything_and_tells(session: Session) -> None:
    told: list[PersonLeft] = []
    install_reactions({PersonLeft: [lambda _session, event: told.append(event)]})
    person = make_newcomer(session)
    roster.appoint(session, person, Position("trainer"), since=JANUARY)
    future = roster.appoint(session, person, Position("finance"), since=clock.today() + timedelta(days=400))
    issue_api_token(session, person.id, label="x", scopes=["read"])
    today = clock.today()
    roster.leave(session, person, on=today)
    assert person.left_on == today
    assert spans(session, person) == [("trainer", JANUARY, today)]
    assert session.scalar(select(Membership).where(Membership.id == future.id)) is None
    assert session.scalars(select(ApiToken.revoked_at)).one() is not None
    assert told == [PersonLeft(person.id, today)]
    assert people_with_role(session, "trainer", today) == frozenset()


def test_who_comes_back_is_no_longer_gone(session: Session) -> None:
    person = make_newcomer(session)
    roster.appoint(session, person, Position("trainer"), since=JANUARY)
    roster.leave(session, person, on=MARCH)
    roster.appoint(session, person, Position("trainer"), since=MAY)
    assert person.left_on is None
    assert spans(session, person) == [("trainer", JANUARY, MARCH), ("trainer", MAY, None)]


def test_one_number_and_one_address_belong_to_one(session: Session) -> None:
    make_newcomer(session, employee_number="S1", email="a@example.com")
    with pytest.raises(roster.PersonDuplicate):
        make_newcomer(session, employee_number="S1")
    other = make_newcomer(session, employee_number="S2")
    with pytest.raises(roster.PersonDuplicate):
        roster.change_person(session, other, email="a@example.com")


def test_a_circle_that_slipped_in_ends(session: Session) -> None:
    """Imported rosters may hold one; asking who reports to whom must still come to an end."""
    one = make_person(session, "manager")
    two = make_person(session, "manager", manager=one)
    session.add(Membership(person_id=one.id, role="trainer", manager_id=two.id, since=JANUARY))
    session.flush()
    assert reports(session, one.id, MARCH) == {two.id}
    assert reports(session, two.id, MARCH) == {one.id}
