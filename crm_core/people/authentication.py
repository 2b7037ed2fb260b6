"""Who is behind a request: a token becomes a viewer, or the reason why it does not."""

from dataclasses import replace
from hashlib import sha256
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.database import Origin, state_origin
from crm_core.foundation.errors import Forbidden, Unauthenticated
from crm_core.people.memberships import viewer_of
from crm_core.people.tables import ApiToken, LoginSession, Person
from crm_core.people.viewer import Viewer

#: what a program may be allowed: look; change; import files; change people and rules; push people (SCIM)
TokenScope = Literal["read", "write", "import", "admin", "scim"]
TOKEN_SCOPES: tuple[TokenScope, ...] = get_args(TokenScope)

_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: changes under these paths need a scope of their own
_SCOPE_OF_CHANGES: tuple[tuple[str, TokenScope], ...] = (
    ("/api/imports", "import"),
    ("/api/people", "admin"),
    ("/api/teams", "admin"),
    ("/api/regions", "admin"),
    ("/api/playbook", "admin"),
    ("/api/me", "admin"),
)


class NotLoggedIn(Unauthenticated):
    code = "not_logged_in"


class TokenUnknown(Unauthenticated):
    code = "token_unknown"


class SessionExpired(Unauthenticated):
    code = "session_expired"


class SessionRevoked(Unauthenticated):
    code = "session_revoked"


class TokenExpired(Unauthenticated):
    code = "token_expired"


class TokenRevoked(Unauthenticated):
    code = "token_revoked"


class AccountClosed(Unauthenticated):
    """The person no longer works here."""

    code = "account_closed"


class TokenScopeMissing(Forbidden):
    code = "token_scope_missing"


def authenticate(session: Session, token: str | None) -> Viewer:
    """The viewer behind a session cookie or an API token; history notes them as the actor from here on.

    Raises a subclass of Unauthenticated that says what is wrong with the token.
    """
    if not token:
        raise NotLoggedIn()
    digest = fingerprint(token)
    person_id, scopes = _session_owner(session, digest) or _api_token_owner(session, digest)
    require_employed(session, person_id)
    act_as(session, person_id)
    return viewer_of(session, person_id, token_scopes=scopes)


def require_scope(viewer: Viewer, method: str, path: str) -> None:
    """Raises TokenScopeMissing where an API token reaches beyond its scopes; people at a screen have no such limit."""
    needed = scope_needed(method, path)
    if viewer.token_scopes is not None and needed not in viewer.token_scopes:
        raise TokenScopeMissing(scope=needed, scopes=", ".join(sorted(viewer.token_scopes)))


def scope_needed(method: str, path: str) -> TokenScope:
    """Which scope a request needs: reading is "read", changing is "write" or the scope of its area, SCIM is "scim"."""
    if path.startswith("/scim/"):
        return "scim"
    if method.upper() in _READING_METHODS:
        return "read"
    area = (scope for prefix, scope in _SCOPE_OF_CHANGES if path == prefix or path.startswith(f"{prefix}/"))
    return next(area, "write")


def fingerprint(token: str) -> str:
    """How a token is kept: SHA-256 suffices, since tokens are 256 random bits."""
    return sha256(token.encode()).hexdigest()


def act_as(session: Session, person_id: UUID) -> None:
    """Name the actor of every change from here to the end of the transaction."""
    origin: Origin = session.info["origin"]
    state_origin(session, replace(origin, actor_id=person_id))


def require_employed(session: Session, person_id: UUID) -> Person:
    """Raises AccountClosed from the day a person has left."""
    person = session.get_one(Person, person_id)
    if person.left_on is not None and person.left_on <= clock.today():
        raise AccountClosed()
    return person


def _session_owner(session: Session, digest: str) -> tuple[UUID, frozenset[str] | None] | None:
    found = session.scalar(select(LoginSession).where(LoginSession.token_sha256 == digest))
    if found is None:
        return None
    if found.revoked_at is not None:
        raise SessionRevoked()
    if found.expires_at <= clock.now():
        raise SessionExpired()
    return found.person_id, None


def _api_token_owner(session: Session, digest: str) -> tuple[UUID, frozenset[str]]:
    found = session.scalar(select(ApiToken).where(ApiToken.token_sha256 == digest))
    if found is None:
        raise TokenUnknown()
    if found.revoked_at is not None:
        raise TokenRevoked()
    if found.expires_at is not None and found.expires_at <= clock.now():
        raise TokenExpired(label=found.label, expired_at=found.expires_at.isoformat(timespec="seconds"))
    return found.person_id, frozenset(found.scopes)
