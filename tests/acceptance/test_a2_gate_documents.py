"""A2: leaving 方案报价 needs the documents; each is what it claims, judged or waived; two movers cannot both win."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crm_core.customers.documents import record_verdict
from crm_core.customers.tables import Customer, Document
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from crm_core.pipeline.tables import Lead
from tests.factories.leads import bring_to, make_document, make_lead
from tests.factories.office_files import deck, sheet
from tests.factories.people import log_in, log_in_as, make_person, make_team
from tests.support.jobs import run_jobs


@pytest.fixture
def rep(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "rep")


@pytest.fixture
def lead(resources: Resources, rep: Person) -> str:
    """A lead in 方案报价 with every field and no document."""
    with resources.database.transaction(Origin(channel="test")) as session:
        made = bring_to(session, make_lead(session, rep), "proposal_quote", rep)
        for document in session.query(Document).where(Document.lead_id == made.id):
            session.delete(document)
        return str(made.id)


def test_both_documents_are_named_when_missing(client: TestClient, lead: str) -> None:
    refused = _forward(client, lead)
    assert refused.status_code == 409
    missing = [(item["kind"], item["code"]) for item in refused.json()["parameters"]["missing"]]
    assert missing == [("document", "solution_deck"), ("document", "cost_sheet")]
    assert "《定制化方案PPT》" in refused.json()["what"]
    assert "《成本测算表》" in refused.json()["what"]


def test_an_uploaded_document_waits_for_its_check_and_a_failed_one_can_be_waived(
    client: TestClient, resources: Resources, rep: Person, lead: str
) -> None:
    uploaded = [
        _upload(client, lead, "solution_deck", "方案.pptx", deck("储能方案")).json(),
        _upload(client, lead, "cost_sheet", "测算.xlsx", sheet(("项目", "金额"), ("储能柜", 480000))).json(),
    ]
    # judged by nobody yet, or found wanting: either way the gate stays closed
    assert {item["kind"] for item in _missing(client, lead)} == {"check"}
    with resources.database.transaction(Origin(channel="test")) as session:
        record_verdict(session.get_one(Document, uploaded[0]["id"]), "passed")
        found = {"code": "customer_name_absent", "parameters": {}}
        record_verdict(session.get_one(Document, uploaded[1]["id"]), "failed", [found])
    [item] = _missing(client, lead)
    assert (item["kind"], item["code"], item["reasons"][0]["code"]) == ("check", "cost_sheet", "customer_name_absent")

    waiver = f"/api/documents/{uploaded[1]['id']}/waiver"
    assert client.post(waiver, json={"reason": "已人工核对"}).json()["code"] == "right_missing"
    with resources.database.transaction(Origin(channel="test")) as session:
        manager = make_person(session, "manager", team=make_team(session))
    log_in(client, resources, manager)
    assert client.post(waiver, json={"reason": " "}).json()["code"] == "waiver_reason_missing"
    waived = client.post(waiver, json={"reason": "已人工核对"}).json()
    assert (waived["verdict"], waived["waived_by"]) == ("waived", str(manager.id))
    log_in(client, resources, rep)
    assert _forward(client, lead).status_code == 201


def test_the_quality_check_opens_the_gate_for_the_customers_own_documents_alone(
    client: TestClient, resources: Resources, lead: str
) -> None:
    customer = client.get(f"/api/leads/{lead}").json()["customer_name"]
    cost = sheet(("成本测算表", customer), ("项目", "数量", "单价", "成本合计"), ("储能柜", 2, 480000, 960000))
    _upload(client, lead, "cost_sheet", "成本测算表.xlsx", cost)
    foreign = deck("定制化方案", "远山制药股份有限公司储能方案", "方案报价与实施计划")
    _upload(client, lead, "solution_deck", "定制化方案.pptx", foreign)
    run_jobs(resources)
    assert [(item["kind"], item["code"]) for item in _missing(client, lead)] == [("check", "solution_deck")]
    own = deck("定制化方案", f"{customer}储能方案", "方案报价与实施计划")
    _upload(client, lead, "solution_deck", "定制化方案.pptx", own)
    run_jobs(resources)
    assert _forward(client, lead).status_code == 201


def test_the_newest_version_counts(client: TestClient, resources: Resources, lead: str) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        made = session.get_one(Lead, lead)
        for kind, verdict in (("solution_deck", "passed"), ("cost_sheet", "passed"), ("cost_sheet", "failed")):
            make_document(session, made, kind, verdict)
    assert [(item["kind"], item["code"]) for item in _missing(client, lead)] == [("check", "cost_sheet")]


def test_a_document_of_another_lead_of_the_customer_does_not_count(
    client: TestClient, resources: Resources, rep: Person, lead: str
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        customer = session.get_one(Customer, session.get_one(Lead, lead).customer_id)
        sibling = make_lead(session, rep, customer=customer)
        for kind in ("solution_deck", "cost_sheet"):
            make_document(session, sibling, kind)
    assert len(_missing(client, lead)) == 2


def test_a_file_that_is_not_what_it_claims_is_refused_and_not_kept(client: TestClient, lead: str) -> None:
    pretenders = [
        ("cost_sheet", "空.xlsx", b"", 422, "file_empty"),
        ("cost_sheet", "改名.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 64, 415, "document_type_mismatch"),
        ("cost_sheet", "其实是方案.xlsx", deck("方案"), 415, "document_type_mismatch"),
        ("cost_sheet", "方案.pptx", deck("方案"), 415, "document_type_mismatch"),
        ("solution_deck", "测算.xlsx", sheet(("a", 1)), 415, "document_type_mismatch"),
        ("solution_deck", "断.pptx", deck("方案")[:2000], 415, "document_type_mismatch"),
        ("other", "程序.bin", bytes(range(256)) * 4, 415, "document_type_mismatch"),
        ("poem", "诗.txt", "床前明月光".encode(), 422, "document_kind_unknown"),
    ]
    for kind, name, content, status, code in pretenders:
        answer = _upload(client, lead, kind, name, content)
        assert (answer.status_code, answer.json()["code"]) == (status, code), name
    assert client.get(f"/api/leads/{lead}/documents").json()["total"] == 0


def test_a_document_comes_back_byte_for_byte_under_its_name(client: TestClient, lead: str) -> None:
    content = sheet(("项目", "金额"), ("储能柜", 480000))
    document = _upload(client, lead, "cost_sheet", "C:\\报价\\成本测算表.xlsx", content).json()
    assert document["name"] == "成本测算表.xlsx"
    answer = client.get(f"/api/documents/{document['id']}/content")
    assert answer.content == content
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_documents_of_somebody_elses_customer_do_not_exist(client: TestClient, resources: Resources, lead: str) -> None:
    document = _upload(client, lead, "cost_sheet", "测算.xlsx", sheet(("a", 1))).json()
    log_in_as(client, resources, "rep", team="华东二队")
    for path in (f"/api/documents/{document['id']}", f"/api/documents/{document['id']}/content"):
        assert client.get(path).json()["code"] == "document_not_found"
    assert _upload(client, lead, "cost_sheet", "x.xlsx", sheet(("a", 1))).json()["code"] == "lead_not_found"


def test_of_two_who_move_one_lead_at_once_one_wins(client: TestClient, resources: Resources, rep: Person) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        made = bring_to(session, make_lead(session, rep), "needs_diagnosis", rep)
    start = Barrier(2)

    def mover(stage: str) -> int:
        start.wait()
        move = {"kind": "forward", "to_stage": stage, "expected_version": made.version}
        return client.post(f"/api/leads/{made.id}/moves", json={"move": move}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(mover, ["proposal_quote", "proposal_quote"]))
    assert answers == [201, 409]
    kinds = [move["to_stage"] for move in client.get(f"/api/leads/{made.id}/moves").json()["items"]]
    assert kinds.count("proposal_quote") == 1


def test_a_move_based_on_an_old_version_is_a_conflict(client: TestClient, lead: str) -> None:
    version = client.get(f"/api/leads/{lead}").json()["version"]
    client.patch(f"/api/leads/{lead}", json={"changes": {"decision_maker": "换人了"}})
    stale = client.post(
        f"/api/leads/{lead}/moves",
        json={"move": {"kind": "back", "to_stage": "first_contact", "reason": "x", "expected_version": version}},
    )
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")


def _forward(client: TestClient, lead: str) -> Any:
    return client.post(f"/api/leads/{lead}/moves", json={"move": {"kind": "forward", "to_stage": "signing_payment"}})


def _missing(client: TestClient, lead: str) -> list[dict[str, Any]]:
    refused = _forward(client, lead)
    assert refused.status_code == 409
    missing: list[dict[str, Any]] = refused.json()["parameters"]["missing"]
    return missing


def _upload(client: TestClient, lead: str, kind: str, name: str, content: bytes) -> Any:
    return client.post(f"/api/leads/{lead}/documents", data={"kind": kind}, files={"file": (name, content)})
