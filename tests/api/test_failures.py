"""What the interface answers when something is wrong with the request, the file, the database or the disk."""

import errno
import os
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from crm_core.customers.acting import Acting
from crm_core.foundation.resources import Resources
from tests.factories.people import log_in_as


@pytest.fixture
def unraised(resources: Resources) -> Iterator[TestClient]:
    """A client that sees a 500 as a user would."""
    with TestClient(create_app(resources), raise_server_exceptions=False) as client:
        yield client


def test_a_body_over_the_limit_is_refused_by_its_announced_length(client: TestClient) -> None:
    answer = client.post("/api/login", content=b"", headers={"content-length": str(2 << 30)})
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


def test_a_body_that_hides_its_length_is_refused_while_it_arrives(resources: Resources) -> None:
    megabyte, sent = b"x" * (1 << 20), 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 2048:
            sent += 1
            yield megabyte

    small = resources.settings.model_copy(update={"upload_limit_megabytes": 1})
    limited = Resources(small, resources.database, resources.files)
    with TestClient(create_app(limited)) as client:
        answer = client.post("/api/login", content=endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


def test_a_malformed_request_names_its_fields(client: TestClient) -> None:
    answer = client.post("/api/login", json={"login_name": "zhang"})
    assert answer.status_code == 422
    assert answer.json()["parameters"]["fields"] == [{"field": "password", "problem": "missing"}]


def test_an_address_that_is_not_there_answers_in_the_readers_language(client: TestClient) -> None:
    assert client.get("/api/nothing", headers={"accept-language": "en"}).json()["what"].startswith("There is nothing")
    assert client.get("/api/nothing", headers={"accept-language": "zh-CN"}).json()["what"] == "没有这个地址。"


def test_a_connection_cut_in_mid_request_keeps_nothing_and_the_next_request_works(
    client: TestClient, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in_as(client, resources, "rep")
    from api.routes import customers

    real = customers.create_customer

    def cut(*given: object, **named: object) -> object:
        made = real(*given, **named)  # type: ignore[arg-type]
        acting = given[0]
        session = acting.session  # type: ignore[attr-defined]
        session.flush()
        with resources.database.engine.connect() as other:
            own = session.scalar(text("SELECT pg_backend_pid()"))
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        return made

    with monkeypatch.context() as patched:
        patched.setattr(customers, "create_customer", cut)
        answer = client.post("/api/customers", json={"name": "断线测试有限公司"})
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unreachable")
    found = client.get("/api/customers", params={"search": "断线测试"}).json()
    assert found["total"] == 0
    assert client.post("/api/customers", json={"name": "断线测试有限公司"}).status_code == 201


def test_a_full_disk_is_said_and_leaves_nothing(
    client: TestClient, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in_as(client, resources, "rep")
    customer = client.post("/api/customers", json={"name": "磁盘测试有限公司"}).json()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        answer = client.post(
            f"/api/customers/{customer['id']}/documents",
            data={"kind": "other"},
            files={"file": ("说明.txt", "内容".encode())},
        )
    assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")
    assert list(resources.files.hashes()) == []


def test_what_nobody_foresaw_is_a_plain_answer_with_a_request_id(
    unraised: TestClient, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in_as(unraised, resources, "rep")
    from api.routes import customers

    def broken(*_given: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(customers, "search_customers", broken)
    answer = unraised.get("/api/customers", headers={"x-request-id": "r-42"})
    assert (answer.status_code, answer.json()["code"], answer.json()["request_id"]) == (500, "internal", "r-42")
    assert "secret detail" not in answer.text


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (
            "INSERT INTO regions (id, created_at, code, name) VALUES (uuidv7(), now(), 'twice', '两次')",
            (409, "already_there"),
        ),
        (
            "INSERT INTO teams (id, created_at, name, region_id) VALUES (uuidv7(), now(), '无', uuidv7())",
            (422, "refers_to_nothing"),
        ),
    ],
)
def test_what_a_check_has_let_through_the_database_refuses(
    client: TestClient, resources: Resources, monkeypatch: pytest.MonkeyPatch, statement: str, refusal: tuple[int, str]
) -> None:
    log_in_as(client, resources, "rep")
    from api.routes import customers

    def twice(acting: Acting, *_given: object) -> None:
        acting.session.execute(text(statement))
        acting.session.execute(text(statement))

    monkeypatch.setattr(customers, "search_customers", twice)
    answer = client.get("/api/customers")
    assert (answer.status_code, answer.json()["code"]) == refusal


def test_a_refusal_on_the_way_back_from_single_sign_on_is_told_on_the_log_in_page(client: TestClient) -> None:
    sent = client.get("/api/oidc/start", headers={"accept": "text/html"}, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?problem=oidc_not_configured")
    page = client.get(sent.headers["location"], headers={"accept-language": "zh"})
    assert "单点登录尚未配置" in page.text
    assert client.get("/api/oidc/start").json()["code"] == "oidc_not_configured"
