"""Tokens for programs: shown once, limited by scope, time and revocation."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.authentication import TokenScopeMissing, require_scope, scope_needed
from crm_core.people.memberships import viewer_of
from tests.factories.people import log_in, log_in_as, make_person, use_api_token

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def issue(client: TestClient, **wanted: object) -> dict:
    response = client.post("/api/me/tokens", json={"label": "BI 报表", "scopes": ["read"], **wanted})
    assert response.status_code == 201, response.text
    return response.json()


def test_a_token_is_shown_once_and_acts_for_its_owner(client: TestClient, resources: Resources) -> None:
    person = log_in_as(client, resources, "manager")
    issued = issue(client)
    listed = client.get("/api/me/tokens")
    assert listed.json()["items"][0]["label"] == "BI 报表"
    assert issued["token"] not in listed.text
    client.headers["authorization"] = f"Bearer {issued['token']}"
    me = client.get("/api/me").json()
    assert me["person"]["id"] == str(person.id)
    assert me["token_scopes"] == ["read"]


def test_a_token_expires(client: TestClient, resources: Resources) -> None:
    with clock.frozen(NOON):
        log_in_as(client, resources, "rep")
        issued = issue(client, expires_at=(NOON + timedelta(days=1)).isoformat())
        client.headers["authorization"] = f"Bearer {issued['token']}"
        assert client.get("/api/me").status_code == 200
    with clock.frozen(NOON + timedelta(days=1)):
        refused = client.get("/api/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "token_expired")
    assert "BI 报表" in refused.json()["what"]


def test_a_token_is_revoked_by_its_owner_alone(client: TestClient, resources: Resources) -> None:
    owner = log_in_as(client, resources, "rep")
    issued = issue(client)
    log_in_as(client, resources, "admin")
    assert client.delete(f"/api/me/tokens/{issued['id']}").json()["code"] == "api_token_not_found"
    log_in(client, resources, owner)
    assert client.delete(f"/api/me/tokens/{issued['id']}").status_code == 204
    assert client.get("/api/me/tokens").json() == {"items": [], "total": 0}
    client.headers["authorization"] = f"Bearer {issued['token']}"
    assert client.get("/api/me").json()["code"] == "token_revoked"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"scopes": ["read", "everything"]}, "token_scope_unknown"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "token_already_expired"),
        ({"scopes": []}, "malformed_request"),
        ({"surplus": 1}, "malformed_request"),
    ],
)
def test_a_wrong_wish_is_refused(client: TestClient, resources: Resources, wanted: dict, code: str) -> None:
    log_in_as(client, resources, "rep")
    refused = client.post("/api/me/tokens", json={"label": "x", "scopes": ["read"], **wanted})
    assert (refused.status_code, refused.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/customers", "read"),
        ("HEAD", "/api/people", "read"),
        ("POST", "/api/customers", "write"),
        ("DELETE", "/api/documents/1", "write"),
        ("POST", "/api/imports", "import"),
        ("POST", "/api/imports/1/run", "import"),
        ("POST", "/api/importsomething", "write"),
        ("PUT", "/api/people/1", "admin"),
        ("POST", "/api/me/tokens", "admin"),
        ("PUT", "/api/playbook", "admin"),
    ],
)
def test_which_scope_a_request_needs(method: str, path: str, scope: str) -> None:
    assert scope_needed(method, path) == scope


def test_a_token_reaches_no_further_than_its_scopes(resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_person(session, "admin")
        program = viewer_of(session, person.id, token_scopes=frozenset({"read", "import"}))
        at_screen = viewer_of(session, person.id)
    require_scope(program, "GET", "/api/people")
    require_scope(program, "POST", "/api/imports")
    with pytest.raises(TokenScopeMissing) as refused:
        require_scope(program, "POST", "/api/customers")
    assert refused.value.parameters == {"scope": "write", "scopes": "import, read"}
    require_scope(at_screen, "POST", "/api/customers")


def test_a_token_never_does_more_than_its_owner(client: TestClient, resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_person(session, "rep")
    use_api_token(client, resources, person, "read", "write", "import", "admin")
    refused = client.post("/api/regions", json={"code": "north", "name": "华北大区"})
    assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")
