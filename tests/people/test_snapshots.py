"""The roster of a day that is past: what was recorded then, not what is known today."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.database import Origin, state_origin
from crm_core.foundation.resources import Resources
from crm_core.people.snapshots import Roster, RosterMember, keep_snapshot, roster_on, rosters_between
from crm_core.people.tables import Membership, Person, RosterSnapshot
from tests.factories.people import make_person, make_region, make_team

TODAY = clock.today()
LAST_WEEK, YESTERDAY, TOMORROW = TODAY - timedelta(days=7), TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def session(resources: Resources) -> Iterator[Session]:
    """History of what this writes at first is dated a month ago."""
    with resources.database.transaction(Origin(channel="test")) as session:
        recorded_on(session, TODAY - timedelta(days=30))
        yield session


def recorded_on(session: Session, day: date) -> None:
    """From here on history dates changes to a day."""
    session.flush()
    state_origin(session, Origin(channel="test", occurred_at=clock.now() - (TODAY - day)))


def only(roster: Roster) -> RosterMember:
    (member,) = roster.members
    return member


def held_by(session: Session, person: Person) -> Membership:
    return session.scalars(select(Membership).where(Membership.person_id == person.id)).one()


def test_a_past_day_shows_the_skills_and_limits_of_then(session: Session) -> None:
    rep = make_person(session, team=make_team(session))
    rep.skills, rep.languages, rep.open_leads_limit = ["光伏"], ["zh"], 20
    recorded_on(session, YESTERDAY)
    rep.skills, rep.open_leads_limit, rep.away_until = ["充电桩", "光伏"], 5, TOMORROW
    session.flush()

    before, after = only(roster_on(session, LAST_WEEK)), only(roster_on(session, YESTERDAY))
    assert (before.skills, before.open_leads_limit, before.away_until) == (("光伏",), 20, None)
    assert (after.skills, after.open_leads_limit, after.away_until) == (("充电桩", "光伏"), 5, TOMORROW)
    assert only(roster_on(session, TODAY)) == after


def test_a_region_emptied_past_the_product_is_seen_from_its_day_on(session: Session) -> None:
    rep = make_person(session, team=None, region=make_region(session, "east"))
    recorded_on(session, YESTERDAY)
    session.execute(text("UPDATE memberships SET region_id = NULL WHERE person_id = :id"), {"id": rep.id})

    rosters = rosters_between(session, LAST_WEEK, TODAY)
    regions = [only(rosters[day]).region for day in sorted(rosters)]
    assert regions == ["east"] * 6 + [None] * 2
    assert "region" in only(rosters[TODAY]).unknown
    assert "region" not in only(rosters[LAST_WEEK]).unknown


def test_a_past_day_shows_the_team_as_it_was(session: Session) -> None:
    team = make_team(session, "一队", make_region(session, "east"))
    team.calendar = "standard"
    rep = make_person(session, team=team)
    held_by(session, rep).region_id = None
    recorded_on(session, YESTERDAY)
    team.name, team.calendar, team.region_id = "二队", "night", make_region(session, "south").id
    session.flush()

    rosters = rosters_between(session, LAST_WEEK, TODAY)
    told = {day: (only(roster).team, only(roster).calendar, only(roster).region) for day, roster in rosters.items()}
    assert told[LAST_WEEK] == ("一队", "standard", "east")
    assert told[TODAY] == ("二队", "night", "south")


def test_what_was_entered_late_counts_from_its_first_day(session: Session) -> None:
    recorded_on(session, YESTERDAY)
    rep = make_person(session, team=make_team(session), since=LAST_WEEK)
    rep.skills = ["光伏"]
    recorded_on(session, TODAY)
    rep.skills = []
    session.flush()

    rosters = rosters_between(session, LAST_WEEK - timedelta(days=1), TODAY)
    assert rosters[LAST_WEEK - timedelta(days=1)].members == ()
    assert only(rosters[LAST_WEEK]).skills == ("光伏",)
    assert only(rosters[TODAY]).skills == ()


def test_every_day_of_a_window_equals_the_roster_of_that_day(session: Session) -> None:
    """Whole windows reuse what did not change; no day may differ because of it."""
    teams = [make_team(session, f"{number}队") for number in range(3)]
    people = [make_person(session, team=teams[number % 3]) for number in range(12)]
    for number, person in enumerate(people):
        recorded_on(session, TODAY - timedelta(days=number))
        held = held_by(session, person)
        match number % 4:
            case 0:
                person.skills = [f"技能{number}"]
            case 1:
                held.until = TODAY - timedelta(days=number - 3)
            case 2:
                held.team_id, held.manager_id = teams[0].id, people[0].id
            case _:
                teams[number % 3].name = f"{number}新队"
        session.flush()

    rosters = rosters_between(session, TODAY - timedelta(days=15), TODAY + timedelta(days=5))
    assert list(rosters) == [TODAY + timedelta(days=offset) for offset in range(-15, 6)]
    for day, roster in rosters.items():
        assert roster == roster_on(session, day)
        assert roster.digest == roster_on(session, day).digest
    assert len({roster.digest for roster in rosters.values()}) > 8


def test_a_window_needs_no_more_queries_than_a_day(session: Session) -> None:
    for _ in range(5):
        make_person(session, team=make_team(session))
    recorded_on(session, YESTERDAY)
    make_person(session, team=make_team(session)).skills = ["光伏"]
    session.flush()
    statements: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
    rosters_between(session, TODAY - timedelta(days=60), TODAY)
    assert len(statements) == 5


def test_a_snapshot_is_kept_once_for_each_content(session: Session) -> None:
    rep = make_person(session, team=make_team(session))
    first = keep_snapshot(session)
    assert keep_snapshot(session).id == first.id
    rep.skills = ["光伏"]
    session.flush()
    second = keep_snapshot(session)
    assert (second.day, second.digest) == (TODAY, roster_on(session, TODAY).digest)
    assert second.id != first.id
    assert [UUID(row["person_id"]) for row in second.content] == [rep.id]
    assert session.scalar(select(func.count()).select_from(RosterSnapshot)) == 2
