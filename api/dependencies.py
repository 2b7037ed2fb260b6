"""What an endpoint can ask for, under short names."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from api.session_token import presented_token
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.foundation.translations import Locale, preferred_locale
from crm_core.people.access import AccessPolicy
from crm_core.people.authentication import authenticate, require_scope
from crm_core.people.rights import access_policy
from crm_core.people.viewer import Viewer
from crm_core.process.playbook import Playbook
from crm_core.process.publication import published_playbook


def get_resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


ResourcesDep = Annotated[Resources, Depends(get_resources)]


def get_session(request: Request, resources: ResourcesDep) -> Iterator[Session]:
    origin = Origin(channel=_channel_of(request), request_id=request.state.request_id)
    with resources.database.transaction(origin) as session:
        yield session


def _channel_of(request: Request) -> str:
    if request.url.path.startswith("/scim/"):
        return "scim"
    return "screen" if request.headers.get("x-salesdojo-channel") == "screen" else "api"


#: one transaction per request; scope="function" commits it before the response leaves, so that 200 means kept
SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def get_viewer(request: Request, session: SessionDep) -> Viewer:
    """Whoever is logged in, by bearer token or session cookie. Raises Unauthenticated, TokenScopeMissing."""
    viewer = authenticate(session, presented_token(request))
    require_scope(viewer, request.method, request.url.path)
    return viewer


ViewerDep = Annotated[Viewer, Depends(get_viewer, scope="function")]


def get_playbook(session: SessionDep) -> Playbook:
    return published_playbook(session)


PlaybookDep = Annotated[Playbook, Depends(get_playbook, scope="function")]


def get_policy(playbook: PlaybookDep) -> AccessPolicy:
    return access_policy(playbook)


PolicyDep = Annotated[AccessPolicy, Depends(get_policy, scope="function")]


def get_locale(request: Request, resources: ResourcesDep) -> Locale:
    return preferred_locale(request.headers.get("accept-language"), resources.settings.default_locale)


LocaleDep = Annotated[Locale, Depends(get_locale)]
