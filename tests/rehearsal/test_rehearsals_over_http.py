"""Rehearsals through the public interface: asked for, watched, looked into, exported, and only by who may."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from crm_core.rehearsal import running
from tests.factories.people import log_in, log_in_as, make_person
from tests.rehearsal.scenes import Company, stage_of
from tests.support.jobs import run_jobs

Json = dict[str, Any]


@pytest.fixture
def lived(company: Company, monkeypatch: pytest.MonkeyPatch) -> Company:
    """The company with leads of the last days before today."""
    monkeypatch.setattr("tests.rehearsal.scenes.NOW", clock.now().astimezone(UTC) - timedelta(minutes=1))
    for number in range(8):
        company.lead(number + 1, "east")
        company.lead(number + 1.2, "west")
    company.lead(2, None)
    sold = company.owned_lead(6, company.reps["east"][0])
    company.move(5, sold, "first_contact")
    return company


@pytest.fixture
def operator(client: TestClient, resources: Resources, lived: Company) -> TestClient:
    with resources.database.reading() as session:
        person = session.get_one(Person, lived.operations_id)
    return log_in(client, resources, person)


def rehearsed(client: TestClient, resources: Resources, draft_id: UUID, **wish: Any) -> Json:
    answer = client.post(f"/api/playbook/drafts/{draft_id}/rehearsals", json=wish)
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "waiting"
    running.run(resources, UUID(answer.json()["id"]))
    shown: Json = client.get(f"/api/rehearsals/{answer.json()['id']}").json()
    assert shown["status"] == "done", shown
    return shown


def switch_off_fallback(content: Json) -> None:
    content["assignment"]["fallback"]["is_enabled"] = False
    content["assignment"]["rules"][0]["conditions"] = [{"fact": "region", "test": "one_of", "values": ["east"]}]


def found(client: TestClient, rehearsal: Json, **query: Any) -> Json:
    answer = client.get(f"/api/rehearsals/{rehearsal['id']}/findings", params=query)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def test_every_figure_opens_its_list(operator: TestClient, resources: Resources, lived: Company) -> None:
    rehearsal = rehearsed(operator, resources, lived.draft(switch_off_fallback))
    assignment = rehearsal["result"]["assignment"]
    assert assignment["leads"] == 18
    assert found(operator, rehearsal, kind="assignment")["total"] == 18
    assert assignment["changes"]["newly_unassigned"] == 9
    for change, count in assignment["changes"].items():
        assert found(operator, rehearsal, change=change)["total"] == count
    for row in [*assignment["outcomes"], *assignment["rules"]]:
        for side in ("old", "new"):
            assert found(operator, rehearsal, code=f"{side}_{row['code']}")["total"] == row[side]
    for outcome, count in assignment["actual_outcomes"].items():
        assert found(operator, rehearsal, code=f"actual_outcome:{outcome}")["total"] == count
    for person in assignment["people"]:
        assert found(operator, rehearsal, old_owner_id=person["person_id"])["total"] == person["old"]
        assert found(operator, rehearsal, new_owner_id=person["person_id"])["total"] == person["new"]
        assert found(operator, rehearsal, code=f"actual_owner:{person['person_id']}")["total"] == person["actual"]
    alarms = rehearsal["result"]["alarms"]
    assert found(operator, rehearsal, kind="alarm", code="new")["total"] == alarms["new"] == 1
    for row in [*alarms["stages"], *alarms["days"], *alarms["receivers"]]:
        assert found(operator, rehearsal, kind="alarm", code=f"old_{row['code']}")["total"] == row["old"]
    assert sum(flow["leads"] for flow in assignment["flows"]) == 9


def test_lists_say_both_sides_in_words_of_the_reader(
    operator: TestClient, resources: Resources, lived: Company
) -> None:
    rehearsal = rehearsed(operator, resources, lived.draft(switch_off_fallback))
    [row] = found(operator, rehearsal, change="newly_unassigned", code="old_pool:headquarters")["items"]
    assert row["old"] == "「总部池」等待领取（兜底）"
    assert row["new"] == "没有人接：没有规则能安排，而兜底已被关闭"
    assert row["change_name"] == "变为没有人接"
    assert row["title"].startswith("旧事")
    operator.headers["accept-language"] = "en"
    [row] = found(operator, rehearsal, change="newly_unassigned", code="old_pool:headquarters")["items"]
    assert row["old"] == 'waits in "Headquarters pool" (fallback)'
    assert row["change_name"] == "newly reaches nobody"


def test_a_list_comes_in_pages_that_do_not_overlap(operator: TestClient, resources: Resources, lived: Company) -> None:
    rehearsal = rehearsed(operator, resources, lived.draft())
    pages = [found(operator, rehearsal, limit=7, offset=offset)["items"] for offset in (0, 7, 14)]
    ids = [row["lead_id"] for page in pages for row in page]
    assert len(ids) == len(set(ids)) == 18


def test_blocked_moves_are_found_by_what_they_lack(operator: TestClient, resources: Resources, lived: Company) -> None:
    def stricter(content: Json) -> None:
        field = {"code": "site_survey", "label": {"zh": "现场勘测", "en": "Site survey"}, "type": "text"}
        stage_of(content, "lead_assignment")["fields"].append(field | {"how": {"zh": "写结论", "en": "Say the result"}})

    rehearsal = rehearsed(operator, resources, lived.draft(stricter))
    [item] = rehearsal["result"]["gates"]["items"]
    assert (item["code"], item["name"], item["old"], item["new"]) == ("field:site_survey", "现场勘测", 0, 1)
    [move] = found(operator, rehearsal, kind="move", code="new_field:site_survey")["items"]
    assert (move["about"], move["old"], move["new"]) == ("线索分配 → 首次触达", "通过", "缺 现场勘测")


def test_the_comparison_is_exported_whole_and_harmless(
    operator: TestClient, resources: Resources, lived: Company
) -> None:
    with lived.then(0.5) as session:
        session.connection().exec_driver_sql("UPDATE leads SET title = '=1+1' || chr(11) WHERE title LIKE '自拓%%'")
    rehearsal = rehearsed(operator, resources, lived.draft(switch_off_fallback))
    text = operator.get(f"/api/rehearsals/{rehearsal['id']}/leads.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 18
    assert sum(row["变化"] == "变为没有人接" for row in rows) == 9
    assert "'=1+1" in {row["线索"] for row in rows}
    workbook = load_workbook(io.BytesIO(operator.get(f"/api/rehearsals/{rehearsal['id']}/leads.xlsx").content))
    assert workbook.active is not None
    assert [[cell or "" for cell in row] for row in workbook.active.iter_rows(values_only=True)] == list(
        csv.reader(io.StringIO(text))
    )


def test_only_who_edits_the_playbook_rehearses_and_looks(
    operator: TestClient, resources: Resources, lived: Company
) -> None:
    draft_id = lived.draft()
    rehearsal = rehearsed(operator, resources, draft_id)
    log_in_as(operator, resources, "manager")
    tries = [
        operator.post(f"/api/playbook/drafts/{draft_id}/rehearsals", json={}),
        operator.get(f"/api/playbook/drafts/{draft_id}/rehearsals"),
        operator.get(f"/api/rehearsals/{rehearsal['id']}"),
        operator.post(f"/api/rehearsals/{rehearsal['id']}/seen"),
        operator.get(f"/api/rehearsals/{rehearsal['id']}/findings"),
        operator.get(f"/api/rehearsals/{rehearsal['id']}/leads.csv"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in tries] == [(403, "right_missing")] * len(tries)


def test_whoever_edits_the_playbook_still_sees_only_leads_within_reach(
    client: TestClient, resources: Resources, lived: Company
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        session.connection().exec_driver_sql(
            "UPDATE playbook_versions SET content = jsonb_set(content, '{rights,manager}', "
            "content #> '{rights,manager}' || '[\"playbook.edit\"]') WHERE status = 'published'"
        )
        manager_id = (
            session.connection()
            .exec_driver_sql("SELECT manager_id FROM memberships WHERE person_id = %s", (lived.reps["east"][0],))
            .scalar_one()
        )
        manager = session.get_one(Person, manager_id)
    log_in(client, resources, manager)
    rehearsal = rehearsed(client, resources, lived.draft())
    assert rehearsal["result"]["assignment"]["leads"] == 18
    shown = found(client, rehearsal)
    assert shown["total"] == len(shown["items"]) < 18


def test_what_cannot_be_rehearsed_is_refused_with_its_reason(
    operator: TestClient, resources: Resources, lived: Company
) -> None:
    nowhere = "00000000-0000-7000-8000-000000000000"
    answers = [
        operator.post(f"/api/playbook/drafts/{nowhere}/rehearsals", json={}),
        operator.get(f"/api/rehearsals/{nowhere}"),
        operator.post(f"/api/playbook/drafts/{lived.draft()}/rehearsals", json={"days": 0}),
        operator.post(f"/api/playbook/drafts/{lived.draft(dict.clear)}/rehearsals", json={}),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 422, 422]
    assert answers[1].json()["what"] == "没有找到这次预演。"
    assert answers[3].json()["code"] == "playbook_invalid"
    waiting = operator.post(f"/api/playbook/drafts/{lived.draft()}/rehearsals", json={}).json()
    too_early = operator.post(f"/api/rehearsals/{waiting['id']}/seen")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "rehearsal_not_done")


def test_asking_twice_while_it_waits_is_asking_once(operator: TestClient, resources: Resources, lived: Company) -> None:
    draft_id = lived.draft()
    ids = [operator.post(f"/api/playbook/drafts/{draft_id}/rehearsals", json={}).json()["id"] for _ in range(2)]
    assert ids[0] == ids[1]
    run_jobs(resources)
    assert operator.get(f"/api/playbook/drafts/{draft_id}/rehearsals").json()["total"] == 1


def test_a_rehearsal_remembers_who_looked_first(operator: TestClient, resources: Resources, lived: Company) -> None:
    rehearsal = rehearsed(operator, resources, lived.draft())
    assert rehearsal["seen_at"] is None
    first = operator.post(f"/api/rehearsals/{rehearsal['id']}/seen").json()
    with resources.database.transaction(Origin(channel="test")) as session:
        other = make_person(session, "admin")
    log_in(operator, resources, other)
    second = operator.post(f"/api/rehearsals/{rehearsal['id']}/seen").json()
    assert first["seen_by_name"] == second["seen_by_name"] != other.name
    assert datetime.fromisoformat(first["seen_at"]) == datetime.fromisoformat(second["seen_at"])
