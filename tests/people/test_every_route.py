"""Rules that hold for every route there is: a log-in is wanted, and a token reaches no further than its scopes."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.authentication import scope_needed
from tests.factories.people import make_person, use_api_token

#: what must answer before anybody is logged in
_OPEN = {
    "/health",
    "/ready",
    "/metrics",
    "/api/login",
    "/api/logout",
    "/api/oidc/start",
    "/api/oidc/callback",
}
_NOBODYS_ID = "00000000-0000-7000-8000-000000000000"


def operations(client: TestClient) -> Iterator[tuple[str, str]]:
    """Method and path of every operation behind the log-in, with ids that belong to nothing."""
    for path, by_method in client.get("/api/openapi.json").json()["paths"].items():
        parts = [_NOBODYS_ID if part.startswith("{") else part for part in path.split("/")]
        if path not in _OPEN:
            yield from ((method.upper(), "/".join(parts)) for method in by_method)


def test_every_route_wants_a_login(client: TestClient) -> None:
    answers = {one: client.request(*one) for one in operations(client)}
    assert len(answers) > 40
    open_ones = [one for one, answer in answers.items() if answer.status_code != 401]
    assert open_ones == []
    assert {answer.json()["code"] for answer in answers.values()} == {"not_logged_in"}


@pytest.mark.parametrize("scope", ["read", "write", "import", "admin"])
def test_a_token_reaches_what_its_scope_covers_on_every_route(
    client: TestClient, resources: Resources, scope: str
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_person(session, "admin")
    use_api_token(client, resources, person, scope)
    for method, path in operations(client):
        answer = client.request(method, path, json={} if method != "GET" else None)
        is_refused = answer.status_code == 403 and answer.json()["code"] == "token_scope_missing"
        assert is_refused == (scope_needed(method, path) != scope), (method, path, answer.text)
