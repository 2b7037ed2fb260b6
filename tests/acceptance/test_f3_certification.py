"""F3: what followed the first use of a method, all of it and by the calendar, decides about the title."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from knowledge.certification.tables import MethodTitle
from knowledge.certification.titles import is_certified, refresh_titles
from knowledge.methods.tables import MethodUse
from tests.factories.deals import make_deal
from tests.factories.people import log_in, log_in_as, make_person, make_team

TEST = Origin(channel="test")
METHOD = "bill_analysis"


@pytest.fixture
def rep(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "rep")


def close_deals(session: Session, rep_id: UUID, since: datetime, cycles: Sequence[int], outcome: str = "won") -> None:
    for number, days in enumerate(cycles):
        opened_at = since + timedelta(days=number)
        make_deal(
            session,
            rep_id,
            created_at=opened_at,
            outcome=outcome,
            outcome_at=opened_at + timedelta(days=days),
            margin=0.3 if outcome == "won" else None,
        )


def use_method(session: Session, rep_id: UUID, *, later: Sequence[int], lost: int = 0, earlier: int = 24) -> None:
    """A rep whose earlier deals took 45 to 91 days uses the method; `later` are the cycles of the deals that follow."""
    now = clock.now()
    close_deals(session, rep_id, now - timedelta(days=700), [45 + 2 * number for number in range(earlier)])
    used_at = now - timedelta(days=300)
    lead = make_deal(session, rep_id, created_at=used_at - timedelta(days=1))
    session.add(MethodUse(rep_id=rep_id, lead_id=lead.id, method_code=METHOD, used_at=used_at, details={}))
    close_deals(session, rep_id, used_at + timedelta(hours=1), later)
    close_deals(session, rep_id, used_at + timedelta(days=len(later), hours=2), [20] * lost, outcome="lost")
    session.flush()


def only_rep(client: TestClient) -> dict[str, object]:
    answer = client.get("/api/certification").json()
    assert answer["total"] == 1
    assert answer["items"][0]["method_name"] == "账单分析法"
    reps = answer["items"][0]["reps"]
    assert len(reps) == 1
    row: dict[str, object] = reps[0]
    return row


def test_three_fast_deals_are_a_pilot_and_no_title(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(TEST) as session:
        use_method(session, rep.id, later=[5, 6, 7])
        refresh_titles(session)
        assert not is_certified(session, METHOD)
    row = only_rep(client)
    assert (row["state"], row["state_name"], row["later_deals"]) == ("provisional", "试点通过", 3)
    assert "还不能排除运气" in str(row["text"])


def test_enough_faster_deals_give_the_title_with_its_figures(
    client: TestClient, resources: Resources, rep: Person
) -> None:
    with resources.database.transaction(TEST) as session:
        use_method(session, rep.id, later=[30 + number for number in range(16)])
        assert refresh_titles(session) == 1
        assert refresh_titles(session) == 0
        assert is_certified(session, METHOD)
    row = only_rep(client)
    assert (row["state"], row["state_name"]) == ("certified", "方法论认证师")
    effect = row["effect"]
    assert isinstance(effect, dict)
    assert effect["lowest"] < effect["cycle_change"] < effect["highest"] < 0
    assert effect["probability"] >= 0.95


def test_lost_deals_count(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(TEST) as session:
        use_method(session, rep.id, later=[30 + number for number in range(8)], lost=8)
    row = only_rep(client)
    assert (row["state"], row["later_deals"]) == ("not_shown", 16)


def test_a_title_lapses_when_the_effect_does(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(TEST) as session:
        use_method(session, rep.id, later=[30 + number for number in range(16)])
        refresh_titles(session)
        close_deals(session, rep.id, clock.now() - timedelta(days=200), [100 + number for number in range(30)])
        refresh_titles(session)
        assert session.scalar(select(MethodTitle.state)) == "lapsed"
        assert not is_certified(session, METHOD)


def test_a_newcomer_without_earlier_deals_cannot_be_compared(
    client: TestClient, resources: Resources, rep: Person
) -> None:
    with resources.database.transaction(TEST) as session:
        use_method(session, rep.id, later=[20] * 5, earlier=2)
    row = only_rep(client)
    assert (row["state"], row["effect"]) == ("not_enough_data", None)


def test_a_manager_sees_the_team_and_a_rep_only_oneself(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(TEST) as session:
        mate = make_person(session, team=make_team(session))
        stranger = make_person(session, team=make_team(session, "华南一队"))
        for person in (rep, mate, stranger):
            use_method(session, person.id, later=[30, 32, 34])
    assert only_rep(client)["person_id"] == str(rep.id)
    log_in_as(client, resources, "manager")
    reps = client.get(f"/api/certification?method_code={METHOD}").json()["items"][0]["reps"]
    assert {row["person_id"] for row in reps} == {str(rep.id), str(mate.id)}
    log_in_as(client, resources, "finance")
    assert client.get("/api/certification").status_code == 403
    log_in(client, resources, rep)
    assert client.get("/api/certification?method_code=nothing").json()["items"] == []
