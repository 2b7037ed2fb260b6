"""D4: the article's incident of 72 hours, replayed through the real doors and diagnosed on one page.

On 7 February a patch switches the fallback off, on the 8th two reps arrive from HR without a region, from 16:22 on the
9th the rules return empty sets, on the 10th somebody asks why.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from crm_core.foundation import clock
from crm_core.foundation.clock import BUSINESS_ZONE
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from crm_core.pipeline.assignment.jobs import place_waiting
from crm_core.pipeline.health.jobs import watch_assignment_health
from tests.factories.leads import make_customer
from tests.factories.people import log_in, make_person, make_region, make_team

#: the reps of the region are full after this many leads
_LIMIT = 6


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 2, day, hour, minute, tzinfo=BUSINESS_ZONE)


class Company:
    """A region with two reps who take leads until they are full, and an operations person."""

    def __init__(self, client: TestClient, resources: Resources) -> None:
        self.client, self.resources = client, resources
        with clock.frozen(at(1, 9)), resources.database.transaction(Origin("test")) as session:
            south = make_region(session, "south", "华南大区")
            team = make_team(session, "华南一队", south)
            manager = make_person(session, "manager", name="何主管", team=team)
            for name in ("陈一", "林二"):
                rep = make_person(session, "rep", name=name, team=team, manager=manager)
                rep.open_leads_limit = _LIMIT
            self.operations = make_person(session, "operations", name="运营小周")
            self.admin = make_person(session, "admin", name="管理员老吴")
            customer = make_customer(session, name="华南科技有限公司")
            customer.region_id = south.id
            self.customer_id, self.team_id, self.manager_id = customer.id, team.id, manager.id

    @contextmanager
    def as_at(self, person: Person, moment: datetime) -> Iterator[TestClient]:
        with clock.frozen(moment):
            yield log_in(self.client, self.resources, person)

    def lead_arrives(self, moment: datetime, title: str) -> str:
        """Through the interface, and on to the rules."""
        with self.as_at(self.operations, moment) as client:
            body = {"customer_id": str(self.customer_id), "title": title}
            made = client.post("/api/leads", json=body)
            assert made.status_code == 201, made.text
        with clock.frozen(moment + timedelta(seconds=20)):
            place_waiting(self.resources)
        return str(made.json()["id"])

    def patch_switches_fallback_off(self, moment: datetime) -> None:
        """A maintenance script works past the product; what it cannot pass is the history."""
        engine = create_engine(self.resources.database.url)
        with engine.begin() as connection:
            connection.execute(
                text("SELECT set_config('salesdojo.origin', json_build_object('channel', 'sql:maintenance',"
                     " 'occurred_at', cast(:moment AS text))::text, true)"),
                {"moment": moment.isoformat()},
            )  # fmt: skip
            connection.execute(
                text("UPDATE playbook_versions SET content = jsonb_set(content, '{assignment,fallback,is_enabled}',"
                     " 'false') WHERE status = 'published'")
            )  # fmt: skip
        engine.dispose()

    def reps_arrive_without_region(self, moment: datetime) -> None:
        """As the HR system pushed them: the positions are there, their region is not."""
        with clock.frozen(moment), self.resources.database.transaction(Origin("scim", self.admin.id)) as session:
            for name in ("新人甲", "新人乙"):
                make_person(session, "rep", name=name, since=moment.date())

    def watch(self, moment: datetime) -> None:
        with clock.frozen(moment):
            watch_assignment_health.run(self.resources)


@pytest.fixture
def company(client: TestClient, resources: Resources) -> Company:
    return Company(client, resources)


def break_assignment(company: Company, later: timedelta = timedelta()) -> None:
    """The four days up to the morning on which somebody asks; all of it may lie later by the same time."""
    for number in range(2 * _LIMIT):
        company.lead_arrives(at(6 + number // 4, 10 + number % 4) + later, f"正常线索{number}")
    company.watch(at(9, 9) + later)
    company.patch_switches_fallback_off(at(7, 22) + later)
    company.reps_arrive_without_region(at(8, 11) + later)
    for hour in range(18):
        company.lead_arrives(at(9, 16, 22) + later + timedelta(hours=hour), f"积压线索{hour}")
        company.watch(at(9, 16, 22) + later + timedelta(hours=hour, minutes=30))


@pytest.fixture
def broken(company: Company) -> Company:
    break_assignment(company)
    return company


def test_the_alarm_rings_once_and_the_page_names_all_three_causes_in_order(broken: Company) -> None:
    with broken.as_at(broken.operations, at(10, 10)) as client:
        messages = client.get("/api/notifications").json()["items"]
        alarms = [message for message in messages if message["code"] == "assignment_alarm"]
        assert len(alarms) == 1
        health = client.get("/api/assignment-health").json()
        page = client.get("/api/assignment-health/diagnosis").json()
    assert health["now"]["is_alarming"]
    assert health["now"]["waiting"] == 16
    assert page["incident"]["status"] == "open"
    assert page["first_empty"]["decided_at"].startswith("2026-02-09T08:22")
    assert page["last_good"]["decided_at"] < page["first_empty"]["decided_at"]
    assert (page["empty"], page["good"]) == (18, 0)

    causes = page["causes"]
    assert [cause["code"] for cause in causes][:2] == ["fallback_switched_off", "rep_without_region"]
    patch, arrivals = causes[:2]
    assert patch["channel"] == "sql:maintenance"
    assert patch["details"] == ["assignment.fallback.is_enabled: true → false"]
    assert arrivals["people"] == ["新人乙", "新人甲"]
    assert arrivals["actor_name"] == "管理员老吴"
    story = page["summary"]
    assert story[0].startswith("2026-02-07 22:00")
    assert "兜底" in story[0]
    assert story[1].startswith("2026-02-08 11:00")
    assert "没有大区" in story[1]
    assert "2026-02-09 16:22" in story[-1]
    assert "空结果集" in story[-1]


def test_the_rules_say_why_and_the_page_says_what_to_do(broken: Company) -> None:
    with broken.as_at(broken.operations, at(10, 10)) as client:
        page = client.get("/api/assignment-health/diagnosis", headers={"accept-language": "en"}).json()
    rule = next(one for one in page["findings"] if one["rule"] == "by_region")
    reasons = {reason["code"]: reason for reason in rule["reasons"]}
    assert reasons["at_capacity"]["people"] == ["林二", "陈一"]
    assert reasons["onboarding_incomplete"]["people"] == ["新人乙", "新人甲"]
    assert "region" in reasons["onboarding_incomplete"]["lacks"]
    assert any(one["rule"] is None and one["result"] == "disabled" for one in page["findings"])
    repairs = {repair["code"]: repair["text"] for repair in page["repairs"]}
    assert list(repairs)[:3] == ["switch_fallback_on", "publish_anew", "give_region"]
    assert "新人甲" in repairs["give_region"]


def test_every_number_opens_its_list(broken: Company) -> None:
    with broken.as_at(broken.operations, at(10, 10)) as client:
        health = client.get("/api/assignment-health").json()
        waiting = client.get("/api/assignment-health/leads").json()
        assert waiting["total"] == health["now"]["waiting"]
        assert waiting["items"][0]["title"] == "积压线索0"
        judged = client.get("/api/assignment-health/leads", params={"kind": "judged"}).json()
        assert judged["total"] == health["now"]["judged"]
        bad = next(hour for hour in health["hours"] if hour["waited"])
        of_hour = client.get("/api/assignment-health/leads", params={"kind": "waited", "hour": bad["hour"]}).json()
        assert of_hour["total"] == bad["waited"]


def test_the_incident_ends_when_leads_have_owners_again_and_is_told_once(broken: Company) -> None:
    with broken.as_at(broken.operations, at(10, 10)) as client:
        for lead in client.get("/api/assignment-health/leads", params={"limit": 200}).json()["items"]:
            done = client.post(
                f"/api/leads/{lead['id']}/assignment", json={"owner_id": str(broken.manager_id), "reason": "清积压"}
            )
            assert done.is_success, done.text
    for minute in (5, 10, 15):
        broken.watch(at(10, 10, minute))
    with broken.as_at(broken.operations, at(10, 11)) as client:
        (incident,) = client.get("/api/assignment-health/incidents").json()
        codes = [message["code"] for message in client.get("/api/notifications").json()["items"]]
        again = client.get("/api/assignment-health/diagnosis", params={"incident_id": incident["id"]}).json()
    assert incident["status"] == "closed"
    assert incident["highest_share"] == 1.0
    assert codes.count("assignment_recovered") == 1
    assert codes.count("assignment_alarm") == 1
    assert [cause["code"] for cause in again["causes"]][:2] == ["fallback_switched_off", "rep_without_region"]


def test_only_who_keeps_the_process_looks(client: TestClient, resources: Resources) -> None:
    with resources.database.transaction(Origin("test")) as session:
        rep = make_person(session, "rep", team=make_team(session))
    log_in(client, resources, rep)
    for path in ("", "/diagnosis", "/incidents", "/leads"):
        assert client.get(f"/api/assignment-health{path}").json()["code"] == "right_missing"
