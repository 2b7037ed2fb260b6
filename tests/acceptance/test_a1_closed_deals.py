"""A1: what a deal was let through with stays as it was; a signature can be withdrawn, by right and with a reason."""

import threading
from collections import Counter
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from crm_core.pipeline.gate import Gate
from crm_core.process.tables import PlaybookVersion
from tests.factories.leads import acting_as, make_lead, supply_everything, win
from tests.factories.people import log_in, log_in_as, make_person, make_team

_RACES = 8


@pytest.fixture
def rep(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "rep")


@pytest.fixture
def manager(resources: Resources, rep: Person) -> Person:
    with resources.database.transaction(Origin(channel="test")) as session:
        return make_person(session, "manager", team=make_team(session))


@pytest.fixture
def won(resources: Resources, rep: Person) -> str:
    with resources.database.transaction(Origin(channel="test")) as session:
        return str(win(session, make_lead(session, rep), rep).id)


def test_what_the_gate_asked_for_stays_as_it_was_on_a_closed_deal(
    client: TestClient, resources: Resources, manager: Person, won: str
) -> None:
    for changes in ({"amount": 1}, {"competitor_comparison": None}, {"title": "x", "decision_maker": "别人"}):
        refused = client.patch(f"/api/leads/{won}", json={"changes": changes})
        assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")
    # no gate asks for a title
    assert client.patch(f"/api/leads/{won}", json={"changes": {"title": "二期"}}).status_code == 200
    log_in(client, resources, manager)
    assert client.patch(f"/api/leads/{won}", json={"changes": {"amount": 1}}).status_code == 200


def test_a_signature_is_withdrawn_by_right_with_a_reason_before_the_invoice(
    client: TestClient, resources: Resources, manager: Person, won: str
) -> None:
    assert _move(client, won, kind="withdrawn", reason="客户反悔").json()["code"] == "right_missing"
    log_in(client, resources, manager)
    assert _move(client, won, kind="withdrawn", reason=" ").json()["code"] == "move_reason_missing"
    made = _move(client, won, kind="withdrawn", reason="客户反悔")
    assert (made.status_code, made.json()["kind"], made.json()["reason"]) == (201, "reopened", "客户反悔")
    facts = client.get(f"/api/leads/{won}").json()
    assert (facts["outcome"], facts["payment_state"], facts["stage"]) == ("open", None, "signing_payment")
    # everything is still there, so it can be signed again
    assert _move(client, won, kind="won").status_code == 201
    with resources.database.transaction(Origin(channel="test")) as session:
        finance = make_person(session, "finance", team=make_team(session))
    log_in(client, resources, finance)
    assert _move(client, won, kind="invoiced").status_code == 201
    log_in(client, resources, manager)
    assert _move(client, won, kind="withdrawn", reason="晚了").json()["code"] == "move_impossible"


def test_a_value_that_no_longer_suits_is_missing_and_says_why(
    client: TestClient, resources: Resources, rep: Person
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        lead = make_lead(session, rep)
        supply_everything(session, lead)
        Gate(acting_as(session, rep)).advance(lead, "first_contact")
        version = session.query(PlaybookVersion).filter_by(status="published").one()
        stages = [dict(stage) for stage in version.content["stages"]]
        for kept, field in (
            ("contact_result", {"type": "number"}),
            ("contact_channel", {"type": "date", "choices": []}),
        ):
            stages[1]["fields"] = [{**one, **field} if one["code"] == kept else one for one in stages[1]["fields"]]
        version.content = {**version.content, "stages": stages}
    gate = client.get(f"/api/leads/{lead.id}/gate").json()
    missing = {item["code"]: item["reasons"] for item in gate["missing"]}
    assert missing == {
        "contact_channel": [{"code": "value_unsuited", "type": "date"}],
        "contact_result": [{"code": "value_unsuited", "type": "number"}],
    }
    assert _move(client, str(lead.id), kind="forward", to_stage="needs_diagnosis").json()["code"] == "gate_closed"


def test_of_two_who_move_one_lead_at_once_one_gets_a_conflict(
    client: TestClient, resources: Resources, rep: Person
) -> None:
    for _ in range(_RACES):
        with resources.database.transaction(Origin(channel="test")) as session:
            lead = make_lead(session, rep)
            supply_everything(session, lead)
        answers: list[Any] = []
        start = threading.Barrier(2)

        def move(lead_id: str = str(lead.id), start: threading.Barrier = start, answers: list[Any] = answers) -> None:
            start.wait()
            answers.append(_move(client, lead_id, kind="forward", to_stage="first_contact", expected_version=2))

        threads = [threading.Thread(target=move) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 1}
        loser = next(answer for answer in answers if answer.status_code == 409)
        assert loser.json()["code"] == "changed_meanwhile"
        moves = client.get(f"/api/leads/{lead.id}/moves").json()
        assert [item["kind"] for item in moves["items"]] == ["created", "forward"]


def _move(client: TestClient, lead: str, **move: Any) -> Any:
    return client.post(f"/api/leads/{lead}/moves", json={"move": move})
