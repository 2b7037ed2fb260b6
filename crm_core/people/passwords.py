"""Passwords: argon2 hashes, strength, and the lock after too many wrong tries."""

import unicodedata
from datetime import timedelta
from functools import cache
from math import ceil
from uuid import UUID

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.errors import Conflict, Invalid, NotFound, TooManyAttempts, Unauthenticated
from crm_core.foundation.settings import Settings
from crm_core.people.tables import Credential

MINIMUM_LENGTH = 10
_MINIMUM_DISTINCT_CHARACTERS = 5
#: what a password must hold besides common words and the log-in name
_MINIMUM_BESIDES_COMMON = 6
#: the heart of the passwords that are guessed first
_GUESSED_FIRST = ("password", "qwerty", "12345", "abc123", "iloveyou", "woaini", "admin", "letmein", "asdfgh", "1q2w3e")


class WrongCredentials(Unauthenticated):
    """Unknown log-in name or wrong password; which of them is not told."""

    code = "wrong_credentials"


class AccountLocked(TooManyAttempts):
    code = "account_locked"


class WeakPassword(Invalid):
    code = "weak_password"


class LoginNameTaken(Conflict):
    code = "login_name_taken"


class NoPassword(Conflict):
    """The account is used through single sign-on alone."""

    code = "no_password"


class LoginNameUnknown(NotFound):
    code = "login_name_unknown"


def check_password(
    session: Session, settings: Settings, login_name: str, password: str
) -> UUID | AccountLocked | WrongCredentials:
    """The person who logs in, or the refusal.

    The refusal is returned and not raised, because the count of wrong tries must be committed with it: the caller ends
    the transaction first and raises then. Tries at one name wait for each other, so that none goes uncounted.
    """
    hasher = _hasher(settings.environment)
    credential = session.scalar(
        select(Credential).where(Credential.login_name == normal_login_name(login_name)).with_for_update()
    )
    if credential is None:
        # as long as for a known name: the time to answer must not tell which names exist
        hasher.verify(password, _nobodys_hash(settings.environment))
        return WrongCredentials()
    if credential.locked_until is not None and credential.locked_until > clock.now():
        return _locked(credential)
    matches, renewed_hash = hasher.verify_and_update(password, credential.password_hash)
    if not matches:
        return _count_wrong_try(credential, settings)
    credential.password_hash = renewed_hash or credential.password_hash
    credential.failed_attempts, credential.locked_until = 0, None
    return credential.person_id


def set_password(settings: Settings, credential: Credential, password: str) -> None:
    """Replace a password and lift a lock. Raises WeakPassword."""
    require_strong(password, credential.login_name)
    credential.password_hash = _hasher(settings.environment).hash(password)
    credential.failed_attempts, credential.locked_until = 0, None


def add_credential(
    session: Session, settings: Settings, person_id: UUID, *, login_name: str, password: str
) -> Credential:
    """Let a person log in by password. Raises WeakPassword or LoginNameTaken."""
    name = normal_login_name(login_name)
    require_strong(password, name)
    credential = Credential(
        person_id=person_id, login_name=name, password_hash=_hasher(settings.environment).hash(password)
    )
    try:
        with session.begin_nested():
            session.add(credential)
    except IntegrityError as duplicate:
        raise LoginNameTaken(login_name=name) from duplicate
    return credential


def credential_of(session: Session, person_id: UUID) -> Credential | None:
    """None for a person who logs in through single sign-on alone, or not at all."""
    return session.scalar(select(Credential).where(Credential.person_id == person_id))


def find_credential(session: Session, login_name: str) -> Credential:
    """Raises LoginNameUnknown; for operators, never for a log-in."""
    name = normal_login_name(login_name)
    credential = session.scalar(select(Credential).where(Credential.login_name == name))
    if credential is None:
        raise LoginNameUnknown(login_name=name)
    return credential


def require_strong(password: str, login_name: str) -> None:
    """Raises WeakPassword for what is guessed first: short, few characters, the log-in name, a common password."""
    if len(password) < MINIMUM_LENGTH:
        raise WeakPassword(minimum_length=MINIMUM_LENGTH, reason="short")
    if len(set(password)) < _MINIMUM_DISTINCT_CHARACTERS:
        raise WeakPassword(minimum_length=MINIMUM_LENGTH, reason="repetitive")
    rest = folded = password.casefold()
    for word in filter(None, (*_GUESSED_FIRST, login_name)):
        rest = rest.replace(word, "")
    if rest != folded and len(rest) < _MINIMUM_BESIDES_COMMON:
        raise WeakPassword(minimum_length=MINIMUM_LENGTH, reason="common")


def normal_login_name(login_name: str) -> str:
    """The one spelling under which a log-in name is kept and looked up."""
    return unicodedata.normalize("NFKC", login_name).strip().casefold()


def _count_wrong_try(credential: Credential, settings: Settings) -> AccountLocked | WrongCredentials:
    credential.failed_attempts += 1
    if credential.failed_attempts < settings.login_attempts:
        return WrongCredentials()
    credential.failed_attempts = 0
    credential.locked_until = clock.now() + timedelta(minutes=settings.lockout_minutes)
    return _locked(credential)


def _locked(credential: Credential) -> AccountLocked:
    assert credential.locked_until is not None
    remaining = credential.locked_until - clock.now()
    return AccountLocked(minutes=max(1, ceil(remaining.total_seconds() / 60)))


@cache
def _hasher(environment: str) -> PasswordHash:
    """argon2id with the library's recommended cost, and at the least cost where only tests run."""
    if environment == "test":
        return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    return PasswordHash((Argon2Hasher(),))


@cache
def _nobodys_hash(environment: str) -> str:
    return _hasher(environment).hash("nobody has this password")
