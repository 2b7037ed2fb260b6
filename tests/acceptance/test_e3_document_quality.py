"""E3: does the comparison sheet cover what the customer named? The missing one is asked for by name."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from tests.factories.leads import bring_to, make_customer, make_lead
from tests.factories.office_files import deck, sheet
from tests.factories.people import log_in, log_in_as, make_person, make_team
from tests.support.jobs import run_jobs

NAMED = [{"name": "待机功耗", "unit": "W"}, {"name": "充电效率", "unit": "%"}, {"name": "枪线多长", "unit": "m"}]
SHEET = sheet(
    ("直流桩参数对比",),
    ("参数", "单位", "驰充 CC-120D（我方）", "星驿 X120"),
    ("充电效率", "%", 95.5, 94.8),
    ("枪线长度", "m", 5, 5),
    ("空载损耗", "", "8 W", "12 W"),
)


@pytest.fixture
def rep(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "rep")


@pytest.fixture
def lead(resources: Resources, rep: Person) -> str:
    with resources.database.transaction(Origin(channel="test")) as session:
        customer = make_customer(session, rep, name="上海华辰光伏科技有限公司")
        return str(bring_to(session, make_lead(session, rep, customer=customer), "proposal_quote", rep).id)


def submit(client: TestClient, lead: str, name: str, content: bytes, **asked: Any) -> Any:
    kind = asked.pop("kind", "comparison_sheet")
    data = {"kind": kind} | ({"request": json.dumps(asked)} if asked else {})
    return client.post(f"/api/leads/{lead}/document-checks", files={"file": (name, content)}, data=data)


def outcome(client: TestClient, resources: Resources, check: Any, language: str = "zh") -> Any:
    run_jobs(resources)
    answer = client.get(f"/api/document-checks/{check['id']}", headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.json()


def test_the_parameter_that_is_missing_is_asked_for_by_name(
    client: TestClient, resources: Resources, lead: str
) -> None:
    submitted = submit(client, lead, "产品对比表.xlsx", SHEET, parameters=NAMED)
    assert submitted.status_code == 202
    assert submitted.json()["status"] == "queued"
    check = outcome(client, resources, submitted.json())
    assert (check["status"], check["verdict"], check["detected_kind"]) == ("done", "failed", "comparison_sheet")
    missing, efficiency, cable = check["findings"]
    assert (missing["verdict"], missing["sentence"]) == ("missing", "请补充待机功耗参数实测数据。")
    assert (efficiency["value"], efficiency["unit"], efficiency["locations"][0]["cell"]) == ("95.5", "%", "C3")
    assert (cable["verdict"], cable["matched_label"]) == ("covered", "枪线长度")
    assert "95.5" in efficiency["excerpt"][1]
    assert [reason["code"] for reason in check["reasons"]] == ["finding_missing"]
    assert (
        outcome(client, resources, check, "en")["findings"][0]["sentence"] == "Please add measured data for 待机功耗."
    )


def test_without_parameters_those_of_the_diagnosis_are_checked(
    client: TestClient, resources: Resources, rep: Person, lead: str
) -> None:
    from crm_core.foundation import clock
    from knowledge.diagnosis.tables import DiagnosisReport

    with resources.database.transaction(Origin(channel="test")) as session:
        named = {"name": "充电效率", "op": ">=", "value": 95, "unit": "%", "quote": None}
        session.add(
            DiagnosisReport(
                lead_id=lead,
                voice_summary="充电效率不能低于95%",
                pain_points=[],
                parameters=[named],
                confirmed_by=rep.id,
                confirmed_at=clock.now(),
            )
        )
    check = outcome(client, resources, submit(client, lead, "产品对比表.xlsx", SHEET).json())
    assert [(each["name"], each["verdict"]) for each in check["findings"]] == [("充电效率", "covered")]
    assert check["verdict"] == "passed"


def test_one_upload_is_one_check(client: TestClient, resources: Resources, lead: str) -> None:
    outcome(client, resources, submit(client, lead, "产品对比表.xlsx", SHEET, parameters=NAMED).json())
    listed = client.get(f"/api/leads/{lead}/document-checks").json()
    assert listed["total"] == 1
    assert len(listed["items"][0]["findings"]) == 3


def test_a_manager_lets_it_pass_with_a_reason_and_teaches_the_name(
    client: TestClient, resources: Resources, rep: Person, lead: str
) -> None:
    check = outcome(client, resources, submit(client, lead, "产品对比表.xlsx", SHEET, parameters=NAMED).json())
    address = f"/api/document-checks/{check['id']}/override"
    taught = {"reason": "空载损耗就是待机功耗", "parameter": "待机功耗", "label": "空载损耗"}
    assert client.post(address, json=taught).status_code == 403
    with resources.database.transaction(Origin(channel="test")) as session:
        manager = make_person(session, "manager", team=make_team(session))
    log_in(client, resources, manager)
    refused = client.post(address, json={"reason": " "})
    assert (refused.status_code, refused.json()["code"]) == (422, "override_reason_missing")
    unasked = client.post(address, json=taught | {"parameter": "噪声"})
    assert (unasked.status_code, unasked.json()["code"]) == (422, "parameter_not_requested")
    overridden = client.post(address, json=taught).json()
    assert (overridden["overridden_by"], overridden["override_reason"]) == (str(manager.id), "空载损耗就是待机功耗")
    assert client.get(f"/api/documents/{check['document_id']}").json()["verdict"] == "waived"
    again = client.post(f"/api/documents/{check['document_id']}/checks", json={"parameters": NAMED}).json()
    finding = outcome(client, resources, again)["findings"][0]
    assert (finding["verdict"], finding["match"], finding["matched_label"]) == ("covered", "alias", "空载损耗")


def test_a_check_that_has_not_finished_cannot_be_overridden(
    client: TestClient, resources: Resources, lead: str
) -> None:
    check = submit(client, lead, "产品对比表.xlsx", SHEET, parameters=NAMED).json()
    with resources.database.transaction(Origin(channel="test")) as session:
        manager = make_person(session, "manager", team=make_team(session))
    log_in(client, resources, manager)
    refused = client.post(f"/api/document-checks/{check['id']}/override", json={"reason": "急"})
    assert (refused.status_code, refused.json()["code"]) == (409, "document_check_not_finished")


def test_the_documents_of_the_gate_are_judged_as_they_arrive(
    client: TestClient, resources: Resources, lead: str
) -> None:
    good = deck("华辰光伏科技 储能定制化方案", "需求与现状", "总体架构与实施计划", "收益与服务")
    another = deck("远景能源 储能定制化方案", "需求与现状", "总体架构与实施计划", "收益与服务")
    costs = sheet(
        ("华辰光伏科技成本测算表",),
        ("科目", "数量", "单价", "金额"),
        ("设备", 12, 3500, 42000),
        ("人工", 30, 800, 24000),
    )
    judged = {}
    for kind, name, content in (
        ("solution_deck", "方案.pptx", good),
        ("cost_sheet", "成本测算.xlsx", costs),
        ("solution_deck", "别家方案.pptx", another),
        ("cost_sheet", "对比.xlsx", SHEET),
    ):
        files = {"file": (name, content)}
        uploaded = client.post(f"/api/leads/{lead}/documents", files=files, data={"kind": kind}).json()
        run_jobs(resources)
        document = client.get(f"/api/documents/{uploaded['id']}").json()
        judged[name] = (document["verdict"], [reason["code"] for reason in document["verdict_reasons"]])
    assert judged["方案.pptx"] == ("passed", [])
    assert judged["成本测算.xlsx"] == ("passed", [])
    assert judged["别家方案.pptx"] == ("failed", ["customer_name_absent"])
    assert judged["对比.xlsx"] == ("failed", ["document_of_another_kind", "customer_name_absent"])


def test_a_file_that_cannot_be_read_is_told_with_the_remedy(
    client: TestClient, resources: Resources, lead: str
) -> None:
    place = SHEET.index(b"xl/worksheets/sheet1.xml") + 60
    damaged = SHEET[:place] + bytes(255 - byte for byte in SHEET[place : place + 40]) + SHEET[place + 40 :]
    check = outcome(client, resources, submit(client, lead, "对比.xlsx", damaged, parameters=NAMED).json())
    assert {finding["verdict"] for finding in check["findings"]} == {"unreadable"}
    assert check["verdict"] == "failed"
    assert "已损坏" in check["reasons"][0]["sentence"]


def test_checks_of_others_are_not_there(client: TestClient, resources: Resources, lead: str) -> None:
    check = submit(client, lead, "产品对比表.xlsx", SHEET, parameters=NAMED).json()
    log_in_as(client, resources, "rep", team="华东二队")
    hidden = client.get(f"/api/document-checks/{check['id']}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "document_check_not_found")
    assert client.post(f"/api/documents/{check['document_id']}/checks", json={}).status_code == 404


def test_a_request_that_is_not_json_is_refused(client: TestClient, lead: str) -> None:
    files, data = {"file": ("对比.xlsx", SHEET)}, {"kind": "comparison_sheet", "request": "{"}
    assert client.post(f"/api/leads/{lead}/document-checks", files=files, data=data).status_code == 422
