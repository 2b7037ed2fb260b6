"""D2: a lead that no rule places waits in the headquarters pool, always, seen by those who may take it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from tests.factories.leads import make_customer
from tests.factories.people import log_in, make_person, make_region, make_team, use_api_token
from tests.pipeline.assignment.company import EVERYBODY, HEADQUARTERS, set_rules
from tests.support.jobs import run_jobs

ORIGIN = Origin(channel="test")
WORKING = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
#: a weak mind would think that everybody has a region
BY_REGION: dict[str, Any] = {
    "code": "by_region",
    "name": {"zh": "按大区", "en": "By region"},
    "pool": "everybody",
    "conditions": [{"fact": "region", "test": "present"}],
}


class Company:
    """Two reps of the east, operations, and a claim pool with limits."""

    def __init__(self, client: TestClient, resources: Resources) -> None:
        self.client, self.resources = client, resources
        pool = {**HEADQUARTERS, "daily_limit": 2, "cooling_off_days": 3, "recycle_after_days": 14}
        with resources.database.transaction(ORIGIN) as session:
            set_rules(session, {**EVERYBODY, "members": {"same_region": True}}, pool, rules=[BY_REGION])
            team = make_team(session)
            self.reps = [make_person(session, team=team) for _ in range(2)]
            self.operations = make_person(session, "operations")
            self.delivery = make_person(session, "delivery")
            customer = make_customer(session)
            customer.industry, customer.city, customer.size = "光伏电站运营商", "嘉兴", "large"
            self.customer_id, self.customer_name = str(customer.id), customer.name

    def as_(self, person: Person) -> TestClient:
        return use_api_token(self.client, self.resources, person, "read", "write")

    def arrive(self, **values: Any) -> str:
        body = {"customer_id": self.customer_id, "title": "屋顶光伏", "values": values}
        created = self.as_(self.operations).post("/api/leads", json=body)
        assert created.status_code == 201, created.text
        run_jobs(self.resources)
        return str(created.json()["id"])

    def claim(self, person: Person, lead_id: str) -> tuple[int, dict[str, Any]]:
        answer = self.as_(person).post(f"/api/pools/headquarters/leads/{lead_id}/claim")
        return answer.status_code, answer.json()


@pytest.fixture
def company(client: TestClient, resources: Resources) -> Iterator[Company]:
    with clock.frozen(WORKING):
        yield Company(client, resources)


def test_a_lead_without_region_waits_at_headquarters_with_the_reason_and_its_age(company: Company) -> None:
    lead_id = company.arrive()
    with clock.frozen(WORKING + timedelta(hours=3)):
        rep = company.as_(company.reps[0])
        pools = rep.get("/api/pools").json()["items"]
        assert [(pool["code"], pool["waiting"], pool["is_fallback"]) for pool in pools] == [("headquarters", 1, True)]
        [waiting] = rep.get("/api/pools/headquarters/leads").json()["items"]
    assert (waiting["lead"]["id"], waiting["waiting_hours"]) == (lead_id, 3)
    assert waiting["why"] == "没有一条规则的条件成立"
    assert (waiting["industry"], waiting["city"], waiting["size"]) == ("光伏电站运营商", "嘉兴", "大型")
    assert waiting["lead"]["customer_name"] == company.customer_name


def test_a_region_whose_reps_are_all_gone_falls_to_headquarters_too(company: Company) -> None:
    with company.resources.database.transaction(ORIGIN) as session:
        west = str(make_region(session, "west", "华西大区").id)
    lead_id = company.arrive(region_id=west)
    decision = company.client.get(f"/api/leads/{lead_id}/assignments").json()["items"][0]
    assert (decision["outcome"], decision["pool"], decision["rule"]) == ("pooled", "headquarters", None)
    assert decision["reason"] == "规则的条件成立，但池里没有人现在能接"
    assert [step["result"] for step in decision["steps"]] == ["pool_empty", "pooled"]


def test_a_lead_is_seen_by_members_only_and_worked_on_by_whoever_takes_it(company: Company) -> None:
    lead_id = company.arrive()
    first, second = company.reps
    assert company.as_(first).get(f"/api/leads/{lead_id}").status_code == 404
    changed = company.client.patch(f"/api/leads/{lead_id}", json={"changes": {"title": "我的"}})
    assert changed.status_code == 404
    assert company.as_(company.delivery).get("/api/pools").json()["items"] == []
    assert company.client.get("/api/pools/headquarters/leads").json()["total"] == 0
    assert company.claim(company.delivery, lead_id)[0] == 404
    status, taken = company.claim(first, lead_id)
    assert (status, taken["owner_id"]) == (200, str(first.id))
    status, problem = company.claim(second, lead_id)
    assert (status, problem["code"]) == (409, "lead_taken")
    assert company.as_(first).get(f"/api/leads/{lead_id}").json()["owner_id"] == str(first.id)


def test_nobody_takes_more_than_the_day_allows(company: Company) -> None:
    lead_ids = [company.arrive() for _ in range(3)]
    rep = company.reps[0]
    assert [company.claim(rep, lead_id)[0] for lead_id in lead_ids[:2]] == [200, 200]
    status, problem = company.claim(rep, lead_ids[2])
    assert (status, problem["code"]) == (403, "claim_refused")
    assert problem["what"] == "您现在不能领取这条线索：今天已到上限。"
    [pool] = company.client.get("/api/pools").json()["items"]
    assert (pool["taken_today"], pool["daily_limit"], pool["refusal"]) == (2, 2, "今天已到上限")
    with clock.frozen(WORKING + timedelta(days=1)):
        assert company.claim(rep, lead_ids[2])[0] == 200


def test_a_lead_is_let_go_with_a_reason_and_not_taken_again_at_once(company: Company) -> None:
    lead_id = company.arrive()
    first, second = company.reps
    company.claim(first, lead_id)
    path = f"/api/leads/{lead_id}/release"
    assert company.as_(first).post(path, json={}).json()["code"] == "assignment_reason_missing"
    released = company.client.post(path, json={"reason": "客户在外地"})
    assert released.json() == {"lead_id": lead_id, "pool": "headquarters", "pool_name": "总部池"}
    run_jobs(company.resources)
    status, problem = company.claim(first, lead_id)
    assert (status, problem["what"]) == (403, "您现在不能领取这条线索：刚放弃或被收回，还在冷却期（至 2026-03-07）。")
    assert company.claim(second, lead_id)[0] == 200
    causes = [item["cause"] for item in company.client.get(f"/api/leads/{lead_id}/assignments").json()["items"]]
    assert causes == ["claim", "release", "claim", "arrival"]


def test_operations_move_a_lead_to_another_pool(company: Company) -> None:
    partners = {**HEADQUARTERS, "code": "partners", "name": {"zh": "渠道池", "en": "Partners"}}
    with company.resources.database.transaction(ORIGIN) as session:
        set_rules(session, {**EVERYBODY, "members": {"same_region": True}}, HEADQUARTERS, partners, rules=[BY_REGION])
    lead_id = company.arrive()
    move = {"pool": "partners", "reason": "渠道客户"}
    moved = company.as_(company.operations).post(f"/api/leads/{lead_id}/pool", json=move)
    assert (moved.status_code, moved.json()["pool_name"]) == (201, "渠道池")
    assert company.client.post(f"/api/leads/{lead_id}/pool", json={**move, "pool": "everybody"}).status_code == 409
    assert company.client.post(f"/api/leads/{lead_id}/pool", json={**move, "pool": "nowhere"}).status_code == 404
    run_jobs(company.resources)
    assert company.client.get("/api/pools/partners/leads").json()["total"] == 1
    assert company.client.get("/api/pools/headquarters/leads").json()["total"] == 0


def test_a_rep_who_comes_later_gets_what_waits_for_the_region(company: Company) -> None:
    with company.resources.database.transaction(ORIGIN) as session:
        west = make_region(session, "west", "华西大区")
    lead_id = company.arrive(region_id=str(west.id))
    with company.resources.database.transaction(ORIGIN) as session:
        rep = make_person(session, team=make_team(session, "华西一队", west))
    company.as_(company.operations).post("/api/assignment/run")
    run_jobs(company.resources)
    assert company.client.get(f"/api/leads/{lead_id}").json()["owner_id"] == str(rep.id)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (["assignment", "fallback", "is_enabled"], False, "disabled"),
        (["assignment", "pools", "headquarters", "members", "same_region"], True, "depends_on_lead"),
        (["assignment", "pools", "headquarters", "members", "people"], ["X-404"], "pool_empty"),
    ],
)
def test_a_rule_set_without_a_reachable_fallback_is_not_published(
    company: Company, path: list[str], value: Any, problem: str
) -> None:
    client = log_in(company.client, company.resources, company.operations)
    draft = client.post("/api/playbook/drafts", json={}).json()
    edits = {"revision": draft["revision"], "edits": [{"path": path, "value": value}]}
    draft = client.patch(f"/api/playbook/drafts/{draft['id']}", json=edits).json()
    wish = {"revision": draft["revision"], "replaces": 1, "skip_reason": "急"}
    refused = client.post(f"/api/playbook/drafts/{draft['id']}/publication", json=wish)
    told = refused.json()
    assert (refused.status_code, told["code"], told["parameters"]["problem"]) == (409, "fallback_unreachable", problem)
    assert "headquarters" not in str(told["parameters"]["problem_zh"])
