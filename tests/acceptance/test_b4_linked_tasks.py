"""B4: asking for a presales demo makes the presales task; delivering it makes the rep's second visit in 24 hours."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Membership, Person
from tests.factories.leads import make_lead
from tests.factories.office_files import deck
from tests.factories.people import LONG_AGO, log_in, log_in_as, make_person, make_team


@pytest.fixture
def rep(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "rep")


@pytest.fixture
def presales(resources: Resources, rep: Person) -> Person:
    with resources.database.transaction(Origin(channel="test")) as session:
        return make_person(session, "presales", team=make_team(session, "售前组"))


@pytest.fixture
def lead(resources: Resources, rep: Person) -> str:
    with resources.database.transaction(Origin(channel="test")) as session:
        return str(make_lead(session, rep).id)


def test_a_demo_request_runs_from_rep_to_presales_and_back(
    client: TestClient, resources: Resources, rep: Person, presales: Person, lead: str
) -> None:
    customer = client.get(f"/api/leads/{lead}").json()["customer_id"]
    pack = client.post(
        f"/api/customers/{customer}/documents",
        data={"kind": "background_pack"},
        files={"file": ("背景资料.pptx", deck("客户背景"))},
    ).json()
    task = client.post(f"/api/leads/{lead}/task-chains", json={"chain": "presales_demo"}).json()
    assert (task["kind"], task["assignee_id"]) == ("demo_request", str(presales.id))

    log_in(client, resources, presales)
    [mine] = client.get("/api/tasks").json()["items"]
    assert mine["title"] == "准备并交付售前演示方案"
    assert mine["background_document_id"] == pack["id"]
    assert client.get(f"/api/documents/{pack['id']}/content").status_code == 200
    [message] = client.get("/api/notifications", params={"unread": True}).json()["items"]
    assert message["text"] == "您有一项新待办：准备并交付售前演示方案"
    done = client.post(f"/api/tasks/{mine['id']}/completion").json()
    assert done["task"]["status"] == "done"

    log_in(client, resources, rep)
    [following] = client.get("/api/tasks").json()["items"]
    assert (following["id"], following["kind"]) == (done["next_task"]["id"], "second_visit")
    assert following["title"] == "24小时内发起二次拜访"
    due_in = datetime.fromisoformat(following["due_at"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=55) < due_in <= timedelta(hours=24)
    assert client.get("/api/tasks", headers={"accept-language": "en"}).json()["items"][0]["title"] == (
        "Start the second visit within 24 hours"
    )


def test_a_step_is_completed_once_and_makes_one_task(
    client: TestClient, resources: Resources, rep: Person, presales: Person, lead: str
) -> None:
    first = client.post(f"/api/leads/{lead}/task-chains", json={"chain": "presales_demo"}).json()
    again = client.post(f"/api/leads/{lead}/task-chains", json={"chain": "presales_demo"}).json()
    assert first["id"] == again["id"]
    log_in(client, resources, presales)
    assert client.post(f"/api/tasks/{first['id']}/completion").status_code == 200
    assert client.post(f"/api/tasks/{first['id']}/completion").json()["code"] == "task_closed"
    log_in(client, resources, rep)
    assert client.get("/api/tasks").json()["total"] == 1


def test_the_presales_colleague_with_the_fewest_open_tasks_is_asked(
    client: TestClient, resources: Resources, rep: Person, presales: Person, lead: str
) -> None:
    client.post("/api/tasks", json={"title": "别的事", "assignee_id": str(presales.id)})
    with resources.database.transaction(Origin(channel="test")) as session:
        idle = make_person(session, "presales", team=make_team(session, "售前组"))
    task = client.post(f"/api/leads/{lead}/task-chains", json={"chain": "presales_demo"}).json()
    assert task["assignee_id"] == str(idle.id)
    refused = client.post(f"/api/leads/{lead}/task-chains", json={"chain": "presales_demo", "presales_id": str(rep.id)})
    assert refused.json()["id"] == task["id"]


def test_nobody_in_presales_and_unknown_chains_are_named(client: TestClient, lead: str) -> None:
    refused = client.post(f"/api/leads/{lead}/task-chains", json={"chain": "presales_demo"})
    assert refused.json()["code"] == "nobody_for_task"
    assert client.post(f"/api/leads/{lead}/task-chains", json={"chain": "tea"}).json()["code"] == "task_chain_unknown"


def test_a_task_is_declined_with_a_reason_that_the_asker_is_told(
    client: TestClient, resources: Resources, rep: Person, presales: Person, lead: str
) -> None:
    task = client.post(f"/api/leads/{lead}/task-chains", json={"chain": "presales_demo"}).json()
    log_in(client, resources, presales)
    path = f"/api/tasks/{task['id']}/refusal"
    assert client.post(path, json={"reason": " "}).json()["code"] == "decline_reason_missing"
    assert client.post(path, json={"reason": "排期已满"}).json()["status"] == "declined"
    log_in(client, resources, rep)
    [message] = client.get("/api/notifications").json()["items"]
    assert message["text"] == "待办「准备并交付售前演示方案」被拒绝：排期已满"
    client.post(f"/api/notifications/{message['id']}/read")
    assert client.get("/api/notifications", params={"unread": True}).json()["total"] == 0


def test_a_task_is_handed_on_and_strangers_do_not_touch_it(
    client: TestClient, resources: Resources, rep: Person
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        colleague = make_person(session, "rep", team=make_team(session))
        former = make_person(session, None)
    task = client.post("/api/tasks", json={"title": "发节电测算"}).json()
    path = f"/api/tasks/{task['id']}/delegation"
    assert client.post(path, json={"assignee_id": str(former.id)}).json()["code"] == "assignee_unknown"
    assert client.post(path, json={"assignee_id": str(colleague.id)}).json()["assignee_id"] == str(colleague.id)
    log_in(client, resources, colleague)
    assert [item["title"] for item in client.get("/api/tasks").json()["items"]] == ["发节电测算"]
    log_in_as(client, resources, "rep", team="华北一队")
    assert client.post(f"/api/tasks/{task['id']}/completion").json()["code"] == "task_not_found"


def test_a_held_visit_is_on_the_timeline_once(client: TestClient, lead: str) -> None:
    customer = client.get(f"/api/leads/{lead}").json()["customer_id"]
    plan = {"customer_id": customer, "planned_at": "2026-03-20T14:00:00+08:00", "purpose": "现场勘测"}
    visit = client.post("/api/visits", json=plan).json()
    report = f"/api/visits/{visit['id']}/report"
    assert client.post(report, json={"summary": "变压器余量 300 kVA"}).status_code == 200
    assert client.post(report, json={"summary": "再写一次"}).json()["code"] == "visit_held"
    entries = client.get(f"/api/customers/{customer}/timeline").json()["items"]
    assert [entry["text"] for entry in entries if entry["kind"] == "visit"] == ["变压器余量 300 kVA"]


def test_a_step_can_be_finished_although_whoever_comes_next_has_left(
    client: TestClient, resources: Resources, rep: Person, presales: Person, lead: str
) -> None:
    task = client.post(f"/api/leads/{lead}/task-chains", json={"chain": "presales_demo"}).json()
    with resources.database.transaction(Origin(channel="test")) as session:
        session.query(Membership).filter_by(person_id=rep.id).one().until = LONG_AGO + timedelta(days=400)
    log_in(client, resources, presales)
    done = client.post(f"/api/tasks/{task['id']}/completion")
    assert done.status_code == 200, done.text
    assert done.json()["next_task"]["assignee_id"] == str(presales.id)
