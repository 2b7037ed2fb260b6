"""D5: no change of the process goes live before it has been replayed on real history, and that has been seen."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from tests.factories.people import log_in_as, make_person, make_region, make_team
from tests.support.jobs import run_jobs

Json = dict[str, Any]
#: each lead's customer is called after another town
_TOWNS = ["昆吾", "岚汀", "沁溧", "桐澄", "漳浔", "婺虞", "姚汝", "沂潞", "渭淇", "洛涪", "汾泾", "澧沅"]
_LEADS = len(_TOWNS)


@pytest.fixture
def reps(resources: Resources) -> list[Person]:
    with resources.database.transaction(Origin(channel="test")) as session:
        team = make_team(session, region=make_region(session))
        manager = make_person(session, "manager", team=team)
        return [make_person(session, "rep", team=team, manager=manager) for _ in range(3)]


@pytest.fixture
def operations(client: TestClient, resources: Resources, reps: list[Person]) -> Person:
    """Operations, after a dozen leads have come and been given out by the rules."""
    person = log_in_as(client, resources, "operations")
    region = client.get("/api/regions").json()["items"][0]["id"]
    for town in _TOWNS:
        customer = client.post("/api/customers", json={"name": f"{town}光伏电站有限公司", "region_id": region})
        assert customer.status_code == 201, customer.text
        body = {"title": f"{town}储能改造", "customer_id": customer.json()["id"]}
        assert client.post("/api/leads", json=body).status_code == 201
    run_jobs(resources)
    owners = {lead["owner_id"] for lead in client.get("/api/leads").json()["items"]}
    assert owners == {str(rep.id) for rep in reps}
    return person


def edited_draft(client: TestClient, *edits: Json) -> Json:
    draft: Json = client.post("/api/playbook/drafts", json={"note": "试一试"}).json()
    if not edits:
        return draft
    answer = client.patch(
        f"/api/playbook/drafts/{draft['id']}", json={"revision": draft["revision"], "edits": list(edits)}
    )
    assert answer.status_code == 200, answer.text
    changed: Json = answer.json()
    return changed


def rehearsed(client: TestClient, resources: Resources, draft: Json) -> Json:
    asked = client.post(f"/api/playbook/drafts/{draft['id']}/rehearsals", json={})
    assert asked.status_code == 202, asked.text
    run_jobs(resources)
    shown: Json = client.get(f"/api/rehearsals/{asked.json()['id']}").json()
    assert shown["status"] == "done", shown
    return shown


def published(client: TestClient, draft: Json, **wish: Any) -> Any:
    body = {"revision": draft["revision"], "replaces": 1, **wish}
    return client.post(f"/api/playbook/drafts/{draft['id']}/publication", json=body)


SHORTER_LIMIT: Json = {"path": ["stages", "needs_diagnosis", "dwell_limit", "hours"], "value": 48}
LESS_REGION: Json = {
    "path": ["assignment", "rules", "by_region", "conditions"],
    "value": [{"fact": "region", "test": "one_of", "values": ["nowhere"]}],
}


def test_a_draft_goes_live_once_its_rehearsal_has_been_seen(
    client: TestClient, resources: Resources, operations: Person
) -> None:
    draft = edited_draft(client, SHORTER_LIMIT)
    refused = published(client, draft)
    assert (refused.status_code, refused.json()["code"]) == (409, "rehearsal_needed")
    assert refused.json()["parameters"]["problem"] == "never"

    rehearsal = rehearsed(client, resources, draft)
    assert rehearsal["result"]["passed"]
    assert rehearsal["result"]["assignment"]["leads"] == _LEADS
    assert rehearsal["result"]["assignment"]["decided"] == _LEADS
    assert rehearsal["result"]["assignment"]["replayed_alike"] == _LEADS
    assert rehearsal["result"]["is_thin"]
    refused = published(client, draft)
    assert refused.json()["parameters"]["problem"] == "unseen"

    assert client.post(f"/api/rehearsals/{rehearsal['id']}/seen").json()["seen_by_name"] == operations.name
    version = published(client, draft)
    assert version.status_code == 200, version.text
    assert (version.json()["number"], version.json()["skip_reason"]) == (2, None)
    assert client.get("/api/playbook").json()["version"] == 2


def test_a_rehearsal_speaks_for_the_content_that_it_replayed_alone(
    client: TestClient, resources: Resources, operations: Person
) -> None:
    draft = edited_draft(client, SHORTER_LIMIT)
    rehearsal = rehearsed(client, resources, draft)
    client.post(f"/api/rehearsals/{rehearsal['id']}/seen")
    body = {"revision": draft["revision"], "edits": [{**SHORTER_LIMIT, "value": 47}]}
    changed = client.patch(f"/api/playbook/drafts/{draft['id']}", json=body).json()
    assert not client.get(f"/api/rehearsals/{rehearsal['id']}").json()["is_current"]
    refused = published(client, changed)
    assert (refused.status_code, refused.json()["parameters"]["problem"]) == (409, "never")


def test_a_draft_beyond_the_thresholds_is_refused_even_when_its_rehearsal_was_seen(
    client: TestClient, resources: Resources, reps: list[Person], operations: Person
) -> None:
    one_for_all: Json = {"path": ["assignment", "pools", "region_sales", "members", "people"]}
    draft = edited_draft(client, {**one_for_all, "value": [reps[0].employee_number]})
    rehearsal = rehearsed(client, resources, draft)
    assert not rehearsal["result"]["passed"]
    beyond = {check["check"]: check for check in rehearsal["result"]["checks"] if not check["is_met"]}
    assert set(beyond) == {"load_growth"}
    assert beyond["load_growth"]["figure"] == pytest.approx(2.0)
    client.post(f"/api/rehearsals/{rehearsal['id']}/seen")
    refused = published(client, draft)
    assert (refused.status_code, refused.json()["parameters"]["problem"]) == (409, "beyond_thresholds")


def test_leaving_the_rehearsal_out_is_a_decision_that_stays_on_the_version(
    client: TestClient, resources: Resources, operations: Person
) -> None:
    draft = edited_draft(client, LESS_REGION)
    assert published(client, draft, skip_reason="   ").json()["code"] == "skip_reason_missing"
    version = published(client, draft, skip_reason="客户系统故障，今晚必须切换")
    assert version.status_code == 200, version.text
    [newest, *_] = [one for one in client.get("/api/playbook/versions").json()["items"] if one["number"] == 2]
    assert newest["skip_reason"] == "客户系统故障，今晚必须切换"
    assert newest["published_by_name"] == operations.name


def test_what_would_change_is_told_lead_by_lead_without_touching_one(
    client: TestClient, resources: Resources, operations: Person
) -> None:
    before = client.get("/api/leads").json()["items"]
    rehearsal = rehearsed(client, resources, edited_draft(client, LESS_REGION))
    found = client.get(f"/api/rehearsals/{rehearsal['id']}/findings", params={"change": "newly_pooled"}).json()
    assert found["total"] == _LEADS
    assert {row["lead_id"]: row["actual"] for row in found["items"]} == {
        lead["id"]: lead["owner_name"] for lead in before
    }
    assert all(row["new"] == "「总部池」等待领取（兜底）" for row in found["items"])
    assert client.get("/api/leads").json()["items"] == before


def test_others_neither_rehearse_nor_publish(client: TestClient, resources: Resources, operations: Person) -> None:
    draft = edited_draft(client, SHORTER_LIMIT)
    for role in ("rep", "manager", "director", "finance", "trainer"):
        log_in_as(client, resources, role)
        answers = [
            client.post(f"/api/playbook/drafts/{draft['id']}/rehearsals", json={}),
            published(client, draft, skip_reason="我说了算"),
        ]
        assert [answer.status_code for answer in answers] == [403, 403], role
