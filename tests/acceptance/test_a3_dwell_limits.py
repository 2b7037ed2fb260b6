"""A3: a lead that stands still is told of up a ladder, each step once; in wall hours or a team's working hours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Membership, Person
from crm_core.pipeline.dwell.jobs import reschedule_all, sweep_dwell_alarms
from crm_core.process.tables import PlaybookVersion
from tests.factories.leads import EVERY_FIELD
from tests.factories.people import log_in, make_person, make_team
from tests.support.jobs import run_jobs

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 3, 10, 9, tzinfo=SHANGHAI)
TASK = "需在24小时内提交客户决策链图"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Company:
    """A rep under a manager under a director, and the one client that acts for each of them."""

    def __init__(self, client: TestClient, resources: Resources) -> None:
        self.client, self.resources = client, resources
        with resources.database.transaction(Origin("test")) as session:
            team = make_team(session)
            self.director = make_person(session, "director", name="周总监", team=team)
            self.manager = make_person(session, "manager", name="李主管", team=team, manager=self.director)
            self.rep = make_person(session, "rep", name="王小明", team=team, manager=self.manager)
            self.operations = make_person(session, "operations", name="运营钱", team=make_team(session, "运营部"))
            self.team_id = team.id

    def act(self, person: Person) -> TestClient:
        return log_in(self.client, self.resources, person)

    def lead_in_diagnosis(self, *, owner: Person | None = None) -> str:
        """A lead of the rep's that enters 需求诊断 now."""
        client = self.act(owner or self.rep)
        customer = client.post("/api/customers", json={"name": "岚溪光伏电站运营有限公司"}).json()["id"]
        new = {"customer_id": customer, "title": "储能改造", "values": {"source": "exhibition"}}
        lead = str(client.post("/api/leads", json=new).json()["id"])
        given = {name: EVERY_FIELD[name] for name in ("contact_channel", "contact_result")}
        client.patch(f"/api/leads/{lead}", json={"changes": given})
        for stage in ("first_contact", "needs_diagnosis"):
            moved = client.post(f"/api/leads/{lead}/moves", json={"move": {"kind": "forward", "to_stage": stage}})
            assert moved.status_code == 201, moved.text
        return lead

    def sweep(self) -> None:
        sweep_dwell_alarms.run(self.resources)

    def messages(self, person: Person) -> list[str]:
        items = self.act(person).get("/api/notifications", params={"limit": 100}).json()["items"]
        return [item["text"] for item in items if item["code"].startswith("dwell")]

    def tasks(self, person: Person) -> list[dict[str, Any]]:
        items = self.act(person).get("/api/tasks", params={"mine": True}).json()["items"]
        return [item for item in items if item["title"] == TASK]

    def dwell(self, lead: str) -> dict[str, Any]:
        answer = self.client.get(f"/api/leads/{lead}/dwell")
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]


@pytest.fixture
def company(client: TestClient, resources: Resources) -> Company:
    return Company(client, resources)


@contextmanager
def playbook_change(resources: Resources, limit: dict[str, Any], **sections: Any) -> Iterator[None]:
    """Publish other limits for 需求诊断, as a new version would."""
    with resources.database.transaction(Origin("test")) as session:
        version = session.query(PlaybookVersion).filter_by(status="published").one()
        stages = [
            {**stage, "dwell_limit": limit} if stage["code"] == "needs_diagnosis" else stage
            for stage in version.content["stages"]
        ]
        content = {**version.content, **sections, "stages": stages}
        session.execute(update(PlaybookVersion).where(PlaybookVersion.id == version.id).values(status="retired"))
        fresh = PlaybookVersion(number=2, status="published", content=content, published_at=clock.now())
        session.add(fresh)
        session.flush()
    reschedule_all.run(resources)
    yield


def test_after_72_hours_rep_and_manager_are_told_and_the_task_is_made_once(company: Company) -> None:
    with clock.frozen(MORNING):
        lead = company.lead_in_diagnosis()
        dwell = company.dwell(lead)
        assert (dwell["limit_hours"], dwell["clock"], dwell["remaining_hours"]) == (72, "wall", 72)
        assert [step["state"] for step in dwell["steps"]] == ["ahead", "ahead"]
        assert [receiver["name"] for receiver in dwell["steps"][0]["receivers"]] == ["王小明", "李主管"]
        assert dwell["steps"][0]["task"] == TASK
    with clock.frozen(MORNING + timedelta(hours=71, minutes=59)):
        company.sweep()
        assert company.messages(company.rep) == []
        assert not company.client.get(f"/api/leads/{lead}").json()["is_overdue"]
    with clock.frozen(MORNING + timedelta(hours=72)):
        for _ in range(3):
            company.sweep()
        [told_rep] = company.messages(company.rep)
        assert told_rep.startswith("线索「储能改造」在「需求诊断」停留已超过 72 小时")
        assert company.messages(company.manager) == [
            "王小明的线索「储能改造」在「需求诊断」停留已超过 72 小时，请督促推进。"
        ]
        assert company.messages(company.director) == []
        [task] = company.tasks(company.rep)
        assert datetime.fromisoformat(task["due_at"]) == MORNING + timedelta(hours=96)
        assert company.dwell(lead)["is_overdue"]
        assert company.client.get("/api/leads", params={"overdue": True}).json()["total"] == 1
        entries = company.client.get(f"/api/customers/{_customer(company, lead)}/timeline").json()["items"]
        told = [entry["text"] for entry in entries if entry["kind"] == "dwell_alarm"]
        assert told == ["线索「储能改造」在「需求诊断」停留超过 72 小时，已发出第 1 级提醒"]


def test_two_days_later_the_director_hears_of_it_once(company: Company) -> None:
    with clock.frozen(MORNING):
        lead = company.lead_in_diagnosis()
    for hours in (72, 119, 120, 121, 500):
        with clock.frozen(MORNING + timedelta(hours=hours)):
            company.sweep()
    with clock.frozen(MORNING + timedelta(hours=501)):
        assert len(company.messages(company.director)) == 1
        assert len(company.messages(company.rep)) == 1
        company.act(company.manager)
        steps = company.dwell(lead)["steps"]
        assert [step["state"] for step in steps] == ["fired", "fired"]
        assert datetime.fromisoformat(steps[1]["fired_at"]) == MORNING + timedelta(hours=120)
        breaches = company.client.get("/api/dwell/breaches", params={"stage": "needs_diagnosis"}).json()
        assert [(item["step"], item["lead_title"]) for item in breaches["items"]] == [(1, "储能改造"), (0, "储能改造")]
        assert company.client.get("/api/dwell/breaches", params={"step": 1}).json()["total"] == 1
        company.act(company.operations)
        assert company.client.get("/api/dwell/breaches").json()["total"] == 2


def test_the_clock_may_jump_back_and_forth(company: Company) -> None:
    with clock.frozen(MORNING):
        lead = company.lead_in_diagnosis()
    for hours in (73, 10, 73, 0, 125, 72, 125):
        with clock.frozen(MORNING + timedelta(hours=hours)):
            company.sweep()
    with clock.frozen(MORNING + timedelta(hours=125)):
        assert (len(company.messages(company.rep)), len(company.messages(company.director))) == (1, 1)
        assert len(company.tasks(company.rep)) == 1
        company.act(company.rep)
        assert company.client.get("/api/dwell/breaches", params={"lead_id": lead}).json()["total"] == 2


def test_the_manager_of_the_day_it_fires_is_told(company: Company, resources: Resources) -> None:
    with clock.frozen(MORNING):
        company.lead_in_diagnosis()
    with resources.database.transaction(Origin("test")) as session:
        successor = make_person(session, "manager", name="新主管", team=make_team(session), manager=company.director)
        held = session.query(Membership).filter_by(person_id=company.rep.id).one()
        held.until = date(2026, 3, 12)
        later = Membership(
            person_id=company.rep.id, role="rep", team_id=held.team_id, region_id=held.region_id,
            manager_id=successor.id, since=date(2026, 3, 12),
        )  # fmt: skip
        session.add(later)
    with clock.frozen(MORNING + timedelta(hours=73)):
        company.sweep()
        assert company.messages(company.manager) == []
        assert len(company.messages(successor)) == 1


def test_a_rep_without_manager_falls_to_the_director_then_to_operations(company: Company, resources: Resources) -> None:
    with resources.database.transaction(Origin("test")) as session:
        session.query(Membership).filter_by(person_id=company.rep.id).one().manager_id = None
    with clock.frozen(MORNING):
        lead = company.lead_in_diagnosis()
    with resources.database.transaction(Origin("test")) as session:
        session.query(Membership).filter_by(person_id=company.director.id).one().until = date(2026, 3, 15)
    with clock.frozen(MORNING + timedelta(hours=73)):
        company.sweep()
        [told] = company.messages(company.director)
        assert "花名册上没有应接收提醒的上级" in told
        company.act(company.rep)
        receivers = company.dwell(lead)["steps"][0]["receivers"]
        assert [(one["rule"], one["name"], one["stands_in"]) for one in receivers] == [
            ("owner", "王小明", None),
            ("manager", "周总监", "director"),
        ]
    with clock.frozen(MORNING + timedelta(hours=121)):
        company.sweep()
        assert len(company.messages(company.operations)) == 1
        assert company.messages(company.manager) == []


def test_a_snooze_with_a_reason_holds_the_next_step_and_the_manager_knows(company: Company) -> None:
    with clock.frozen(MORNING):
        lead = company.lead_in_diagnosis()
        path = f"/api/leads/{lead}/dwell/snooze"
        until = (MORNING + timedelta(hours=100)).isoformat()
        assert company.client.post(path, json={"until": until, "reason": " "}).json()["code"] == "snooze_reason_missing"
        far = (MORNING + timedelta(days=15)).isoformat()
        for wrong in (far, (MORNING - timedelta(hours=1)).isoformat()):
            refused = company.client.post(path, json={"until": wrong, "reason": "等客户"})
            assert refused.json()["code"] == "snooze_span_invalid"
        version = company.client.get(f"/api/leads/{lead}").json()["version"]
        answer = company.client.post(path, json={"until": until, "reason": "客户停工检修"})
        assert answer.status_code == 201, answer.text
        assert (answer.json()["snooze"]["reason"], answer.json()["steps"][0]["state"]) == ("客户停工检修", "snoozed")
        assert company.client.get(f"/api/leads/{lead}").json()["version"] == version
        [told] = company.messages(company.manager)
        assert "暂缓到 2026-03-14 13:00，理由：客户停工检修" in told
    with clock.frozen(MORNING + timedelta(hours=80)):
        company.sweep()
        assert company.messages(company.rep) == []
        assert company.client.get(f"/api/leads/{lead}").json()["is_overdue"]
    with clock.frozen(MORNING + timedelta(hours=100)):
        company.sweep()
        assert len(company.messages(company.rep)) == 1
        company.act(company.rep)
        assert company.client.delete(path).json()["code"] == "snooze_missing"


def test_a_snooze_is_taken_back_and_strangers_do_not_postpone(company: Company, resources: Resources) -> None:
    with resources.database.transaction(Origin("test")) as session:
        colleague = make_person(session, "presales", team=make_team(session, "售前组"))
    with clock.frozen(MORNING):
        lead = company.lead_in_diagnosis()
        path = f"/api/leads/{lead}/dwell/snooze"
        body = {"until": (MORNING + timedelta(days=10)).isoformat(), "reason": "等客户年会"}
        assert company.act(colleague).post(path, json=body).json()["code"] == "right_missing"
        assert company.act(company.manager).post(path, json=body).status_code == 201
    with clock.frozen(MORNING + timedelta(hours=80)):
        company.act(company.rep)
        assert company.client.delete(path).json()["snooze"] is None
        company.sweep()
        assert len(company.messages(company.rep)) == 1


def test_moving_on_silences_the_ladder_and_coming_back_starts_it_anew(company: Company) -> None:
    with clock.frozen(MORNING):
        lead = company.lead_in_diagnosis()
    with clock.frozen(MORNING + timedelta(hours=73)):
        company.sweep()
        company.act(company.rep)
        move = {"kind": "back", "to_stage": "first_contact", "reason": "联系人换了"}
        company.client.post(f"/api/leads/{lead}/moves", json={"move": move})
        move = {"kind": "forward", "to_stage": "needs_diagnosis"}
        assert company.client.post(f"/api/leads/{lead}/moves", json={"move": move}).status_code == 201
        assert not company.client.get(f"/api/leads/{lead}").json()["is_overdue"]
    with clock.frozen(MORNING + timedelta(hours=140)):
        company.sweep()
        assert len(company.messages(company.rep)) == 1
    with clock.frozen(MORNING + timedelta(hours=146)):
        company.sweep()
        assert len(company.messages(company.rep)) == 2
        company.act(company.rep)
        company.client.post(f"/api/leads/{lead}/moves", json={"move": {"kind": "parked", "reason": "other"}})
    with clock.frozen(MORNING + timedelta(hours=900)):
        company.sweep()
        assert company.messages(company.director) == []
        company.act(company.rep)
        dwell = company.dwell(lead)
        assert (dwell["is_open"], dwell["steps"], dwell["is_overdue"]) == (False, [], False)


def test_a_new_shorter_limit_fires_once_what_has_passed_and_nothing_twice(
    company: Company, resources: Resources
) -> None:
    with clock.frozen(MORNING):
        company.lead_in_diagnosis()
    ladder = [{"receivers": ["owner"]}, {"after_hours": 10, "receivers": ["manager"]}]
    with clock.frozen(MORNING + timedelta(hours=50)), playbook_change(resources, {"hours": 24, "ladder": ladder}):
        for _ in range(2):
            company.sweep()
        assert (len(company.messages(company.rep)), len(company.messages(company.manager))) == (1, 1)


def test_working_hours_follow_each_team_through_spring_festival(company: Company, resources: Resources) -> None:
    """Eight hours a day: from Friday 13 February 2026, 14:00, over a worked Saturday and nine free days."""
    spans = [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "18:00"}]
    office = {"code": "office", "name": {"zh": "标准", "en": "Office"}, "spans": spans}
    always = {
        "code": "shop", "name": {"zh": "门店", "en": "Shop"}, "spans": spans,
        "days": [1, 2, 3, 4, 5, 6, 7], "public_holidays": "none",
    }  # fmt: skip
    limit = {"hours": 16, "clock": "working", "ladder": [{"receivers": ["owner"]}]}
    with clock.frozen(at("2026-02-13 14:00")), playbook_change(resources, limit, calendars=[office, always]):
        lead = company.lead_in_diagnosis()
        dwell = company.dwell(lead)
        assert (dwell["clock"], dwell["calendar_name"]) == ("working", "标准")
        # Friday 4 h, the make-up Saturday 8 h, then the holiday: the rest on the 24th
        assert datetime.fromisoformat(dwell["overdue_at"]) == at("2026-02-24 14:00")
        company.act(company.operations)
        set_to = {"calendar": "shop"}
        assert company.client.put(f"/api/teams/{company.team_id}", json=set_to).status_code == 200
        run_jobs(resources)
        company.act(company.rep)
        dwell = company.dwell(lead)
        assert dwell["calendar"] == "shop"
        assert datetime.fromisoformat(dwell["overdue_at"]) == at("2026-02-15 14:00")
    with clock.frozen(at("2026-02-15 14:00")):
        company.sweep()
        assert len(company.messages(company.rep)) == 1
        company.act(company.rep)
        assert company.dwell(lead)["spent_hours"] == 16


def test_calendars_tell_holidays_make_up_days_and_unannounced_years(company: Company) -> None:
    company.act(company.rep)
    with clock.frozen(at("2026-02-10 10:00")):
        [office] = company.client.get("/api/calendars").json()["items"]
        assert office["is_open_now"]
        coming = {day["day"]: (day["kind"], day["name"]) for day in office["coming"]}
        assert coming["2026-02-14"] == ("make_up", "春节")
        assert coming["2026-02-17"] == ("holiday", "春节")
        month = company.client.get("/api/calendars/office/days", params={"month": "2026-02"}).json()
        kinds = {day["day"]: day["kind"] for day in month["days"]}
        assert (kinds["2026-02-13"], kinds["2026-02-14"], kinds["2026-02-15"]) == ("working", "make_up", "holiday")
        assert (kinds["2026-02-07"], len(kinds)) == ("free", 28)
    with clock.frozen(datetime(2089, 5, 5, tzinfo=UTC)):
        company.act(company.rep)
        assert company.client.get("/api/calendars").json()["items"][0]["unannounced_years"] == [2089, 2090]
    assert company.client.get("/api/calendars/none/days").json()["code"] == "calendar_unknown"
    assert company.client.get("/api/calendars/office/days", params={"month": "2026-13"}).status_code == 422


def _customer(company: Company, lead: str) -> str:
    return str(company.client.get(f"/api/leads/{lead}").json()["customer_id"])
