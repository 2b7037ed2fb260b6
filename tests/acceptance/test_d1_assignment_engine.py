"""D1: conditions → pool → strategy, and every run says why; fair, sticky, within capacity and hours; or by hand."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from tests.factories.leads import make_customer
from tests.factories.people import log_in, make_person, make_region, make_team, use_api_token
from tests.pipeline.assignment.company import EVERYBODY, HEADQUARTERS, NAME, set_rules
from tests.support.jobs import run_jobs

ORIGIN = Origin(channel="test")
#: a Wednesday, 10:00 in Shanghai
WORKING = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


class Company:
    """Reps of two regions, and an operations person who puts leads in over HTTP."""

    def __init__(self, client: TestClient, resources: Resources) -> None:
        self.client, self.resources = client, resources
        with resources.database.transaction(ORIGIN) as session:
            east, west = make_region(session), make_region(session, "west", "华西大区")
            self.regions = {"east": str(east.id), "west": str(west.id)}
            teams = {"east": make_team(session), "west": make_team(session, "华西一队", west)}
            self.reps = {code: [make_person(session, team=team) for _ in range(3)] for code, team in teams.items()}
            self.operations = make_person(session, "operations")
            self.customer_id = str(make_customer(session).id)
        use_api_token(client, resources, self.operations, "read", "write")

    def change(self, write: Callable[[Session], Any]) -> Any:
        with self.resources.database.transaction(ORIGIN) as session:
            return write(session)

    def arrive(self, region: str | None = "east", customer_id: str | None = None, **values: Any) -> str:
        """A lead without owner arrives over HTTP and the promised job places it."""
        given = {"region_id": self.regions[region]} if region else {}
        body = {"customer_id": customer_id or self.customer_id, "title": "储能改造", "values": given | values}
        created = self.client.post("/api/leads", json=body)
        assert created.status_code == 201, created.text
        run_jobs(self.resources)
        return str(created.json()["id"])

    def owner(self, lead_id: str) -> str | None:
        return self.client.get(f"/api/leads/{lead_id}").json().get("owner_id")

    def decision(self, lead_id: str, language: str = "zh") -> dict[str, Any]:
        answer = self.client.get(f"/api/leads/{lead_id}/assignments", headers={"accept-language": language})
        assert answer.status_code == 200, answer.text
        decision: dict[str, Any] = answer.json()["items"][0]
        return decision


@pytest.fixture
def company(client: TestClient, resources: Resources) -> Iterator[Company]:
    with clock.frozen(WORKING):
        yield Company(client, resources)


def names(people: list[Person]) -> set[str]:
    return {str(person.id) for person in people}


def test_a_lead_goes_round_its_region_and_the_record_says_why(company: Company) -> None:
    west = {"code": "west", "name": {"zh": "华西专线", "en": "West"}, "pool": "region"}
    west["conditions"] = [{"fact": "region", "test": "one_of", "values": ["west"]}]  # type: ignore[assignment]
    rest = {"code": "rest", "name": {"zh": "其余", "en": "The rest"}, "pool": "region"}
    region = {**EVERYBODY, "code": "region", "name": {"zh": "大区池", "en": "Regions"}}
    company.change(lambda session: set_rules(session, {**region, "members": {"same_region": True}}, rules=[west, rest]))
    owners = Counter(company.owner(lead_id) for lead_id in [company.arrive("east") for _ in range(6)])
    assert set(owners) == names(company.reps["east"])
    assert set(owners.values()) == {2}
    lead_id = company.arrive("east")
    decision = company.decision(lead_id)
    assert (decision["outcome"], decision["rule"], decision["cause"]) == ("assigned", "rest", "arrival")
    lost, won = decision["steps"]
    assert lost["text"] == "规则「华西专线」不适用：大区为「华东大区」，要求是 华西大区 之一"
    assert "从「大区池」的 3 名候选人中选出" in won["text"]
    assert "不在线索的大区 3 人" in won["text"]
    assert [candidate["turns"] for candidate in won["candidates"]] == [2, 2, 2]
    assert {left["reason"] for left in won["left_out"]} == {"not_in_lead_region", "wrong_role"}
    english = company.decision(lead_id, "en")
    assert 'Rule "West" does not apply: Region is "华东大区"' in english["steps"][0]["text"]
    replayed = company.client.get(f"/api/leads/{lead_id}/assignments/{decision['id']}/replay").json()
    assert replayed == {"is_identical": True, "problem": None}


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ({"fact": "source", "test": "one_of", "values": ["referral"]}, {"source": "referral"}),
        ({"fact": "product", "test": "contains", "values": ["储能"]}, {"product": "工商业储能柜"}),
        ({"fact": "amount", "test": "at_least", "number": 1_000_000}, {"amount": 1_500_000}),
        ({"fact": "language", "test": "one_of", "values": ["en"]}, {"language": "en"}),
        ({"fact": "arrival", "test": "one_of", "values": ["working_hours"]}, {}),
    ],
)
def test_what_a_lead_says_of_itself_chooses_the_rule(
    company: Company, condition: dict[str, Any], values: dict[str, Any]
) -> None:
    special = {"code": "special", "name": NAME, "pool": "everybody", "conditions": [condition]}
    company.change(lambda session: set_rules(session, EVERYBODY, rules=[special]))
    assert company.decision(company.arrive(**values))["rule"] == "special"
    opposite = {**condition, "test": {"at_least": "at_most"}.get(condition["test"], "none_of")}
    special["conditions"] = [opposite]
    company.change(lambda session: set_rules(session, EVERYBODY, rules=[special]))
    if condition["test"] != "contains":
        assert company.decision(company.arrive(**values))["outcome"] == "pooled"


def test_a_customers_industry_and_size_choose_the_rule(company: Company) -> None:
    conditions = [
        {"fact": "industry", "test": "contains", "values": ["光伏"]},
        {"fact": "size", "test": "one_of", "values": ["large", "group"]},
    ]
    large = {"code": "large", "name": NAME, "pool": "everybody", "conditions": conditions}
    company.change(lambda session: set_rules(session, EVERYBODY, rules=[large]))

    def customer(session: Session) -> str:
        made = make_customer(session)
        made.industry, made.size = "光伏电站运营商", "group"
        return str(made.id)

    assert company.decision(company.arrive(customer_id=company.change(customer)))["rule"] == "large"
    assert company.decision(company.arrive())["reason"] == "没有一条规则的条件成立"


def test_an_account_stays_with_its_owner_without_taking_a_turn(company: Company) -> None:
    company.change(lambda session: set_rules(session, {**EVERYBODY, "keeps_account_owner": True}))
    owner = company.reps["east"][2]
    account = company.change(lambda session: str(make_customer(session, owner).id))
    lead_ids = [company.arrive(customer_id=account) for _ in range(3)]
    assert {company.owner(lead_id) for lead_id in lead_ids} == {str(owner.id)}
    assert "客户本来就由其负责" in company.decision(lead_ids[0])["steps"][0]["text"]
    rotation = company.client.get("/api/assignment/rotation").json()["items"][0]
    assert {place["turns"] for place in rotation["places"]} == {0}


def test_nobody_gets_more_than_they_can_carry_and_the_rest_waits_for_somebody(company: Company) -> None:
    company.change(lambda session: set_rules(session, {**EVERYBODY, "open_leads_limit": 1}))
    lead_ids = [company.arrive() for _ in range(7)]
    owners = [company.owner(lead_id) for lead_id in lead_ids]
    assert Counter(owners) == {**dict.fromkeys(names(company.reps["east"] + company.reps["west"]), 1), None: 1}
    left = company.decision(lead_ids[-1])
    assert left["reason"] == "规则的条件成立，但池里没有人现在能接"
    assert "手上线索已满 6 人" in left["steps"][0]["text"]
    assert left["steps"][1]["rule"] is None


def test_whoever_is_away_or_off_hours_gets_nothing_meanwhile(company: Company) -> None:
    def set_up(session: Session) -> None:
        set_rules(session, {**EVERYBODY, "only_in_working_hours": True})
        for rep in company.reps["west"]:
            session.get_one(Person, rep.id).away_until = WORKING.date() + timedelta(days=5)

    company.change(set_up)
    assert company.owner(company.arrive()) in names(company.reps["east"])
    with clock.frozen(WORKING + timedelta(hours=12)):
        night = company.arrive()
        assert company.owner(night) is None
        assert "不在工作时间 3 人" in company.decision(night)["steps"][0]["text"]
        assert "休假中 3 人" in company.decision(night)["steps"][0]["text"]
    with clock.frozen(WORKING + timedelta(days=1)):
        assert company.client.post("/api/assignment/run").json() == {"waiting": 1}
        run_jobs(company.resources)
    assert company.owner(night) in names(company.reps["east"])
    assert company.decision(night)["cause"] == "retry"


@pytest.mark.parametrize("strategy", ["weighted", "least_loaded", "best_fit"])
def test_each_strategy_says_by_what_it_chose(company: Company, strategy: str) -> None:
    first, second = company.reps["east"][:2]
    pool = {**EVERYBODY, "strategy": strategy, "members": {"people": [first.employee_number, second.employee_number]}}
    if strategy == "weighted":
        pool["weights"] = {first.employee_number: 3, second.employee_number: 1}
    company.change(lambda session: set_rules(session, pool))
    lead_ids = [company.arrive() for _ in range(8)]
    owners = Counter(company.owner(lead_id) for lead_id in lead_ids)
    assert owners == {
        str(first.id): 6 if strategy == "weighted" else 4,
        str(second.id): 2 if strategy == "weighted" else 4,
    }
    basis = {"weighted": "权重 3", "least_loaded": "手上的线索最少", "best_fit": "数据不足，改用轮询"}
    assert basis[strategy] in company.decision(lead_ids[0])["steps"][0]["text"]


def test_a_rep_of_whom_something_is_unknown_gets_nothing_yet(company: Company) -> None:
    company.change(lambda session: set_rules(session, EVERYBODY, required=["wecom_id"]))
    lead_id = company.arrive()
    assert company.owner(lead_id) is None
    assert "入职资料不全（企业微信） 6 人" in company.decision(lead_id)["steps"][0]["text"]

    def complete(session: Session) -> None:
        session.get_one(Person, company.reps["west"][0].id).wecom_id = "zhangsan"

    company.change(complete)
    company.client.post("/api/assignment/run")
    run_jobs(company.resources)
    assert company.owner(lead_id) == str(company.reps["west"][0].id)


def test_a_lead_is_given_by_hand_with_a_reason_and_what_speaks_against_it(company: Company) -> None:
    company.change(lambda session: set_rules(session, EVERYBODY))
    lead_id, other = company.arrive("east"), company.reps["west"][1]
    path = f"/api/leads/{lead_id}/assignment"
    assert company.client.post(path, json={}).json()["code"] == "lead_has_owner"
    unexplained = company.client.post(path, json={"owner_id": str(other.id), "reason": " "})
    assert (unexplained.status_code, unexplained.json()["code"]) == (422, "assignment_reason_missing")
    given = company.client.post(path, json={"owner_id": str(other.id), "reason": "客户点名"})
    assert given.status_code == 201, given.text
    told = given.json()
    assert (told["cause"], told["reason"], told["owner_id"]) == ("manual", "客户点名", str(other.id))
    assert told["warnings"] == ["不在线索的大区（华东大区）"]
    assert told["decided_by_name"] == company.operations.name

    def gone(session: Session) -> None:
        session.get_one(Person, other.id).left_on = WORKING.date()

    company.change(gone)
    lead_id = company.arrive("east")
    refused = company.client.post(
        f"/api/leads/{lead_id}/assignment", json={"owner_id": str(other.id), "reason": "再给"}
    )
    assert refused.json()["code"] == "owner_has_left"
    log_in(company.client, company.resources, company.reps["east"][0])
    assert company.client.get("/api/assignment/rotation").status_code == 403


def test_editing_the_owner_field_is_a_reassignment_too(company: Company) -> None:
    company.change(lambda session: set_rules(session, EVERYBODY))
    lead_id, other = company.arrive(), company.reps["west"][0]
    changes = {"changes": {"owner_id": str(other.id), "product": "储能柜"}}
    changed = company.client.patch(f"/api/leads/{lead_id}", json=changes)
    assert (changed.status_code, changed.json()["product"]) == (200, "储能柜")
    assert company.decision(lead_id)["cause"] == "manual"
    told = company.client.get(f"/api/leads/{lead_id}").json()
    customer = company.change(lambda session: session.get_one(Customer, told["customer_id"]))
    timeline = company.client.get(f"/api/customers/{customer.id}/timeline").json()["items"]
    assert f"线索「储能改造」分配给 {other.name}" in [entry["text"] for entry in timeline]


def test_a_lead_that_does_not_exist_is_tried_and_nothing_is_written(company: Company) -> None:
    company.change(lambda session: set_rules(session, {**EVERYBODY, "members": {"same_region": True}}))
    tried = company.client.post("/api/assignment/try", json={"region": "华西大区", "amount": "300000"})
    assert tried.status_code == 200, tried.text
    assert tried.json()["owner_id"] in names(company.reps["west"])
    nowhere = company.client.post("/api/assignment/try", json={"region": None}).json()
    assert (nowhere["outcome"], nowhere["pool_name"]) == ("pooled", HEADQUARTERS["name"]["zh"])
    assert company.client.post("/api/assignment/try", json={"region": "火星"}).json()["code"] == "region_not_found"
    assert company.client.get("/api/assignment/decisions").json()["total"] == 0


def test_operations_see_the_latest_decisions_and_open_the_list_behind(company: Company) -> None:
    company.change(lambda session: set_rules(session, {**EVERYBODY, "members": {"same_region": True}}))
    placed, waiting = company.arrive("east"), company.arrive(None)
    everything = company.client.get("/api/assignment/decisions").json()
    assert [item["lead_id"] for item in everything["items"]] == [waiting, placed]
    pooled = company.client.get("/api/assignment/decisions", params={"outcome": "pooled"}).json()
    assert [(item["lead_id"], item["lead_title"]) for item in pooled["items"]] == [(waiting, "储能改造")]
