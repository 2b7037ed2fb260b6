"""Logging in by password or single sign-on, and out again."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Query, Request, Response, status
from fastapi.responses import RedirectResponse

from api.contracts.authentication import LoggedIn, LogIn, Self, SignOnAnswer
from api.dependencies import ResourcesDep, SessionDep
from api.session_token import forget_session_cookie, presented_token, set_session_cookie
from crm_core.foundation.database import Origin
from crm_core.foundation.errors import ProductError
from crm_core.people.authentication import act_as, require_employed
from crm_core.people.external_identities import person_behind
from crm_core.people.passwords import check_password
from crm_core.people.single_sign_on import ProviderRefused, SingleSignOn
from crm_core.people.tokens import open_session, revoke_token_session

router = APIRouter(prefix="/api", tags=["authentication"])

_OIDC_COOKIE = "salesdojo_oidc"
_OIDC_PATH = "/api/oidc"


@router.post("/login")
def log_in(wanted: LogIn, request: Request, response: Response, resources: ResourcesDep) -> LoggedIn:
    """Log in with a name and a password; five wrong tries in a row lock the name for a while."""
    settings = resources.settings
    with resources.database.transaction(_origin(request)) as session:
        checked = check_password(session, settings, wanted.login_name, wanted.password)
        if not isinstance(checked, ProductError):
            person = require_employed(session, checked)
            act_as(session, person.id)
            agent = request.headers.get("user-agent")
            token, opened = open_session(session, person.id, hours=settings.session_hours, user_agent=agent)
    # raised out here, after the wrong try has been counted and committed
    if isinstance(checked, ProductError):
        raise checked
    set_session_cookie(response, token, opened.expires_at, settings.address)
    return LoggedIn(token=token, expires_at=opened.expires_at, person=Self.model_validate(person, from_attributes=True))


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
def log_out(request: Request, response: Response, session: SessionDep, resources: ResourcesDep) -> None:
    """End this session, here and on the server; harmless when it has already ended."""
    if token := presented_token(request):
        revoke_token_session(session, token)
    forget_session_cookie(response, resources.settings.address)


@router.get("/oidc/start", status_code=status.HTTP_302_FOUND, response_class=RedirectResponse)
def start_single_sign_on(resources: ResourcesDep) -> RedirectResponse:
    """Send the browser to the identity provider."""
    departure = SingleSignOn(resources.settings).depart()
    response = RedirectResponse(departure.address, status.HTTP_302_FOUND)
    response.set_cookie(
        _OIDC_COOKIE,
        departure.kept,
        max_age=departure.keep_seconds,
        path=_OIDC_PATH,
        httponly=True,
        samesite="lax",
        secure=resources.settings.address.startswith("https://"),
    )
    return response


@router.get("/oidc/callback", status_code=status.HTTP_302_FOUND, response_class=RedirectResponse)
def finish_single_sign_on(
    request: Request,
    resources: ResourcesDep,
    answer: Annotated[SignOnAnswer, Query()],
    kept: Annotated[str | None, Cookie(alias=_OIDC_COOKIE)] = None,
) -> RedirectResponse:
    """Where the identity provider sends the browser back to; ends at the first screen, logged in."""
    sign_on = SingleSignOn(resources.settings)
    if answer.error or not answer.code:
        raise ProviderRefused(reason=answer.error[:100] or "code")
    # the provider is asked before the transaction begins, so that no connection waits for another server
    identity = sign_on.arrive(code=answer.code, state=answer.state, kept=kept)
    with resources.database.transaction(_origin(request)) as session:
        person = person_behind(session, identity)
        act_as(session, person.id)
        agent = request.headers.get("user-agent")
        token, opened = open_session(session, person.id, hours=resources.settings.session_hours, user_agent=agent)
    response = RedirectResponse("/", status.HTTP_302_FOUND)
    set_session_cookie(response, token, opened.expires_at, resources.settings.address)
    response.delete_cookie(_OIDC_COOKIE, path=_OIDC_PATH)
    return response


def _origin(request: Request) -> Origin:
    return Origin(channel="api", request_id=request.state.request_id)
