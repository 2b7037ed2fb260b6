"""Logging in by password and out again."""

from fastapi import APIRouter, Request, Response, status

from api.contracts.authentication import LoggedIn, LogIn, Self
from api.dependencies import ResourcesDep, SessionDep
from api.session_token import forget_session_cookie, presented_token, set_session_cookie
from crm_core.foundation.database import Origin
from crm_core.foundation.errors import ProductError
from crm_core.foundation.resources import Resources
from crm_core.people.authentication import act_as, require_employed
from crm_core.people.passwords import check_password
from crm_core.people.tables import LoginSession, Person
from crm_core.people.tokens import open_session, revoke_token_session

router = APIRouter(prefix="/api", tags=["authentication"])


@router.post("/login")
def log_in(wanted: LogIn, request: Request, response: Response, resources: ResourcesDep) -> LoggedIn:
    """Log in with a name and a password; five wrong tries in a row lock the name for a while."""
    token, opened, person = password_session(resources, request, wanted)
    set_session_cookie(response, token, opened.expires_at, resources.settings.address)
    return LoggedIn(token=token, expires_at=opened.expires_at, person=described(person))


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
def log_out(request: Request, response: Response, session: SessionDep, resources: ResourcesDep) -> None:
    """End this session, here and on the server; harmless when it has already ended."""
    if token := presented_token(request):
        revoke_token_session(session, token)
    forget_session_cookie(response, resources.settings.address)


def password_session(resources: Resources, request: Request, wanted: LogIn) -> tuple[str, LoginSession, Person]:
    """Check a password and open a session. A refusal is raised after the wrong try has been committed."""
    with resources.database.transaction(Origin(channel="api", request_id=request.state.request_id)) as session:
        checked = check_password(session, resources.settings, wanted.login_name, wanted.password)
        if not isinstance(checked, ProductError):
            person = require_employed(session, checked)
            act_as(session, person.id)
            token, opened = open_session(
                session,
                person.id,
                hours=resources.settings.session_hours,
                user_agent=request.headers.get("user-agent"),
            )
            return token, opened, person
    raise checked


def described(person: Person) -> Self:
    return Self.model_validate(person, from_attributes=True)
