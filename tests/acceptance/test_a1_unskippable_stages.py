"""A1: stages go one at a time, only with everything they ask for; outcomes are explicit; signed is not paid."""

from itertools import pairwise
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from crm_core.pipeline.tables import Lead
from tests.factories.leads import EVERY_FIELD, bring_to, make_lead, win
from tests.factories.people import log_in, log_in_as, make_person, make_team

STAGES = ["lead_assignment", "first_contact", "needs_diagnosis", "proposal_quote", "signing_payment"]


@pytest.fixture
def rep(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "rep")


@pytest.fixture
def lead(resources: Resources, rep: Person) -> str:
    return _made(resources, rep)


def test_a_lead_walks_through_all_stages_when_each_has_what_it_asks_for(client: TestClient, lead: str) -> None:
    supplied: dict[str, Any] = {}
    for here, following in pairwise(STAGES):
        gate = client.get(f"/api/leads/{lead}/gate").json()
        assert gate["stage"] == here
        assert gate["next_stage"] == following
        assert [item["kind"] for item in gate["missing"] if item["stage"] != here] == []
        for item in gate["missing"]:
            if item["kind"] == "field":
                supplied[item["code"]] = EVERY_FIELD[item["code"]]
        if here == "proposal_quote":
            break
        _change(client, lead, supplied)
        assert _move(client, lead, kind="forward", to_stage=following).status_code == 201
    assert client.get(f"/api/leads/{lead}").json()["stage"] == "proposal_quote"


def test_a_refused_move_names_everything_that_is_missing_at_once(
    client: TestClient, resources: Resources, rep: Person
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        made = make_lead(session, rep)
        bring_to(session, made, "needs_diagnosis", rep)
        made.fields = {"contact_channel": "phone"}
    refused = _move(client, str(made.id), kind="forward", to_stage="proposal_quote")
    assert refused.status_code == 409
    body = refused.json()
    assert body["code"] == "gate_closed"
    missing = {(item["kind"], item["code"]) for item in body["parameters"]["missing"]}
    # a field of an earlier stage that has been emptied since is asked for again
    assert missing == {("field", "contact_result"), ("field", "pain_points"), ("field", "decision_maker")}
    assert all(
        item["label"]["zh"] and item["how"]["zh"] and item["how"]["en"] for item in body["parameters"]["missing"]
    )
    assert "首次沟通结果" in body["what"]


def test_no_forward_move_skips_repeats_or_returns(client: TestClient, resources: Resources, rep: Person) -> None:
    for here in range(5):
        with resources.database.transaction(Origin(channel="test")) as session:
            made = bring_to(session, make_lead(session, rep), STAGES[here], rep)
        for target in set(range(5)) - {here + 1}:
            refused = _move(client, str(made.id), kind="forward", to_stage=STAGES[target])
            assert refused.status_code == 409
            missing = refused.json()["parameters"].get("missing", [])
            order = [item["code"] for item in missing if item["kind"] == "stage_order"]
            assert order == STAGES[here + 1 : target]
        assert client.get(f"/api/leads/{made.id}").json()["stage"] == STAGES[here]


def test_no_field_change_moves_a_lead(client: TestClient, lead: str) -> None:
    customer_id = client.get(f"/api/leads/{lead}").json()["customer_id"]
    forged = {"stage": "signing_payment", "outcome": "won", "payment_state": "paid", "back_moves": 7, "version": 7}
    for field, value in (forged | {"stage_entered_at": "2020-01-01", "fields": {"stage": "x"}}).items():
        answer = client.patch(f"/api/leads/{lead}", json={"changes": {field: value}})
        assert answer.status_code in {403, 422}, field
        new = {"customer_id": customer_id, "title": "绕过阶段", "values": {field: value}}
        assert client.post("/api/leads", json=new).status_code in {403, 422}, field
    facts = client.get(f"/api/leads/{lead}").json()
    assert (facts["stage"], facts["outcome"]) == ("lead_assignment", "open")


def test_choices_outside_the_lexicon_and_wrong_types_are_refused(client: TestClient, lead: str) -> None:
    for changes in (
        {"pain_points": ["no_such_pain"]},
        {"pain_points": ["energy_cost", "energy_cost"]},
        {"pain_points": "energy_cost"},
        {"amount": "NaN"},
        {"amount": -5},
        {"amount": True},
        {"expected_sign_on": "30 February"},
        {"expected_sign_on": "2026-02-30"},
        {"source": "展会"},
        {"title": ""},
        {"owner_id": "nobody"},
    ):
        answer = client.patch(f"/api/leads/{lead}", json={"changes": changes})
        assert answer.status_code in {403, 422}, changes
        assert answer.json()["code"] in {"field_value_invalid", "field_forbidden"}


def test_two_pain_points_are_not_three(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        made = make_lead(session, rep)
        bring_to(session, made, "needs_diagnosis", rep)
    _change(client, str(made.id), {"pain_points": ["energy_cost", "tight_cash"]})
    refused = _move(client, str(made.id), kind="forward", to_stage="proposal_quote")
    assert [item["code"] for item in refused.json()["parameters"]["missing"]] == ["pain_points"]


def test_moving_back_needs_a_reason_and_is_counted(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        made = make_lead(session, rep)
        bring_to(session, made, "proposal_quote", rep)
    silent = _move(client, str(made.id), kind="back", to_stage="needs_diagnosis", reason="  ")
    assert (silent.status_code, silent.json()["code"]) == (422, "move_reason_missing")
    assert _move(client, str(made.id), kind="back", to_stage="needs_diagnosis", reason="需求变了").status_code == 201
    facts = client.get(f"/api/leads/{made.id}").json()
    assert (facts["stage"], facts["back_moves"]) == ("needs_diagnosis", 1)
    last = client.get(f"/api/leads/{made.id}/moves").json()["items"][-1]
    assert (last["kind"], last["reason"], last["moved_by_name"]) == ("back", "需求变了", rep.name)


def test_losing_parking_and_reopening_are_outcomes_with_reasons(client: TestClient, lead: str) -> None:
    assert _move(client, lead, kind="lost", reason="because").json()["code"] == "outcome_reason_unknown"
    assert _move(client, lead, kind="parked", reason="budget_next_year", note="明年三月再谈").status_code == 201
    assert _move(client, lead, kind="forward", to_stage="first_contact").json()["code"] == "move_impossible"
    assert _move(client, lead, kind="lost", reason="price").status_code == 201
    facts = client.get(f"/api/leads/{lead}").json()
    assert (facts["outcome"], facts["outcome_reason"]) == ("lost", "price")
    assert _move(client, lead, kind="reopened", reason="客户重新立项").status_code == 201
    assert client.get(f"/api/leads/{lead}").json()["outcome"] == "open"


def test_signed_is_not_paid(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        leads = [make_lead(session, rep) for _ in range(3)]
        for made in leads:
            bring_to(session, made, "signing_payment", rep)
        finance = make_person(session, "finance", team=make_team(session, "财务部"))
    for made in leads:
        assert _move(client, str(made.id), kind="won").status_code == 201
    # a rep does not record payments
    assert _move(client, str(leads[0].id), kind="invoiced").status_code == 403
    log_in(client, resources, finance)
    assert _move(client, str(leads[0].id), kind="paid").json()["code"] == "move_impossible"
    assert _move(client, str(leads[0].id), kind="invoiced").status_code == 201
    assert _move(client, str(leads[1].id), kind="invoiced").status_code == 201
    assert _move(client, str(leads[0].id), kind="paid").status_code == 201
    board = client.get("/api/leads/board").json()
    assert board["outcomes"]["won"] == 3
    assert board["payments"] == {"contract": 1, "invoiced": 1, "paid": 1}
    signed = client.get("/api/leads", params={"payment_state": "contract"}).json()
    assert [item["id"] for item in signed["items"]] == [str(leads[2].id)]


def test_an_override_is_a_right_of_its_own_needs_a_reason_and_is_shown(
    client: TestClient, resources: Resources, rep: Person
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        team = make_team(session)
        director = make_person(session, "director", team=team)
        lead = str(make_lead(session, rep).id)
    wanted = {"kind": "forward", "to_stage": "first_contact", "override_reason": "客户现场催促"}
    assert _move(client, lead, **wanted).json()["code"] == "right_missing"
    log_in(client, resources, director)
    assert _move(client, lead, **{**wanted, "override_reason": " "}).json()["code"] == "move_reason_missing"
    skipping = _move(client, lead, **{**wanted, "to_stage": "needs_diagnosis"})
    assert skipping.json()["code"] == "gate_closed"
    assert _move(client, lead, **wanted).status_code == 201
    last = client.get(f"/api/leads/{lead}/moves").json()["items"][-1]
    assert (last["is_override"], last["reason"]) == (True, "客户现场催促")


def test_roles_that_do_not_sell_do_not_move_leads(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        lead = bring_to(session, make_lead(session, rep), "first_contact", rep)
        others = [make_person(session, role, team=make_team(session)) for role in ("presales", "finance", "trainer")]
        lead.presales_id = others[0].id
    for other in others:
        log_in(client, resources, other)
        for move in (
            {"kind": "forward", "to_stage": "needs_diagnosis"},
            {"kind": "back", "to_stage": "lead_assignment", "reason": "x"},
            {"kind": "won"},
            {"kind": "lost", "reason": "price"},
        ):
            assert _move(client, str(lead.id), **move).json()["code"] == "field_forbidden"


def test_a_won_lead_keeps_its_place(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        lead: Lead = win(session, make_lead(session, rep), rep)
    for move in (
        {"kind": "forward", "to_stage": "signing_payment"},
        {"kind": "back", "to_stage": "lead_assignment", "reason": "x"},
        {"kind": "won"},
        {"kind": "lost", "reason": "price"},
        {"kind": "parked", "reason": "other"},
        {"kind": "reopened", "reason": "x"},
    ):
        assert _move(client, str(lead.id), **move).json()["code"] == "move_impossible"


def _made(resources: Resources, owner: Person) -> str:
    with resources.database.transaction(Origin(channel="test")) as session:
        return str(make_lead(session, owner).id)


def _change(client: TestClient, lead: str, changes: dict[str, Any]) -> None:
    answer = client.patch(f"/api/leads/{lead}", json={"changes": changes})
    assert answer.status_code == 200, answer.text


def _move(client: TestClient, lead: str, **move: Any) -> Any:
    return client.post(f"/api/leads/{lead}/moves", json={"move": move})
