"""F1: closing a win asks for key actions, methods and evidence, and the win becomes teaching material."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from tests.factories.cases import customer_of, lead_of
from tests.factories.people import log_in, log_in_as

STORY = (
    "注塑厂白天尖峰电价满负荷，老板说电费压得喘不过气。我把十二个月账单拆开给他看，当场约了第二次，两个月后签了储能。"
)


@pytest.fixture
def won(client: TestClient, resources: Resources) -> dict[str, Any]:
    """A rep is logged in who has just won a lead."""
    rep = log_in_as(client, resources, "rep")
    return {"rep": rep, **won_lead(resources, rep, "昆山恒顺注塑有限公司")}


def won_lead(resources: Resources, rep: Person, name: str, outcome: str = "won") -> dict[str, str]:
    with resources.database.transaction(Origin(channel="test")) as session:
        customer = customer_of(session, rep.id, name, industry="塑料制品", size="medium", situation="三班倒，电费高")
        lead = lead_of(session, customer, outcome=outcome, fields={"pain_points": ["energy_cost"]})
        return {"lead_id": str(lead.id), "customer_id": str(customer.id)}


def told(lead_id: str, **changes: Any) -> dict[str, Any]:
    telling = {
        "lead_id": lead_id,
        "title": "注塑厂峰谷储能",
        "story": STORY,
        "key_actions": ["拆解十二个月电费账单"],
        "methods": ["bill_analysis"],
    }
    return telling | changes


def with_evidence(client: TestClient, case_id: str) -> None:
    upload = {"file": ("账单_已脱敏.txt", "2026年1月 电费 81 万元".encode(), "text/plain")}
    assert client.post(f"/api/cases/{case_id}/evidence", files=upload).status_code == 201


def test_measurable_facts_come_from_the_lead(client: TestClient, won: dict[str, Any]) -> None:
    answer = client.post("/api/cases", json=told(won["lead_id"]))
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert case["status"] == "draft"
    assert case["cycle_days"] == 40
    assert float(case["amount"]) == 1_200_000
    assert case["industry"] == "塑料制品"
    assert [entry["code"] for entry in case["pain_points"]] == ["energy_cost"]
    assert case["methods"] == [{"code": "bill_analysis", "name": "账单分析法"}]
    assert "margin" not in case, "a rep's role may not see margins"


def test_a_case_without_evidence_is_not_published_and_says_all_that_is_missing(
    client: TestClient, resources: Resources, won: dict[str, Any]
) -> None:
    case = client.post("/api/cases", json=told(won["lead_id"], key_actions=[], methods=[], story="赢了")).json()
    assert set(case["missing"]) == {"story", "key_actions", "methods", "evidence"}
    log_in_as(client, resources, "manager")
    refused = client.post(f"/api/cases/{case['id']}/publish")
    assert refused.status_code == 422
    assert refused.json()["code"] == "case_incomplete"
    assert refused.json()["what"] == "案例还不能发布，缺少：故事、关键动作、方法标签、证据。"


def test_the_way_from_win_to_library(client: TestClient, resources: Resources, won: dict[str, Any]) -> None:
    case = client.post("/api/cases", json=told(won["lead_id"])).json()
    with_evidence(client, case["id"])
    assert client.post(f"/api/cases/{case['id']}/publish").status_code == 403, "a rep does not accept cases"
    log_in_as(client, resources, "manager")
    published = client.post(f"/api/cases/{case['id']}/publish")
    assert published.status_code == 200, published.text
    assert published.json()["status"] == "published"
    assert published.json()["expires_on"] > published.json()["verified_on"]
    found = client.get("/api/cases/search", params={"q": "电费太高老板不信"}).json()
    assert [item["case"]["id"] for item in found["items"]] == [case["id"]]
    assert client.post(f"/api/cases/{case['id']}/publish").status_code == 409


def test_a_retired_case_is_no_longer_found(client: TestClient, resources: Resources, won: dict[str, Any]) -> None:
    case = client.post("/api/cases", json=told(won["lead_id"])).json()
    with_evidence(client, case["id"])
    log_in_as(client, resources, "trainer")
    client.post(f"/api/cases/{case['id']}/publish")
    assert client.get("/api/cases/search", params={"q": "注塑厂电费"}).json()["items"]
    assert client.post(f"/api/cases/{case['id']}/retire").status_code == 200
    assert client.get("/api/cases/search", params={"q": "注塑厂电费", "with_weak": True}).json()["items"] == []


def test_only_a_won_lead_becomes_a_case_and_only_once(
    client: TestClient, resources: Resources, won: dict[str, Any]
) -> None:
    lost = won_lead(resources, won["rep"], "苏州明达塑胶有限公司", outcome="lost")
    assert client.post("/api/cases", json=told(lost["lead_id"])).json()["code"] == "case_lead_not_won"
    assert client.post("/api/cases", json=told(won["lead_id"])).status_code == 201
    assert client.post("/api/cases", json=told(won["lead_id"])).json()["code"] == "case_exists"


def test_the_same_story_twice_is_refused(client: TestClient, resources: Resources, won: dict[str, Any]) -> None:
    other = won_lead(resources, won["rep"], "无锡江海塑业有限公司")
    ids = [client.post("/api/cases", json=told(lead)).json()["id"] for lead in (won["lead_id"], other["lead_id"])]
    for case_id in ids:
        with_evidence(client, case_id)
    log_in_as(client, resources, "manager")
    assert client.post(f"/api/cases/{ids[0]}/publish").status_code == 200
    refused = client.post(f"/api/cases/{ids[1]}/publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "case_duplicate")


def test_a_new_method_is_proposed_with_the_win_and_merged_by_a_trainer(
    client: TestClient, resources: Resources, won: dict[str, Any]
) -> None:
    proposal = {"name": "白板算电费", "definition": "把客户每月电费写在白板上，让他自己找出尖峰。"}
    case = client.post("/api/cases", json=told(won["lead_id"], methods=[], proposed_method=proposal)).json()
    code = case["methods"][0]["code"]
    assert case["methods"][0]["name"] == "白板算电费"
    decision = {"decision": "merged", "merged_into": "bill_analysis"}
    assert client.post(f"/api/methods/proposals/{code}/decision", json=decision).status_code == 403
    log_in_as(client, resources, "trainer")
    assert client.post(f"/api/methods/proposals/{code}/decision", json=decision).status_code == 200
    assert client.get(f"/api/cases/{case['id']}").json()["methods"][0]["code"] == "bill_analysis"
    assert client.post(f"/api/methods/proposals/{code}/decision", json=decision).json()["code"] == "method_decided"


def test_unknown_methods_and_pain_points_are_named(client: TestClient, won: dict[str, Any]) -> None:
    unknown = client.post("/api/cases", json=told(won["lead_id"], methods=["bill_analysis", "magic"]))
    assert unknown.json()["code"] == "method_unknown"
    assert unknown.json()["parameters"] == {"methods": "magic"}
    pains = client.post("/api/cases", json=told(won["lead_id"], pain_points=["nonsense"]))
    assert pains.json()["code"] == "case_pain_point_unknown"


def test_somebody_elses_draft_is_not_seen(client: TestClient, resources: Resources, won: dict[str, Any]) -> None:
    case = client.post("/api/cases", json=told(won["lead_id"])).json()
    log_in_as(client, resources, "rep", team="华东二队")
    assert client.get(f"/api/cases/{case['id']}").status_code == 404
    assert client.get("/api/cases").json()["total"] == 0
    log_in(client, resources, won["rep"])
    assert client.get("/api/cases").json()["total"] == 1


def test_evidence_comes_back_as_it_went_in_and_empty_files_are_refused(client: TestClient, won: dict[str, Any]) -> None:
    case = client.post("/api/cases", json=told(won["lead_id"])).json()
    with_evidence(client, case["id"])
    evidence = client.get(f"/api/cases/{case['id']}").json()["evidence"][0]
    content = client.get(f"/api/cases/{case['id']}/evidence/{evidence['id']}/content")
    assert content.content.decode() == "2026年1月 电费 81 万元"
    empty = client.post(f"/api/cases/{case['id']}/evidence", files={"file": ("空.txt", b"", "text/plain")})
    assert empty.json()["code"] == "file_empty"
    assert UUID(evidence["id"])
