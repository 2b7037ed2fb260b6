"""Accounts as an operator sees them: a person with a position and a log-in name, made, listed and closed together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.settings import Settings
from crm_core.people.memberships import holds_on
from crm_core.people.passwords import add_credential, find_credential, set_password
from crm_core.people.roster import Position, add_person, appoint
from crm_core.people.tables import Credential, Membership, Person
from crm_core.people.tokens import revoke_all


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Who is to log in, by which name, as what."""

    login_name: str
    password: str
    name: str
    position: Position
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A log-in name, and how it stands today."""

    login_name: str
    person_id: UUID
    name: str
    roles: tuple[str, ...]
    locked_until: datetime | None
    is_closed: bool


def open_account(session: Session, settings: Settings, wanted: NewAccount) -> Person:
    """Put a person on the roster from today and let them log in.

    Raises what `add_person`, `appoint` and `add_credential` raise; nothing of it is kept then.
    """
    person = add_person(session, name=wanted.name, email=wanted.email)
    appoint(session, person, wanted.position, since=clock.today())
    add_credential(session, settings, person.id, login_name=wanted.login_name, password=wanted.password)
    return person


def reset_password(session: Session, settings: Settings, login_name: str, password: str) -> None:
    """Give an account another password: its lock is lifted and its sessions end. Raises LoginNameUnknown."""
    credential = find_credential(session, login_name)
    set_password(settings, credential, password)
    revoke_all(session, credential.person_id, api_tokens_too=False)


def all_accounts(session: Session) -> Sequence[Account]:
    """Every account that logs in by password, by log-in name."""
    today = clock.today()
    roles = func.array_agg(Membership.role.distinct()).filter(Membership.role.is_not(None))
    statement = (
        select(Credential.login_name, Credential.locked_until, Person.id, Person.name, Person.left_on, roles)
        .join(Person, Person.id == Credential.person_id)
        .outerjoin(Membership, (Membership.person_id == Person.id) & holds_on(today))
        .group_by(Credential.login_name, Credential.locked_until, Person.id)
        .order_by(Credential.login_name)
    )
    return [
        Account(
            login_name=login_name,
            person_id=person_id,
            name=name,
            roles=tuple(held or ()),
            locked_until=locked_until if locked_until and locked_until > clock.now() else None,
            is_closed=left_on is not None and left_on <= today,
        )
        for login_name, locked_until, person_id, name, left_on, held in session.execute(statement)
    ]
