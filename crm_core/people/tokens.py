"""Log-in sessions and API tokens: made, listed, revoked. A token is shown once; only its fingerprint is kept."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.errors import Invalid, NotFound
from crm_core.people.authentication import TOKEN_SCOPES, fingerprint
from crm_core.people.tables import ApiToken, LoginSession

#: prefixes let a secret scanner recognise a leaked token
_SESSION_PREFIX = "dojo_session_"
_API_TOKEN_PREFIX = "dojo_token_"  # noqa: S105 - a prefix, not a secret


class SessionNotFound(NotFound):
    code = "session_not_found"


class ApiTokenNotFound(NotFound):
    code = "api_token_not_found"


class TokenScopeUnknown(Invalid):
    code = "token_scope_unknown"


class TokenAlreadyExpired(Invalid):
    code = "token_already_expired"


def open_session(
    session: Session, person_id: UUID, *, hours: int, user_agent: str | None = None
) -> tuple[str, LoginSession]:
    """Log a person in; returns the token, which exists nowhere else, and its record."""
    token = _SESSION_PREFIX + secrets.token_urlsafe(32)
    record = LoginSession(
        person_id=person_id,
        token_sha256=fingerprint(token),
        expires_at=clock.now() + timedelta(hours=hours),
        user_agent=user_agent[:300] if user_agent else None,
    )
    session.add(record)
    session.flush()
    return token, record


def issue_api_token(
    session: Session, person_id: UUID, *, label: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[str, ApiToken]:
    """Let a program act for a person within scopes; returns the token, which exists nowhere else, and its record."""
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in TOKEN_SCOPES]
    if unknown or not wanted:
        raise TokenScopeUnknown(scopes=", ".join(unknown), known=", ".join(TOKEN_SCOPES))
    if expires_at is not None and expires_at <= clock.now():
        raise TokenAlreadyExpired(expires_at=expires_at.isoformat(timespec="seconds"))
    token = _API_TOKEN_PREFIX + secrets.token_urlsafe(32)
    record = ApiToken(
        person_id=person_id, label=label, token_sha256=fingerprint(token), scopes=wanted, expires_at=expires_at
    )
    session.add(record)
    session.flush()
    return token, record


def open_sessions(session: Session, person_id: UUID) -> Sequence[LoginSession]:
    """Where a person is logged in now, latest first."""
    statement = (
        select(LoginSession)
        .where(
            LoginSession.person_id == person_id,
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > clock.now(),
        )
        .order_by(LoginSession.created_at.desc())
    )
    return session.scalars(statement).all()


def api_tokens(session: Session, person_id: UUID) -> Sequence[ApiToken]:
    """A person's tokens that are not revoked, latest first; expired ones are listed so that they can be replaced."""
    statement = (
        select(ApiToken)
        .where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.created_at.desc())
    )
    return session.scalars(statement).all()


def revoke_session(session: Session, person_id: UUID, session_id: UUID) -> None:
    found = session.get(LoginSession, session_id)
    if found is None or found.person_id != person_id:
        raise SessionNotFound(id=str(session_id))
    found.revoked_at = found.revoked_at or clock.now()


def revoke_token_session(session: Session, token: str) -> None:
    """Log out: the session of this token ends; an unknown token changes nothing."""
    _revoke_sessions(session, LoginSession.token_sha256 == fingerprint(token))


def revoke_api_token(session: Session, person_id: UUID, token_id: UUID) -> None:
    found = session.get(ApiToken, token_id)
    if found is None or found.person_id != person_id:
        raise ApiTokenNotFound(id=str(token_id))
    found.revoked_at = found.revoked_at or clock.now()


def revoke_all(session: Session, person_id: UUID, *, keep_token: str | None = None, api_tokens_too: bool) -> None:
    """End every session of a person but the one of `keep_token`, and the API tokens where asked."""
    kept = fingerprint(keep_token) if keep_token else ""
    _revoke_sessions(session, (LoginSession.person_id == person_id) & (LoginSession.token_sha256 != kept))
    if api_tokens_too:
        session.execute(
            update(ApiToken)
            .where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
            .values(revoked_at=clock.now())
        )


def _revoke_sessions(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(update(LoginSession).where(which, LoginSession.revoked_at.is_(None)).values(revoked_at=clock.now()))
