"""Logging in by password: right, wrong, locked, expired, ended."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import perf_counter

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.history import HistoryEntry
from crm_core.foundation.resources import Resources
from crm_core.people.passwords import check_password
from crm_core.people.roster import leave
from crm_core.people.tables import Credential, LoginSession, Person
from tests.factories.people import PASSWORD, allow_password, log_in, log_in_as, make_person, make_region

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def zhang(resources: Resources) -> Person:
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_person(session, "rep", name="张伟", region=make_region(session))
        allow_password(session, resources, person, "zhang.wei")
    return person


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def post_login(client: TestClient, password: str = PASSWORD, login_name: str = "zhang.wei") -> tuple[int, dict]:
    response = client.post("/api/login", json={"login_name": login_name, "password": password})
    return response.status_code, response.json()


def test_the_cookie_of_a_login_opens_what_follows(client: TestClient, zhang: Person) -> None:
    response = client.post("/api/login", json={"login_name": "Zhang.Wei ", "password": PASSWORD})
    assert response.json()["person"]["name"] == "张伟"
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    me = client.get("/api/me").json()
    assert me["person"]["id"] == str(zhang.id)
    assert me["roles"] == ["rep"]
    assert me["has_password"] is True


def test_the_token_of_a_login_works_as_bearer(client: TestClient, zhang: Person) -> None:
    _, answer = post_login(client)
    client.cookies.clear()
    assert client.get("/api/me").status_code == 401
    assert client.get("/api/me", headers={"authorization": f"Bearer {answer['token']}"}).status_code == 200


def test_the_database_holds_neither_password_nor_token(client: TestClient, resources: Resources, zhang: Person) -> None:
    _, answer = post_login(client)
    with resources.database.reading() as session:
        kept = " ".join(
            str(row)
            for table in ("credentials", "login_sessions", "history")
            for row in session.execute(text(f"SELECT to_jsonb(t) FROM {table} t")).scalars()
        )
        hashed = session.scalar(select(Credential.password_hash))
        fingerprint = session.scalar(select(LoginSession.token_sha256))
        history = " ".join(str(row) for row in session.execute(text("SELECT to_jsonb(t) FROM history t")).scalars())
    assert PASSWORD not in kept
    assert answer["token"] not in kept
    assert hashed.startswith("$argon2id$")
    assert hashed not in history
    assert fingerprint not in history


def test_wrong_password_and_unknown_name_answer_alike(client: TestClient, zhang: Person) -> None:
    wrong = post_login(client, "wrong-wrong")
    unknown = post_login(client, "wrong-wrong", "nobody")
    assert wrong[0] == unknown[0] == 401
    assert wrong[1]["code"] == unknown[1]["code"] == "wrong_credentials"
    assert wrong[1]["what"] == unknown[1]["what"]


def test_an_unknown_name_takes_as_long_as_a_known_one(resources: Resources) -> None:
    """Measured at the cost of real hashes, which dominates the answer."""
    real = replace(resources, settings=resources.settings.model_copy(update={"environment": "development"}))
    with resources.database.transaction(Origin(channel="test")) as session:
        allow_password(session, real, make_person(session), "zhang.wei")

        def seconds(login_name: str) -> float:
            started = perf_counter()
            check_password(session, real.settings, login_name, "wrong-wrong")
            return perf_counter() - started

        seconds("nobody")
        unknown, known = (median(seconds(name) for _ in range(3)) for name in ("nobody", "zhang.wei"))
    assert 0.4 < unknown / known < 2.5


def test_five_wrong_tries_lock_and_the_lock_ends(
    client: TestClient, resources: Resources, zhang: Person, at_noon: None
) -> None:
    answers = [post_login(client, "wrong-wrong") for _ in range(5)]
    assert [status for status, _ in answers] == [401, 401, 401, 401, 429]
    locked = post_login(client)
    assert locked[0] == 429
    assert locked[1]["code"] == "account_locked"
    assert locked[1]["parameters"]["minutes"] == 15
    with clock.frozen(NOON + timedelta(minutes=14, seconds=59)):
        assert post_login(client)[0] == 429
    with clock.frozen(NOON + timedelta(minutes=15)):
        assert post_login(client)[0] == 200
    with resources.database.reading() as session:
        assert session.scalar(select(Credential.failed_attempts)) == 0


def test_success_forgets_earlier_wrong_tries(client: TestClient, zhang: Person) -> None:
    for _ in range(2):
        assert [post_login(client, "wrong-wrong")[0] for _ in range(4)] == [401] * 4
        assert post_login(client)[0] == 200


def test_each_wrong_try_is_kept_in_history(client: TestClient, resources: Resources, zhang: Person) -> None:
    for _ in range(3):
        post_login(client, "wrong-wrong")
    with resources.database.reading() as session:
        tries = session.scalar(
            select(func.count()).where(HistoryEntry.table_name == "credentials", HistoryEntry.operation == "update")
        )
    assert tries == 3


def test_a_session_expires(client: TestClient, zhang: Person, at_noon: None) -> None:
    _, answer = post_login(client)
    bearer = {"authorization": f"Bearer {answer['token']}"}
    with clock.frozen(NOON + timedelta(hours=11, minutes=59)):
        assert client.get("/api/me", headers=bearer).status_code == 200
    with clock.frozen(NOON + timedelta(hours=12)):
        refused = client.get("/api/me", headers=bearer)
    assert refused.status_code == 401
    assert refused.json()["code"] == "session_expired"
    assert refused.headers["www-authenticate"] == "Bearer"


def test_logging_out_ends_the_session_on_the_server(client: TestClient, zhang: Person) -> None:
    _, answer = post_login(client)
    assert client.post("/api/logout").status_code == 204
    assert client.get("/api/me").json()["code"] == "not_logged_in"
    refused = client.get("/api/me", headers={"authorization": f"Bearer {answer['token']}"})
    assert refused.json()["code"] == "session_revoked"
    assert client.post("/api/logout").status_code == 204


def test_an_unknown_token_is_told_from_none(client: TestClient) -> None:
    assert client.get("/api/me").json()["code"] == "not_logged_in"
    refused = client.get("/api/me", headers={"authorization": "Bearer dojo_session_invented"})
    assert (refused.status_code, refused.json()["code"]) == (401, "token_unknown")


def test_changing_the_password_ends_the_other_sessions(client: TestClient, zhang: Person) -> None:
    _, elsewhere = post_login(client)
    _, here = post_login(client)
    client.cookies.clear()
    client.headers["authorization"] = f"Bearer {here['token']}"
    changed = client.put("/api/me/password", json={"current": PASSWORD, "new": "山高水长-2027-Autumn"})
    assert changed.status_code == 204
    assert client.get("/api/me").status_code == 200
    refused = client.get("/api/me", headers={"authorization": f"Bearer {elsewhere['token']}"})
    assert refused.json()["code"] == "session_revoked"
    assert post_login(client)[0] == 401
    assert post_login(client, "山高水长-2027-Autumn")[0] == 200


def test_wrong_tries_at_changing_the_password_lock_as_well(client: TestClient, zhang: Person) -> None:
    post_login(client)
    wanted = {"current": "wrong-wrong", "new": "山高水长-2027-Autumn"}
    assert [client.put("/api/me/password", json=wanted).status_code for _ in range(5)] == [401] * 4 + [429]
    assert post_login(client)[0] == 429


def test_a_weak_new_password_is_refused(client: TestClient, zhang: Person) -> None:
    post_login(client)
    refused = client.put("/api/me/password", json={"current": PASSWORD, "new": "password12"})
    assert (refused.status_code, refused.json()["code"]) == (422, "weak_password")
    assert post_login(client)[0] == 200


def test_somebody_without_a_password_is_told_so(client: TestClient, resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_person(session, "trainer")
    log_in(client, resources, person)
    refused = client.put("/api/me/password", json={"current": "x", "new": "山高水长-2027-Autumn"})
    assert refused.json()["code"] == "no_password"


def test_who_has_left_is_out_at_once(client: TestClient, resources: Resources, zhang: Person, at_noon: None) -> None:
    _, answer = post_login(client)
    with resources.database.transaction(Origin(channel="test")) as session:
        leave(session, session.get_one(Person, zhang.id), on=date(2026, 11, 23))
    refused = client.get("/api/me", headers={"authorization": f"Bearer {answer['token']}"})
    assert refused.json()["code"] == "session_revoked"
    status, body = post_login(client)
    assert (status, body["code"]) == (401, "account_closed")


def test_who_leaves_next_week_works_until_then(
    client: TestClient, resources: Resources, zhang: Person, at_noon: None
) -> None:
    _, answer = post_login(client)
    with resources.database.transaction(Origin(channel="test")) as session:
        leave(session, session.get_one(Person, zhang.id), on=date(2026, 11, 24))
    bearer = {"authorization": f"Bearer {answer['token']}"}
    assert client.get("/api/me", headers=bearer).json()["roles"] == ["rep"]
    # midnight in China
    with clock.frozen(datetime(2026, 11, 23, 16, tzinfo=UTC)):
        refused = client.get("/api/me", headers=bearer)
    assert refused.json()["code"] == "account_closed"


def test_history_names_who_changed_something(client: TestClient, resources: Resources, zhang: Person) -> None:
    post_login(client)
    assert client.put("/api/me/locale", json={"locale": "en"}).status_code == 204
    with resources.database.reading() as session:
        entry = session.scalars(
            select(HistoryEntry).where(HistoryEntry.table_name == "people", HistoryEntry.operation == "update")
        ).one()
    assert entry.actor_id == zhang.id
    assert entry.new_values == {"locale": "en"}


def test_sessions_are_listed_and_ended_one_by_one(client: TestClient, zhang: Person) -> None:
    _, phone = post_login(client)
    post_login(client)
    listed = client.get("/api/me/sessions").json()
    assert listed["total"] == 2
    assert [one["is_current"] for one in listed["items"]] == [True, False]
    assert client.delete(f"/api/me/sessions/{listed['items'][1]['id']}").status_code == 204
    refused = client.get("/api/me", headers={"authorization": f"Bearer {phone['token']}"})
    assert refused.json()["code"] == "session_revoked"
    assert client.get("/api/me/sessions").json()["total"] == 1


def test_nobody_ends_anothers_session(client: TestClient, resources: Resources, zhang: Person) -> None:
    post_login(client)
    session_id = client.get("/api/me/sessions").json()["items"][0]["id"]
    with resources.database.transaction(Origin(channel="test")) as session:
        other = make_person(session, "admin")
    log_in(client, resources, other)
    refused = client.delete(f"/api/me/sessions/{session_id}")
    assert (refused.status_code, refused.json()["code"]) == (404, "session_not_found")


def test_text_that_no_database_keeps_is_refused_as_malformed(client: TestClient, resources: Resources) -> None:
    assert post_login(client, login_name="zhang\x00wei")[1]["code"] == "malformed_request"
    log_in_as(client, resources, "operations")
    refused = client.post("/api/people", json={"name": "张\x00伟", "position": {"role": "trainer"}})
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed_request")
    assert client.get("/api/people", params={"search": "\x00"}).json()["code"] == "malformed_request"
