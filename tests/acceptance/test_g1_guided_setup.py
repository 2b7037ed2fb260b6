"""G1: from nothing to one's own first version, each step remembered and read from what is there."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from tests.factories.leads import make_lead
from tests.factories.people import log_in_as, make_person, make_team
from tests.support.jobs import run_jobs

TEMPLATES = {
    "cross_department_board",
    "lead_assignment_engine",
    "medical_device_agent",
    "saas",
    "sales_management",
    "store_sales",
}


@pytest.fixture
def operator(client: TestClient, resources: Resources) -> TestClient:
    log_in_as(client, resources, "operations")
    return client


def asked(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def progress(client: TestClient) -> dict[str, Any]:
    return asked(client.get("/api/setup"))


def done(client: TestClient) -> set[str]:
    return {step["code"] for step in progress(client)["steps"] if step["is_done"]}


def test_an_empty_company_begins_with_a_template(operator: TestClient) -> None:
    start = progress(operator)
    assert (start["next_step"], start["draft_id"], start["published_number"]) == ("template", None, 1)
    assert [step["code"] for step in start["steps"] if step["is_optional"]] == ["history"]
    assert {template["code"] for template in asked(operator.get("/api/playbook/templates"))["items"]} == TEMPLATES


def test_a_rep_who_lacks_what_onboarding_asks_for_does_not_finish_the_step(
    operator: TestClient, resources: Resources
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        make_person(session, "rep", team=make_team(session))
    people = next(step for step in progress(operator)["steps"] if step["code"] == "people")
    assert (people["is_done"], people["figures"]) == (False, {"people": 2, "reps": 1, "reps_ready": 0})


def test_every_step_is_done_once_its_data_is_there(operator: TestClient, resources: Resources) -> None:
    draft = asked(operator.post("/api/playbook/drafts", json={"template": "sales_management"}), 201)
    assert done(operator) == {"template"}
    with resources.database.transaction(Origin(channel="test")) as session:
        team = make_team(session)
        owner = make_person(session, "rep", team=team, manager=make_person(session, "manager", team=team))
        make_lead(session, owner)
    assert done(operator) == {"template", "people", "customers", "leads"}
    assert (progress(operator)["next_step"], progress(operator)["trial_problem"]) == ("trial", "never")
    rehearsal = asked(operator.post(f"/api/playbook/drafts/{draft['id']}/rehearsals", json={"days": 30}), 202)
    run_jobs(resources)
    assert progress(operator)["trial_problem"] == "unseen"
    asked(operator.post(f"/api/rehearsals/{rehearsal['id']}/seen"))
    assert (progress(operator)["next_step"], progress(operator)["draft_id"]) == ("publish", draft["id"])
    facts = asked(operator.get(f"/api/playbook/versions/{draft['id']}"))["facts"]
    order = {"revision": facts["revision"], "replaces": 1}
    asked(operator.post(f"/api/playbook/drafts/{draft['id']}/publication", json=order))
    end = progress(operator)
    assert (end["next_step"], end["draft_id"], end["published_number"]) == (None, None, 2)


def test_a_rep_has_no_business_there(client: TestClient, resources: Resources) -> None:
    log_in_as(client, resources, "rep")
    assert client.get("/api/setup").status_code == 403
