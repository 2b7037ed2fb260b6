"""Text that no database takes, and numbers beyond every row, are the sender's mistake and never a failure of ours."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from tests.factories.leads import make_customer, make_lead
from tests.factories.people import log_in_as


@pytest.fixture
def ids(client: TestClient, resources: Resources) -> dict[str, str]:
    rep = log_in_as(client, resources, "rep")
    with resources.database.transaction(Origin(channel="test")) as session:
        customer = make_customer(session, rep)
        return {"customer": str(customer.id), "lead": str(make_lead(session, rep, customer=customer).id)}


def test_characters_that_no_text_has_are_refused(client: TestClient, ids: dict[str, str]) -> None:
    bad = "坏\x00字"
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/customers", {"name": bad}),
        ("PATCH", f"/api/customers/{ids['customer']}", {"changes": {"situation": bad}}),
        ("POST", f"/api/customers/{ids['customer']}/contacts", {"name": bad}),
        ("POST", f"/api/customers/{ids['customer']}/timeline", {"kind": "note", "channel": "api", "summary": bad}),
        ("PATCH", f"/api/leads/{ids['lead']}", {"changes": {"contact_result": bad}}),
        ("POST", f"/api/leads/{ids['lead']}/moves", {"move": {"kind": "lost", "reason": "price", "note": bad}}),
        ("POST", "/api/tasks", {"title": bad}),
        ("GET", f"/api/customers?search={bad}", {}),
        ("GET", f"/api/leads?search={bad}", {}),
    ]
    for method, path, body in requests:
        answer = client.request(method, path.replace("\x00", "%00"), json=body if method != "GET" else None)
        assert 400 <= answer.status_code < 500, (method, path, answer.status_code, answer.text)


def test_pages_beyond_every_row_are_refused(client: TestClient, ids: dict[str, str]) -> None:
    for query in ("offset=99999999999999999999", "limit=0", "limit=100000", "offset=-1", "sort=name_pinyin"):
        assert client.get(f"/api/customers?{query}").status_code == 422, query


def test_what_no_database_keeps_is_refused_wherever_text_and_numbers_come_in(
    client: TestClient, ids: dict[str, str]
) -> None:
    lead = f"/api/leads/{ids['lead']}"
    diagnosis = (
        '{"voice_summary": "贵", "pain_points": [], "parameters": [{"name": "x", "op": "=", "value": %s, "unit": ""}]}'
    )
    requests = [
        ("PATCH", lead, r'{"changes": {"contact_result": "\ud800"}}'),
        ("PATCH", lead, '{"changes": {"amount": Infinity}}'),
        ("PATCH", lead, '{"changes": {"margin": NaN}}'),
        ("POST", f"{lead}/typed-summaries", r'{"text": "坏\u0000字"}'),
        ("PUT", f"{lead}/diagnosis", diagnosis % "Infinity"),
        ("PUT", f"{lead}/diagnosis", diagnosis % r'"\u0000"'),
        ("PATCH", lead, '{"changes": {"contact_result": ' + "[" * 700 + "]" * 700 + "}}"),
    ]
    for method, path, body in requests:
        answer = client.request(method, path, content=body.encode(), headers={"content-type": "application/json"})
        assert answer.status_code == 422, (method, path, body[:60], answer.status_code, answer.text)
    assert client.get("/api/certification?method_code=a%00").status_code == 422


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("source", ["exhibition"]),
        ("source", {"code": "exhibition"}),
        ("contact_channel", ["phone"]),
        ("pain_points", [["energy_cost"]]),
        ("amount", "1e999999999"),
        ("amount", "999999999999.999"),
        ("contact_result", "\u200b\u200b"),
    ],
)
def test_a_lead_field_of_the_wrong_shape_is_refused(
    client: TestClient, ids: dict[str, str], code: str, value: Any
) -> None:
    answer = client.patch(f"/api/leads/{ids['lead']}", json={"changes": {code: value}})
    assert answer.json()["code"] == "field_value_invalid", answer.text


@pytest.mark.parametrize("path", ["/api/leads/{lead}/transcripts", "/api/leads/{lead}/document-checks", "/api/people"])
def test_an_offset_that_no_database_counts_to_is_refused(client: TestClient, ids: dict[str, str], path: str) -> None:
    assert client.get(path.format(**ids) + "?offset=99999999999999999999").status_code == 422
