"""Which passwords are refused, and how log-in names are compared."""

import threading

import pytest
from sqlalchemy import select

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.passwords import (
    AccountLocked,
    LoginNameTaken,
    LoginNameUnknown,
    WeakPassword,
    WrongCredentials,
    add_credential,
    check_password,
    find_credential,
    normal_login_name,
    require_strong,
    set_password,
)
from crm_core.people.tables import Credential
from tests.factories.people import PASSWORD, allow_password, make_person


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Xk7#mQ2", "short"),
        ("aaaaaaaaaaaa", "repetitive"),
        ("abababababab", "repetitive"),
        ("Password123", "common"),
        ("qwerty123456", "common"),
        ("woaini12345", "common"),
        ("zhang.wei2026", "common"),
        ("2026zhang.wei", "common"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        require_strong(password, "zhang.wei")
    assert refused.value.parameters["reason"] == reason


@pytest.mark.parametrize(
    "password", ["四季如春花常开万事皆顺利", "correct horse battery", "Xk7#mQ2!vB", "zhang.wei 爱吃小笼包和面"]
)
def test_a_good_password_is_taken(password: str) -> None:
    require_strong(password, "zhang.wei")


@pytest.mark.parametrize("typed", ["Zhang.Wei", " zhang.wei ", "ｚｈａｎｇ.ｗｅｉ", "ZHANG.WEI"])
def test_one_name_however_typed(typed: str) -> None:
    assert normal_login_name(typed) == "zhang.wei"


def test_a_login_name_belongs_to_one(resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        allow_password(session, resources, make_person(session), "zhang.wei")
        with pytest.raises(LoginNameTaken):
            add_credential(
                session, resources.settings, make_person(session).id, login_name="ZHANG.wei", password=PASSWORD
            )
        # the transaction goes on after the refusal
        allow_password(session, resources, make_person(session), "zhang.wei2")


def test_setting_a_password_lifts_the_lock(resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_person(session)
        allow_password(session, resources, person, "zhang.wei")
        for _ in range(resources.settings.login_attempts):
            outcome = check_password(session, resources.settings, "zhang.wei", "wrong-wrong")
        assert isinstance(outcome, AccountLocked)
        set_password(resources.settings, find_credential(session, "zhang.wei"), "山高水长-2027-Autumn")
        assert check_password(session, resources.settings, "zhang.wei", "山高水长-2027-Autumn") == person.id
        with pytest.raises(LoginNameUnknown):
            find_credential(session, "li.na")


def test_a_hash_of_older_cost_is_renewed_at_login(resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_person(session)
        allow_password(session, resources, person, "zhang.wei")
        cheap = session.scalar(select(Credential.password_hash))
        costly = resources.settings.model_copy(update={"environment": "development"})
        assert check_password(session, costly, "zhang.wei", PASSWORD) == person.id
        session.flush()
        renewed = session.scalar(select(Credential.password_hash))
        assert renewed != cheap
        assert check_password(session, costly, "zhang.wei", PASSWORD) == person.id


def test_simultaneous_wrong_tries_are_all_counted(resources: Resources) -> None:
    """Guessing in parallel must not buy more guesses than guessing in turn."""
    with resources.database.transaction(Origin(channel="test")) as session:
        allow_password(session, resources, make_person(session), "zhang.wei")
    outcomes: list[object] = []

    def guess() -> None:
        with resources.database.transaction(Origin(channel="test")) as session:
            outcomes.append(check_password(session, resources.settings, "zhang.wei", "wrong-wrong"))

    guesses = [threading.Thread(target=guess) for _ in range(8)]
    for thread in guesses:
        thread.start()
    for thread in guesses:
        thread.join()
    assert sum(isinstance(outcome, WrongCredentials) for outcome in outcomes) == 4
    assert sum(isinstance(outcome, AccountLocked) for outcome in outcomes) == 4
