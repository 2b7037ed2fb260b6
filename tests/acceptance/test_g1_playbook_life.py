"""G1: the process as one document in versions: draft, changes, comparison, stage map, publication, back again."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.rehearsal import running
from tests.factories.leads import acting_as, make_lead
from tests.factories.people import log_in_as, make_person, make_region, make_team

Json = dict[str, Any]
SKIP = "试点团队已当面确认，先行发布"


@pytest.fixture
def operator(client: TestClient, resources: Resources) -> TestClient:
    """Operations of a company with one rep, so that the fallback reaches somebody."""
    log_in_as(client, resources, "operations")
    with resources.database.transaction(Origin(channel="test")) as session:
        region = make_region(session)
        team = make_team(session, region=region)
        manager = make_person(session, "manager", team=team)
        make_person(session, "rep", team=team, manager=manager)
    return client


def asked(response: Any, status: int = 200) -> Json:
    assert response.status_code == status, response.text
    body: Json = response.json()
    return body


def new_draft(client: TestClient, **wish: Any) -> Json:
    return asked(client.post("/api/playbook/drafts", json=wish), 201)


def changed(client: TestClient, draft: Json, *edits: Json, status: int = 200) -> Json:
    body = {"revision": draft["revision"], "edits": list(edits)}
    return asked(client.patch(f"/api/playbook/drafts/{draft['id']}", json=body), status)


def published(client: TestClient, draft: Json, *, replaces: int = 1, status: int = 200, **wish: Any) -> Json:
    body = {"revision": draft["revision"], "replaces": replaces, "skip_reason": SKIP, **wish}
    return asked(client.post(f"/api/playbook/drafts/{draft['id']}/publication", json=body), status)


def in_force(client: TestClient) -> Json:
    return asked(client.get("/api/playbook"))


def shorter(hours: int = 48) -> Json:
    return {"path": ["stages", "needs_diagnosis", "dwell_limit", "hours"], "value": hours}


def test_a_change_goes_from_draft_to_force_and_back(operator: TestClient) -> None:
    draft = changed(operator, new_draft(operator, note="缩短诊断时限"), shorter())
    assert in_force(operator)["version"] == 1
    told = asked(operator.get("/api/playbook/comparison", params={"new": draft["id"]}))
    assert [change["sentence"] for change in told["items"]] == ["阶段「需求诊断」的停留上限由 72 小时改为 48 小时"]
    second = published(operator, draft)
    assert (second["number"], second["status"], second["skip_reason"]) == (2, "published", SKIP)
    assert second["published_by_name"]
    limits = {stage["code"]: stage["dwell_limit_hours"] for stage in in_force(operator)["stages"]}
    assert limits["needs_diagnosis"] == 48
    third = asked(
        operator.post("/api/playbook/versions/1/restoration", json={"replaces": 2, "reason": "一线反映太紧"}), 201
    )
    assert (third["number"], third["skip_reason"], third["base_number"]) == (3, "一线反映太紧", 1)
    limits = {stage["code"]: stage["dwell_limit_hours"] for stage in in_force(operator)["stages"]}
    assert limits["needs_diagnosis"] == 72
    versions = asked(operator.get("/api/playbook/versions"))["items"]
    assert [(one["number"], one["status"]) for one in versions] == [
        (3, "published"),
        (2, "retired"),
        (1, "retired"),
    ]


def test_without_a_rehearsal_or_a_reason_nothing_is_published(operator: TestClient, resources: Resources) -> None:
    draft = changed(operator, new_draft(operator), shorter())
    refused = published(operator, draft, status=409, skip_reason=None)
    assert (refused["code"], refused["parameters"]["problem"]) == ("rehearsal_needed", "never")
    assert published(operator, draft, status=422, skip_reason="  ")["code"] == "skip_reason_missing"
    readiness = asked(operator.get(f"/api/playbook/drafts/{draft['id']}/readiness"))
    assert (readiness["is_ready"], readiness["is_skippable"]) == (False, True)
    rehearsal = asked(operator.post(f"/api/playbook/drafts/{draft['id']}/rehearsals", json={}), 202)
    running.run(resources, rehearsal["id"])
    assert published(operator, draft, status=409, skip_reason=None)["parameters"]["problem"] == "unseen"
    asked(operator.post(f"/api/rehearsals/{rehearsal['id']}/seen"))
    assert asked(operator.get(f"/api/playbook/drafts/{draft['id']}/readiness"))["is_ready"]
    draft = changed(operator, draft, shorter(36))
    assert published(operator, draft, status=409, skip_reason=None)["parameters"]["problem"] == "never"
    draft = changed(operator, draft, shorter(48))
    assert published(operator, draft, skip_reason=None)["skip_reason"] is None


def test_a_fallback_that_reaches_nobody_is_refused(operator: TestClient) -> None:
    draft = changed(operator, new_draft(operator), {"path": ["assignment", "fallback", "is_enabled"], "value": False})
    refused = published(operator, draft, status=409)
    assert (refused["code"], refused["parameters"]["problem"]) == ("fallback_unreachable", "disabled")
    draft = changed(
        operator,
        draft,
        {"path": ["assignment", "fallback", "is_enabled"], "value": True},
        {"path": ["assignment", "pools", "headquarters", "members", "roles"], "value": ["trainer"]},
    )
    assert published(operator, draft, status=409)["parameters"]["problem"] == "pool_empty"
    assert in_force(operator)["version"] == 1


def test_open_leads_of_removed_stages_need_a_place_and_are_moved(operator: TestClient, resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        owner = make_person(session, "director")
        lead = make_lead(session, owner, title="改版在途")
        lead.source, lead.owner_id = "exhibition", owner.id
        Gate(acting_as(session, owner)).advance(lead, "first_contact")
        parked = make_lead(session, owner, title="搁置在途")
        parked.source, parked.owner_id = "exhibition", owner.id
        Gate(acting_as(session, owner)).advance(parked, "first_contact")
        Gate(acting_as(session, owner)).park(parked, "project_delayed")
        ids = [lead.id, parked.id]
    draft = changed(operator, new_draft(operator), {"path": ["stages", "first_contact"], "operation": "remove"})
    refused = published(operator, draft, status=409)
    assert (refused["code"], refused["parameters"]["stages"]) == (
        "stage_map_needed",
        [{"stage": "first_contact", "leads": 2}],
    )
    assert "「首次触达」2 条" in refused["where"]
    address = f"/api/playbook/drafts/{draft['id']}/stage-map"
    for target, problem in (
        ({"first_contact": "nowhere"}, "target_unknown"),
        ({"needs_diagnosis": "proposal_quote"}, "still_there"),
        ({"first_contact": "gone", "gone": "first_contact"}, "cycle"),
    ):
        wrong = asked(operator.put(address, json={"revision": draft["revision"], "stage_map": target}), 422)
        assert (wrong["code"], wrong["parameters"]["problem"]) == ("stage_map_invalid", problem)
    lifted = {"revision": draft["revision"], "stage_map": {"first_contact": "signing_payment"}}
    draft = asked(operator.put(address, json=lifted))
    assert published(operator, draft, status=422)["parameters"]["problem"] == "lifts"
    mapped = {"revision": draft["revision"], "stage_map": {"first_contact": "needs_diagnosis"}}
    draft = asked(operator.put(address, json=mapped))
    preview = asked(operator.get(address))
    assert [(one["stage"], one["leads"], one["to_stage"]) for one in preview["stages"]] == [
        ("first_contact", 2, "needs_diagnosis")
    ]
    (shown, _) = preview["items"]
    assert {item["code"] for item in shown["missing"]} == {"pain_points", "decision_maker"}
    published(operator, draft)
    with resources.database.reading() as session:
        leads = {lead.id: (lead.stage, lead.outcome) for lead in session.query(Lead).filter(Lead.id.in_(ids))}
        assert leads == {ids[0]: ("needs_diagnosis", "open"), ids[1]: ("needs_diagnosis", "parked")}
        moves = session.query(StageMove).filter_by(kind="mapped").all()
        assert {(move.lead_id, move.from_stage, move.playbook_version) for move in moves} == {
            (lead_id, "first_contact", 2) for lead_id in ids
        }


def test_of_two_who_publish_one_wins_and_the_other_is_told(operator: TestClient) -> None:
    first, second = (changed(operator, new_draft(operator), shorter(hours)) for hours in (40, 50))
    published(operator, first)
    refused = published(operator, second, status=409)
    assert (refused["code"], refused["parameters"]["number"]) == ("published_meanwhile", 2)
    assert published(operator, second, replaces=2)["number"] == 3


def test_two_who_edit_one_draft_cannot_both_win(operator: TestClient) -> None:
    draft = new_draft(operator)
    changed(operator, draft, shorter(40))
    assert changed(operator, draft, shorter(50), status=409)["code"] == "draft_changed_meanwhile"


def test_a_change_that_breaks_the_playbook_is_refused_with_everything_that_is_wrong(operator: TestClient) -> None:
    draft = new_draft(operator)
    refused = changed(operator, draft, {"path": ["stages", "proposal_quote"], "operation": "remove"}, status=422)
    assert refused["code"] == "playbook_invalid"
    assert "health.reviews.low_closing.stage" in refused["where"]
    unknown = changed(operator, draft, {"path": ["stages", "nowhere", "name"], "value": 1}, status=422)
    assert (unknown["code"], unknown["where"]) == ("playbook_path_unknown", "stages.nowhere.name")


def test_the_document_goes_out_and_comes_back_as_it_was(operator: TestClient) -> None:
    answer = operator.get("/api/playbook/document")
    assert answer.headers["content-type"].startswith("application/yaml")
    text = answer.text
    assert next(iter(yaml.safe_load(text))) == "stages"
    draft = new_draft(operator)
    sent = operator.post(
        f"/api/playbook/drafts/{draft['id']}/document",
        files={"file": ("手册.yaml", text.replace(" hours: 72\n", " hours: 60\n").encode())},
        data={"revision": draft["revision"]},
    )
    told = asked(operator.get("/api/playbook/comparison", params={"new": asked(sent)["id"]}))
    assert [change["path"] for change in told["items"]] == ["stages.needs_diagnosis.dwell_limit.hours"]


def test_mistakes_of_a_document_are_named_by_line_in_the_readers_language(operator: TestClient) -> None:
    text = operator.get("/api/playbook/document").text
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if one.endswith(" hours: 72"))
    mistaken = text.replace(" hours: 72\n", " hours: soon\n").encode()
    checked = asked(operator.post("/api/playbook/check", files={"file": ("手册.yaml", mistaken)}))
    (problem,) = checked["problems"]
    assert (checked["is_sound"], problem["line"], problem["field"]) == (
        False,
        line,
        "stages.needs_diagnosis.dwell_limit.hours",
    )
    assert problem["what"] == "“soon”不是整数。"
    draft = new_draft(operator)
    refused = asked(
        operator.post(
            f"/api/playbook/drafts/{draft['id']}/document",
            files={"file": ("手册.yaml", mistaken)},
            data={"revision": draft["revision"]},
            headers={"Accept-Language": "en"},
        ),
        422,
    )
    assert f"手册.yaml:{line}" in refused["where"]
    assert "not a whole number" in refused["where"]


def test_every_template_becomes_a_draft(operator: TestClient) -> None:
    items = asked(operator.get("/api/playbook/templates"))["items"]
    assert len(items) >= 6
    for template in items:
        draft = new_draft(operator, template=template["code"])
        shown = asked(operator.get(f"/api/playbook/versions/{draft['id']}"))
        assert [stage["name"]["zh"] for stage in shown["content"]["stages"]] == template["stages"]
    assert operator.post("/api/playbook/drafts", json={"template": "nothing"}).status_code == 404


def test_drafts_are_discarded_and_only_drafts_change(operator: TestClient) -> None:
    draft = new_draft(operator)
    gone = operator.delete(f"/api/playbook/drafts/{draft['id']}", params={"revision": draft["revision"]})
    assert gone.status_code == 204
    assert changed(operator, draft, shorter(), status=409)["code"] == "playbook_not_a_draft"
    assert [one["number"] for one in asked(operator.get("/api/playbook/versions"))["items"]] == [1]


def test_only_those_with_the_rights_see_and_publish_drafts(client: TestClient, resources: Resources) -> None:
    log_in_as(client, resources, "manager")
    assert client.post("/api/playbook/drafts", json={}).status_code == 403
    for path in ("versions", "document", "comparison?new=00000000-0000-0000-0000-000000000000"):
        assert client.get(f"/api/playbook/{path}").status_code == 403
    log_in_as(client, resources, "operations")
    draft = new_draft(client)
    log_in_as(client, resources, "director", team="另一队")
    assert published(client, draft, status=403)["code"] == "right_missing"


def test_publishing_makes_nobody_an_administrator(operator: TestClient) -> None:
    rights = [*in_force_rights(operator), "users.manage"]
    draft = changed(operator, new_draft(operator), {"path": ["rights", "operations"], "value": rights})
    readiness = asked(operator.get(f"/api/playbook/drafts/{draft['id']}/readiness"))
    assert "right_missing" in {obstacle["code"] for obstacle in readiness["obstacles"]}
    assert published(operator, draft, status=403)["parameters"] == {"right": "users.manage"}
    assert in_force(operator)["version"] == 1


def test_no_figure_is_beyond_counting(operator: TestClient) -> None:
    draft = new_draft(operator)
    for place, value in (
        (["health", "assignment", "waiting_hours"], 1e300),
        (["health", "assignment", "window_hours"], 10**13),
        (["rehearsal", "most_load_growth_share"], "inf"),
        (["cases", "verified_for_days"], 10**9),
    ):
        refusal = changed(operator, draft, {"path": place, "value": value}, status=422)
        assert [problem["field"] for problem in refusal["parameters"]["problems"]] == [".".join(place)]


def in_force_rights(client: TestClient) -> list[str]:
    rights: list[str] = asked(client.get("/api/me"))["rights"]
    return rights


def test_no_lead_is_left_in_a_stage_that_goes_while_it_comes_in(operator: TestClient, resources: Resources) -> None:
    draft = changed(operator, new_draft(operator), {"path": ["stages", "lead_assignment"], "operation": "remove"})
    wish = {"revision": draft["revision"], "stage_map": {"lead_assignment": "first_contact"}}
    draft = asked(operator.put(f"/api/playbook/drafts/{draft['id']}/stage-map", json=wish))
    with ThreadPoolExecutor(1) as pool:
        with resources.database.transaction(Origin(channel="test")) as session:
            lead_id = make_lead(session, make_person(session, "rep", team=make_team(session))).id
            publication = pool.submit(published, operator, draft)
            with pytest.raises(TimeoutError):
                publication.result(timeout=1)
        assert publication.result(timeout=30)["number"] == 2
    with resources.database.reading() as session:
        assert session.get_one(Lead, lead_id).stage == "first_contact"
