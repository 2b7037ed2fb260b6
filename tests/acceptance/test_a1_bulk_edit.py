"""A1: one change for many leads goes the way that each single one goes; what is refused is named lead by lead."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from tests.factories.leads import make_lead, supply_everything
from tests.factories.people import log_in, log_in_as, make_person, make_team


@pytest.fixture
def manager(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "manager")


@pytest.fixture
def rep(resources: Resources, manager: Person) -> Person:
    with resources.database.transaction(Origin(channel="test")) as session:
        return make_person(session, "rep", team=make_team(session), manager=manager)


def _leads(resources: Resources, owner: Person, number: int, *, ready: bool = False) -> list[str]:
    with resources.database.transaction(Origin(channel="test")) as session:
        leads = [make_lead(session, owner, title=f"批量{place}") for place in range(number)]
        for lead in leads:
            if ready:
                supply_everything(session, lead)
        return [str(lead.id) for lead in leads]


def _edit(client: TestClient, change: dict[str, Any], **chosen: Any) -> Any:
    return client.post("/api/leads/bulk", json={"change": change, **chosen})


def test_each_lead_moves_or_says_what_it_lacks(client: TestClient, resources: Resources, rep: Person) -> None:
    ready, bare = _leads(resources, rep, 2, ready=True), _leads(resources, rep, 2)
    forward = {"kind": "move", "move": {"kind": "forward", "to_stage": "first_contact"}}
    result = _edit(client, forward, lead_ids=ready + bare).json()
    assert (result["changed"], result["refused"]) == (2, 2)
    problems = {item["lead_id"]: item["problem"] for item in result["items"]}
    assert [problems[lead] for lead in ready] == [None, None]
    for lead in bare:
        assert problems[lead]["code"] == "gate_closed"
        assert [item["code"] for item in problems[lead]["parameters"]["missing"]] == ["source"]
        assert "线索来源" in problems[lead]["what"]
    stages = {lead: client.get(f"/api/leads/{lead}").json()["stage"] for lead in ready + bare}
    assert stages == dict.fromkeys(ready, "first_contact") | dict.fromkeys(bare, "lead_assignment")


def test_a_refused_lead_keeps_nothing_of_the_change(client: TestClient, resources: Resources, rep: Person) -> None:
    leads = _leads(resources, rep, 2)
    told_before = client.get(f"/api/leads/{leads[0]}/history").json()["total"]
    changes = {"kind": "fields", "changes": {"title": "新标题", "amount": "NaN"}}
    assert _edit(client, changes, lead_ids=leads).json()["refused"] == 2
    facts = client.get(f"/api/leads/{leads[0]}").json()
    assert (facts["title"], facts["version"]) == ("批量0", 1)
    assert client.get(f"/api/leads/{leads[0]}/history").json()["total"] == told_before


def test_all_that_match_a_filter_are_given_to_somebody(
    client: TestClient, resources: Resources, manager: Person, rep: Person
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        successor = make_person(session, "rep", team=make_team(session), manager=manager)
    _leads(resources, rep, 3)
    others = _leads(resources, successor, 1)
    change = {"kind": "reassign", "owner_id": str(successor.id), "reason": "团队调整"}
    result = _edit(client, change, filter={"owner_id": str(rep.id), "outcome": "open"}).json()
    assert (result["changed"], result["refused"]) == (3, 0)
    assert others[0] not in {item["lead_id"] for item in result["items"]}
    owned = client.get("/api/leads", params={"owner_id": str(successor.id)}).json()
    assert owned["total"] == 4


def test_leads_out_of_reach_are_refused_as_if_they_were_not_there(
    client: TestClient, resources: Resources, manager: Person
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        stranger = make_person(session, "rep", team=make_team(session, "华南一队"))
    lead = _leads(resources, stranger, 1)
    result = _edit(client, {"kind": "fields", "changes": {"title": "我的"}}, lead_ids=lead).json()
    assert [item["problem"]["code"] for item in result["items"]] == ["lead_not_found"]
    assert result["items"][0]["title"] is None


def test_a_bulk_edit_has_a_size_and_one_way_to_choose(client: TestClient, resources: Resources, rep: Person) -> None:
    change = {"kind": "fields", "changes": {"title": "x"}}
    ids = [f"01936f2e-8d5b-7c1a-9b1e-{number:012x}" for number in range(1001)]
    assert _edit(client, change, lead_ids=ids).json()["code"] == "bulk_too_large"
    assert _edit(client, change, lead_ids=ids[:1], filter={}).status_code == 422
    assert _edit(client, change).status_code == 422


def test_without_a_right_of_its_own_nobody_gives_leads_away(
    client: TestClient, resources: Resources, rep: Person
) -> None:
    leads = _leads(resources, rep, 2)
    log_in(client, resources, rep)
    result = _edit(client, {"kind": "reassign", "owner_id": None, "reason": "不要了"}, lead_ids=leads).json()
    assert {item["problem"]["code"] for item in result["items"]} == {"right_missing"}
