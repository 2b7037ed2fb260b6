"""Single sign-on against a real OpenID Connect provider that runs beside the test."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select

from api.app import create_app
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.roster import leave
from crm_core.people.tables import ExternalIdentity, Person
from tests.factories.people import make_person
from tests.people.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, running_provider


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def browser(resources: Resources, provider: IdentityProvider) -> Iterator[TestClient]:
    """A browser before the product, which is set up for the provider."""
    settings = resources.settings.model_copy(
        update={
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": SecretStr(CLIENT_SECRET),
            "public_url": "http://testserver",
        }
    )
    with TestClient(create_app(replace(resources, settings=settings)), follow_redirects=False) as browser:
        yield browser


@pytest.fixture
def zhang(resources: Resources) -> Person:
    return employ(resources, "Zhang.Wei@example.com")


def employ(resources: Resources, email: str) -> Person:
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_person(session, "trainer")
        person.email = email
    return person


def return_address(browser: TestClient) -> str:
    """Go to the provider and let it log in; the path that it sends the browser back to."""
    departure = browser.get("/api/oidc/start")
    assert departure.status_code == 302, departure.text
    back = httpx.get(departure.headers["location"]).headers["location"]
    return back.removeprefix("http://testserver")


def sign_on(browser: TestClient) -> httpx.Response:
    return browser.get(return_address(browser))


def test_the_first_sign_on_links_by_verified_address(
    browser: TestClient, provider: IdentityProvider, resources: Resources, zhang: Person
) -> None:
    arrival = sign_on(browser)
    assert (arrival.status_code, arrival.headers["location"]) == (302, "/")
    assert browser.get("/api/me").json()["person"]["id"] == str(zhang.id)
    with resources.database.reading() as session:
        link = session.scalars(select(ExternalIdentity)).one()
    assert (link.person_id, link.issuer, link.subject) == (zhang.id, provider.issuer, "idp|42")


def test_later_the_subject_counts_and_not_the_address(
    browser: TestClient, provider: IdentityProvider, zhang: Person
) -> None:
    sign_on(browser)
    browser.cookies.clear()
    provider.account.email = "new.name@example.com"
    assert sign_on(browser).status_code == 302
    assert browser.get("/api/me").json()["person"]["id"] == str(zhang.id)


def test_the_address_may_come_from_user_info(browser: TestClient, provider: IdentityProvider, zhang: Person) -> None:
    provider.faults.add("email_in_user_info")
    sign_on(browser)
    assert browser.get("/api/me").json()["person"]["id"] == str(zhang.id)


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_links_nobody(
    browser: TestClient, provider: IdentityProvider, resources: Resources, zhang: Person, verified: object
) -> None:
    provider.account.email_verified = verified
    refused = sign_on(browser)
    assert (refused.status_code, refused.json()["code"]) == (401, "oidc_identity_unknown")
    with resources.database.reading() as session:
        assert session.scalars(select(ExternalIdentity)).all() == []


def test_a_stranger_is_refused(browser: TestClient, provider: IdentityProvider, zhang: Person) -> None:
    provider.account.email = "stranger@example.com"
    assert sign_on(browser).json()["code"] == "oidc_identity_unknown"
    assert browser.get("/api/me").status_code == 401


def test_a_recycled_address_does_not_inherit_an_account(
    browser: TestClient, provider: IdentityProvider, zhang: Person
) -> None:
    sign_on(browser)
    browser.cookies.clear()
    provider.account.subject = "idp|43"
    assert sign_on(browser).json()["code"] == "oidc_identity_unknown"


def test_who_has_left_is_refused(browser: TestClient, resources: Resources, zhang: Person) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        leave(session, session.get_one(Person, zhang.id), on=clock.today())
    assert sign_on(browser).json()["code"] == "account_closed"


@pytest.mark.parametrize("fault", ["wrong_key", "no_signature", "shared_secret"])
def test_a_forged_id_token_is_refused(
    browser: TestClient, provider: IdentityProvider, zhang: Person, fault: str
) -> None:
    provider.faults.add(fault)
    refused = sign_on(browser)
    assert (refused.status_code, refused.json()["code"]) == (401, "oidc_token_invalid")
    assert browser.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"aud": ["salesdojo", "another-client"]},
        {"nonce": "from another log-in"},
        {"exp": int(time.time()) - 120},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
    ],
    ids=lambda claims: next(iter(claims)),
)
def test_an_id_token_for_somebody_or_something_else_is_refused(
    browser: TestClient, provider: IdentityProvider, zhang: Person, claims: dict[str, object]
) -> None:
    provider.claims = claims
    assert sign_on(browser).json()["code"] == "oidc_token_invalid"


def test_a_return_that_this_browser_did_not_start_is_refused(
    browser: TestClient, provider: IdentityProvider, zhang: Person
) -> None:
    """An attacker who sends a victim the address of their own log-in."""
    address = return_address(browser)
    browser.cookies.clear()
    assert browser.get(address).json()["code"] == "oidc_state_invalid"
    return_address(browser)
    assert browser.get(address).json()["code"] == "oidc_state_invalid"


def test_a_return_works_once(browser: TestClient, provider: IdentityProvider, zhang: Person) -> None:
    address = return_address(browser)
    kept = dict(browser.cookies)
    assert browser.get(address).status_code == 302
    browser.cookies.update(kept)
    assert browser.get(address).json()["code"] in {"oidc_refused", "oidc_state_invalid"}


def test_a_return_after_ten_minutes_is_refused(browser: TestClient, provider: IdentityProvider, zhang: Person) -> None:
    with clock.frozen(clock.now() - timedelta(minutes=11)):
        address = return_address(browser)
    assert browser.get(address).json()["code"] == "oidc_state_invalid"


def test_what_the_browser_keeps_cannot_be_written_by_others(browser: TestClient, provider: IdentityProvider) -> None:
    address = return_address(browser)
    name, value = next((name, value) for name, value in browser.cookies.items() if "oidc" in name)
    browser.cookies.clear()
    header, payload, signature = value.split(".")
    forged = f"{header}.{payload}.{signature[::-1]}"
    refused = browser.get(address, headers={"cookie": f"{name}={forged}"})
    assert refused.json()["code"] == "oidc_state_invalid"


def test_a_refusal_of_the_provider_is_passed_on(browser: TestClient, provider: IdentityProvider) -> None:
    state = parse_qs(urlsplit(return_address(browser)).query)["state"][0]
    denied = browser.get("/api/oidc/callback", params={"state": state, "error": "access_denied"})
    assert (denied.status_code, denied.json()["code"]) == (401, "oidc_refused")
    assert denied.json()["where"] == "access_denied"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("refuse", 401, "oidc_refused"),
        ("down", 503, "oidc_provider_unavailable"),
        ("not_json", 503, "oidc_provider_unavailable"),
        ("wrong_issuer_in_discovery", 401, "oidc_token_invalid"),
    ],
)
def test_a_provider_that_fails_is_told_apart(
    browser: TestClient, provider: IdentityProvider, fault: str, status: int, code: str
) -> None:
    address = return_address(browser)
    provider.faults.add(fault)
    refused = browser.get(address)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_a_provider_that_is_gone_is_told(resources: Resources) -> None:
    with running_provider() as provider:
        issuer = provider.issuer
    settings = resources.settings.model_copy(update={"oidc_issuer": issuer, "oidc_client_id": CLIENT_ID})
    with TestClient(create_app(replace(resources, settings=settings))) as browser:
        refused = browser.get("/api/oidc/start")
    assert (refused.status_code, refused.json()["code"]) == (503, "oidc_provider_unavailable")


def test_without_a_provider_single_sign_on_says_so(client: TestClient) -> None:
    refused = client.get("/api/oidc/start")
    assert (refused.status_code, refused.json()["code"]) == (503, "oidc_not_configured")
