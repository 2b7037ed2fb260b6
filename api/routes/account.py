"""One's own account: who am I, password, language, where I am logged in, tokens for programs."""

from uuid import UUID

from fastapi import APIRouter, Request, status

from api.contracts.authentication import (
    ApiTokenFacts,
    ApiTokenIssued,
    ApiTokenRequest,
    ApiTokens,
    LocaleChange,
    Me,
    OpenSession,
    OpenSessions,
    PasswordChange,
    Self,
)
from api.dependencies import PolicyDep, ResourcesDep, SessionDep, ViewerDep
from api.session_token import presented_token
from crm_core.foundation.database import Origin
from crm_core.foundation.errors import ProductError
from crm_core.people.authentication import fingerprint
from crm_core.people.passwords import NoPassword, check_password, credential_of, set_password
from crm_core.people.repository import find_person
from crm_core.people.tokens import (
    api_tokens,
    issue_api_token,
    open_sessions,
    revoke_all,
    revoke_api_token,
    revoke_session,
)

router = APIRouter(prefix="/api/me", tags=["authentication"])


@router.get("")
def show_me(viewer: ViewerDep, session: SessionDep, policy: PolicyDep) -> Me:
    """Who is logged in, and what they may do."""
    return Me(
        person=Self.model_validate(find_person(session, viewer.person_id), from_attributes=True),
        roles=sorted(viewer.roles),
        rights=sorted(policy.rights(viewer)),
        team_ids=sorted(viewer.team_ids),
        region_ids=sorted(viewer.region_ids),
        leads_others=viewer.leads_others,
        has_password=credential_of(session, viewer.person_id) is not None,
        token_scopes=sorted(viewer.token_scopes) if viewer.token_scopes is not None else None,
    )


@router.put("/password", status_code=status.HTTP_204_NO_CONTENT)
def change_password(
    wanted: PasswordChange, request: Request, viewer: ViewerDep, session: SessionDep, resources: ResourcesDep
) -> None:
    """Change one's password; every other session ends. Wrong tries count as at log-in."""
    credential = credential_of(session, viewer.person_id)
    if credential is None:
        raise NoPassword()
    # a transaction of its own: the count of wrong tries is kept when this request fails
    with resources.database.transaction(Origin(channel="api", actor_id=viewer.person_id)) as counting:
        checked = check_password(counting, resources.settings, credential.login_name, wanted.current)
    if isinstance(checked, ProductError):
        raise checked
    session.refresh(credential)
    set_password(resources.settings, credential, wanted.new)
    revoke_all(session, viewer.person_id, keep_token=presented_token(request), api_tokens_too=False)


@router.put("/locale", status_code=status.HTTP_204_NO_CONTENT)
def change_locale(wanted: LocaleChange, viewer: ViewerDep, session: SessionDep) -> None:
    """Choose the language in which messages are written to one."""
    find_person(session, viewer.person_id).locale = wanted.locale


@router.get("/sessions")
def list_sessions(request: Request, viewer: ViewerDep, session: SessionDep) -> OpenSessions:
    """Where one is logged in."""
    current = fingerprint(presented_token(request) or "")
    items = [
        OpenSession(
            id=one.id,
            created_at=one.created_at,
            expires_at=one.expires_at,
            user_agent=one.user_agent,
            is_current=one.token_sha256 == current,
        )
        for one in open_sessions(session, viewer.person_id)
    ]
    return OpenSessions(items=items, total=len(items))


@router.delete("/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT)
def end_session(session_id: UUID, viewer: ViewerDep, session: SessionDep) -> None:
    """Log out somewhere else."""
    revoke_session(session, viewer.person_id, session_id)


@router.get("/tokens")
def list_tokens(viewer: ViewerDep, session: SessionDep) -> ApiTokens:
    """One's tokens for programs; the tokens themselves are never shown again."""
    items = [
        ApiTokenFacts.model_validate(token, from_attributes=True) for token in api_tokens(session, viewer.person_id)
    ]
    return ApiTokens(items=items, total=len(items))


@router.post("/tokens", status_code=status.HTTP_201_CREATED)
def issue_token(wanted: ApiTokenRequest, viewer: ViewerDep, session: SessionDep) -> ApiTokenIssued:
    """Make a token for a program that acts for one; this answer is the only one that shows it."""
    token, record = issue_api_token(
        session, viewer.person_id, label=wanted.label, scopes=wanted.scopes, expires_at=wanted.expires_at
    )
    return ApiTokenIssued(**ApiTokenFacts.model_validate(record, from_attributes=True).model_dump(), token=token)


@router.delete("/tokens/{token_id}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_token(token_id: UUID, viewer: ViewerDep, session: SessionDep) -> None:
    """Withdraw a token; programs that use it are refused from now on."""
    revoke_api_token(session, viewer.person_id, token_id)
