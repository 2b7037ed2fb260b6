"""B1: one page about a customer for every role, always the latest, with the history of every field."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from crm_core.customers.tables import Contract, Payment, Ticket
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from crm_core.pipeline.tables import Lead
from tests.factories.leads import make_customer, make_document, make_lead
from tests.factories.people import log_in, log_in_as, make_person, make_team


@pytest.fixture
def rep(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "rep")


@pytest.fixture
def customer(resources: Resources, rep: Person) -> str:
    """A customer with something in every block."""
    with resources.database.transaction(Origin(channel="test")) as session:
        made = make_customer(session, rep, name="阳澄光伏电站运营有限公司")
        made.budget_range, made.invoice_qualification = "80–120 万", "一般纳税人"
        lead = make_lead(session, rep, customer=made)
        lead.incentive_policy = "首单提成 3%"
        make_document(session, lead, "cost_sheet")
        contract = Contract(customer_id=made.id, number="HT-1", status="signed", amount=Decimal(500_000))
        session.add(contract)
        session.flush()
        session.add(Payment(contract_id=contract.id, due_on=date(2026, 6, 1), amount=Decimal(150_000)))
        session.add(
            Ticket(customer_id=made.id, number="T-1", kind="delivery", title="到货延期", opened_at=datetime.now(UTC))
        )
        return str(made.id)


def test_one_page_has_every_block_for_the_owner(client: TestClient, customer: str) -> None:
    client.post(f"/api/customers/{customer}/contacts", json={"name": "王建国", "decision_role": "decider"})
    page = client.get(f"/api/customers/{customer}").json()
    assert page["facts"]["name"] == "阳澄光伏电站运营有限公司"
    assert [contact["name"] for contact in page["contacts"]] == ["王建国"]
    assert [lead["stage_name"] for lead in page["leads"]] == ["线索分配"]
    assert [document["kind_name"] for document in page["documents"]] == ["成本测算表"]
    assert [payment["due_on"] for payment in page["contracts"][0]["payments"]] == ["2026-06-01"]
    assert [ticket["title"] for ticket in page["tickets"]] == ["到货延期"]
    assert page["timeline"][0]["text"] == "新建线索「储能改造」"
    assert "budget_range" in page["editable"]
    assert "technical_solution" not in page["editable"]


def test_each_role_sees_its_own_part_of_the_page(client: TestClient, resources: Resources, customer: str) -> None:
    log_in_as(client, resources, "finance")
    page = client.get(f"/api/customers/{customer}").json()
    assert page["facts"]["invoice_qualification"] == "一般纳税人"
    assert "budget_range" not in page["facts"]
    assert page["contracts"][0]["amount"] == "500000.00"
    assert page["editable"] == ["invoice_qualification"]
    assert "incentive_policy" not in page["leads"][0]
    assert not {"timeline", "documents", "contacts", "tickets"} & page.keys()


def test_presales_edits_the_solution_and_not_the_budget(
    client: TestClient, resources: Resources, customer: str
) -> None:
    log_in_as(client, resources, "presales")
    path = f"/api/customers/{customer}"
    assert client.patch(path, json={"changes": {"technical_solution": "两柜并联"}}).status_code == 200
    refused = client.patch(path, json={"changes": {"budget_range": "1 元"}})
    assert (refused.status_code, refused.json()["code"]) == (403, "field_forbidden")


def test_a_field_that_somebody_else_changed_is_a_conflict_and_another_field_is_not(
    client: TestClient, customer: str
) -> None:
    path = f"/api/customers/{customer}"
    seen = {"budget_range": "80–120 万"}
    first = client.patch(path, json={"changes": {"budget_range": "90 万"}, "expected": seen})
    second = client.patch(path, json={"changes": {"budget_range": "70 万"}, "expected": seen})
    other = client.patch(path, json={"changes": {"city": "苏州"}, "expected": {"city": None}})
    assert (first.status_code, second.status_code, other.status_code) == (200, 409, 200)
    assert second.json()["code"] == "changed_meanwhile"
    assert client.get(path).json()["facts"]["budget_range"] == "90 万"


def test_history_tells_who_changed_what_and_hides_what_the_role_may_not_read(
    client: TestClient, resources: Resources, rep: Person, customer: str
) -> None:
    client.patch(f"/api/customers/{customer}", json={"changes": {"budget_range": "200 万", "city": "无锡"}})
    items = client.get(f"/api/customers/{customer}/history").json()["items"]
    change = next(item for item in items if item["field"] == "budget_range" and item["new"] == "200 万")
    assert (change["old"], change["actor_name"], change["channel"]) == ("80–120 万", rep.name, "api")
    log_in_as(client, resources, "finance")
    fields = {item["field"] for item in client.get(f"/api/customers/{customer}/history").json()["items"]}
    assert "invoice_qualification" in fields
    assert not fields & {"budget_range", "situation", "technical_solution"}


def test_the_timeline_tells_no_field_that_the_role_may_not_read(
    client: TestClient, resources: Resources, customer: str
) -> None:
    client.patch(f"/api/customers/{customer}", json={"changes": {"budget_range": "200 万", "situation": "改造中"}})
    mine = client.get(f"/api/customers/{customer}/timeline").json()["items"]
    assert {"修改了「预算范围」", "修改了「客户现状」"} <= {item["text"] for item in mine}
    log_in_as(client, resources, "trainer")
    texts = {item["text"] for item in client.get(f"/api/customers/{customer}/timeline").json()["items"]}
    assert "修改了「客户现状」" in texts
    assert "修改了「预算范围」" not in texts


def test_the_same_message_twice_is_one_entry(client: TestClient, customer: str) -> None:
    message = {
        "kind": "quote_sent",
        "channel": "wecom",
        "occurred_at": "2026-03-02T10:15:42+08:00",
        "summary": "发送储能方案报价单 V2",
        "external_key": "msg-7f2c91",
    }
    path = f"/api/customers/{customer}/timeline"
    first, second = client.post(path, json=message), client.post(path, json=message)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["entry"]["id"] == second.json()["entry"]["id"]
    assert first.json()["entry"]["occurred_at"] == "2026-03-02T02:15:42Z"
    assert sum(item["text"] == message["summary"] for item in client.get(path).json()["items"]) == 1


def test_customers_are_found_by_name_pinyin_and_initials(
    client: TestClient, resources: Resources, rep: Person, customer: str
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        make_customer(session, rep, name="北斗仪器有限公司")
    for words in ("光伏电站", "yang cheng", "yangcheng", "ycgf", "YangCheng"):
        found = client.get("/api/customers", params={"search": words}).json()
        assert [item["id"] for item in found["items"]] == [customer], words
    assert client.get("/api/customers", params={"search": "%"}).json()["total"] == 0
    names = [item["name"] for item in client.get("/api/customers").json()["items"]]
    assert names == ["北斗仪器有限公司", "阳澄光伏电站运营有限公司"]


def test_no_order_or_filter_tells_a_hidden_field(client: TestClient, resources: Resources, customer: str) -> None:
    log_in_as(client, resources, "finance")
    for hidden in ({"sort": "budget_range"}, {"industry": "光伏"}, {"size": "large"}):
        assert client.get("/api/customers", params=hidden).json()["code"] == "field_forbidden"
    for hidden in ({"sort": "margin"}, {"sort": "back_moves"}, {"source": "exhibition"}):
        expected = 200 if hidden == {"sort": "margin"} else 403
        assert client.get("/api/leads", params=hidden).status_code == expected


def test_the_same_company_is_not_made_twice(client: TestClient, resources: Resources, customer: str) -> None:
    for name in (
        "阳澄光伏电站运营有限公司",
        "阳澄光伏电站运营股份有限公司",
        "阳橙光伏电站运营有限公司",
        " 阳澄光伏电站运营",
    ):
        refused = client.post("/api/customers", json={"name": name})
        assert (refused.status_code, refused.json()["code"]) == (409, "customer_exists"), name
        assert refused.json()["parameters"]["similar"][0]["id"] == customer
    confirmed = client.post("/api/customers", json={"name": "阳橙光伏电站运营有限公司", "is_distinct": True})
    assert confirmed.status_code == 201
    assert client.post("/api/customers", json={"name": "阳澄湖大闸蟹养殖有限公司"}).status_code == 201
    # somebody else's customer is not given away, only that there is one
    log_in_as(client, resources, "rep", team="华北一队")
    refused = client.post("/api/customers", json={"name": "阳澄光伏电站运营股份有限公司"})
    assert refused.json()["parameters"]["similar"] == []
    assert refused.json()["parameters"]["hidden_count"] >= 1


def test_somebody_elses_customer_is_not_there(client: TestClient, resources: Resources, customer: str) -> None:
    log_in_as(client, resources, "rep", team="华北一队")
    assert client.get(f"/api/customers/{customer}").json()["code"] == "customer_not_found"
    assert client.get("/api/customers").json()["total"] == 0
    assert client.get(f"/api/customers/{customer}/history").status_code == 404
    assert client.get(f"/api/customers/{customer}/timeline").status_code == 404


def test_whoever_has_the_lead_sees_its_customer(
    client: TestClient, resources: Resources, rep: Person, customer: str
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        other = make_person(session, "rep", team=make_team(session, "华北一队"))
        lead = client.get(f"/api/customers/{customer}").json()["leads"][0]["id"]
        manager = make_person(session, "manager", team=make_team(session))
    log_in(client, resources, manager)
    assert client.patch(f"/api/leads/{lead}", json={"changes": {"owner_id": str(other.id)}}).status_code == 200
    log_in(client, resources, other)
    assert client.get(f"/api/customers/{customer}").status_code == 200


def test_overdue_leads_are_marked_and_found(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        late, fresh = (make_lead(session, rep, title=title) for title in ("超时", "新"))
        for lead in (late, fresh):
            lead.fields = {"contact_channel": "phone"}
            lead.source = "exhibition"
    for lead in (late, fresh):
        move = {"kind": "forward", "to_stage": "first_contact"}
        assert client.post(f"/api/leads/{lead.id}/moves", json={"move": move}).status_code == 201
    with resources.database.transaction(Origin(channel="test")) as session:
        session.get_one(Lead, late.id).overdue_at = datetime.now(UTC) - timedelta(hours=1)
    overdue = client.get("/api/leads", params={"overdue": True}).json()
    assert [(item["title"], item["is_overdue"]) for item in overdue["items"]] == [("超时", True)]
    stages = {stage["stage"]: stage for stage in client.get("/api/leads/board").json()["stages"]}
    assert (stages["first_contact"]["count"], stages["first_contact"]["overdue"]) == (2, 1)
