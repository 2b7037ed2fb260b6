"""F5: 20 points for a new case, 5 for using a certified method; never twice, never for one's own."""

from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.events import publish
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from knowledge.cases.events import CaseCaptured
from knowledge.certification.tables import MethodTitle
from knowledge.methods.events import MethodUsed
from tests.factories.people import log_in, log_in_as, make_person, make_team

TEST = Origin(channel="test")


@pytest.fixture
def rep(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "rep")


def capture_case(session: Session, rep_id: UUID, lead_id: UUID | None = None) -> None:
    publish(session, CaseCaptured(uuid4(), lead_id or uuid4(), rep_id))


def certify(session: Session, method_code: str) -> None:
    holder = make_person(session)
    session.add(
        MethodTitle(person_id=holder.id, method_code=method_code, state="certified", since=clock.now(), facts={})
    )
    session.flush()


def test_a_new_case_earns_twenty_points_once(client: TestClient, resources: Resources, rep: Person) -> None:
    lead_id = uuid4()
    for _ in range(2):
        with resources.database.transaction(TEST) as session:
            capture_case(session, rep.id, lead_id)
    statement = client.get("/api/points/statement").json()
    assert (statement["balance"], statement["total"]) == (20, 1)
    booking = statement["items"][0]
    assert (booking["points"], booking["text"]) == (20, "贡献新案例")
    assert booking["details"]["lead_id"] == str(lead_id)


def test_using_a_certified_method_earns_five_points_once_per_lead(
    client: TestClient, resources: Resources, rep: Person
) -> None:
    lead_id, other_rep = uuid4(), uuid4()
    with resources.database.transaction(TEST) as session:
        certify(session, "bill_analysis")
        for used_in in (lead_id, lead_id, uuid4()):
            publish(session, MethodUsed(uuid4(), "bill_analysis", rep.id, used_in, other_rep))
    assert client.get("/api/points/statement").json()["balance"] == 10


def test_uncertified_methods_and_ones_own_cases_earn_nothing(
    client: TestClient, resources: Resources, rep: Person
) -> None:
    with resources.database.transaction(TEST) as session:
        certify(session, "bill_analysis")
        publish(session, MethodUsed(uuid4(), "price_anchor", rep.id, uuid4(), None))
        publish(session, MethodUsed(uuid4(), "bill_analysis", rep.id, uuid4(), rep.id))
    assert client.get("/api/points/statement").json()["balance"] == 0


def test_points_and_case_are_kept_together_or_not_at_all(client: TestClient, resources: Resources, rep: Person) -> None:
    def capture_and_fail() -> None:
        with resources.database.transaction(TEST) as session:
            capture_case(session, rep.id)
            raise RuntimeError("the rest of the request fails")

    with pytest.raises(RuntimeError):
        capture_and_fail()
    assert client.get("/api/points/statement").json()["balance"] == 0


def test_the_leaderboard_ranks_and_one_may_leave_it(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(TEST) as session:
        best = make_person(session, name="林晓")
        for person, cases in ((best.id, 3), (rep.id, 1)):
            for _ in range(cases):
                capture_case(session, person)
    rows = client.get("/api/points/leaderboard?period=month").json()["items"]
    assert [(row["rank"], row["person_name"], row["points"]) for row in rows] == [(1, "林晓", 60), (2, rep.name, 20)]
    assert client.put("/api/points/listing", json={"listed": False}).status_code == 204
    rows = client.get("/api/points/leaderboard").json()["items"]
    assert [row["person_name"] for row in rows] == ["林晓"]
    statement = client.get("/api/points/statement").json()
    assert (statement["balance"], statement["is_listed"]) == (20, False)


def test_other_peoples_statements_need_the_right(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(TEST) as session:
        other = make_person(session, team=make_team(session))
        capture_case(session, other.id)
    answer = client.get(f"/api/points/statement?person_id={other.id}")
    assert (answer.status_code, answer.json()["code"]) == (403, "right_missing")
    log_in_as(client, resources, "manager")
    assert client.get(f"/api/points/statement?person_id={other.id}").json()["balance"] == 20
    assert client.get(f"/api/points/statement?person_id={uuid4()}").status_code == 404
    log_in(client, resources, rep)
    assert client.get("/api/points/leaderboard?period=decade").status_code == 422
