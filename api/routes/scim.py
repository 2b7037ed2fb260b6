"""SCIM 2.0: an identity provider pushes people (Users) and teams (Groups) into the roster."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from scim2_models import (
    BaseModel,
    Context,
    ForbiddenException,
    ListResponse,
    NotFoundException,
    Resource,
    SearchRequest,
)
from sqlalchemy import Select, select

from api.acting import ActingDep
from api.scim.answers import BodyDep, ScimRefusal, ScimRoute, scim_answer
from api.scim.discovery import resource_types, schemas, service_provider_config
from api.scim.groups import change_group, close_group, create_group, find_group, patch_group
from api.scim.listing import GROUP_LOOKUPS, USER_LOOKUPS, page_of, page_of_both, require_bounded_filter
from api.scim.quirks import plain_patch, plain_user
from api.scim.resources import FullUser, Group
from api.scim.showing import shown_groups, shown_users
from api.scim.users import NEWCOMER, change_user, create_user, delete_user, find_user, patch_user, visible_users
from crm_core.customers.acting import Acting
from crm_core.people.repository import all_regions
from crm_core.people.tables import Person, Team

#: the service describes itself at /Schemas, so the documentation of the interface leaves it out
router = APIRouter(prefix="/scim/v2", tags=["scim"], route_class=ScimRoute, include_in_schema=False)

_ANY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_GROUP_ROWS = select(Team).where(Team.closed_on.is_(None)).order_by(Team.created_at, Team.id)
_READ_ONLY = ("ServiceProviderConfig", "ResourceTypes", "Schemas")


def get_scim_acting(acting: ActingDep) -> Acting:
    """Whoever the token belongs to must keep the roster. Raises RightMissing."""
    acting.policy.require_right(acting.viewer, "roster.edit")
    return acting


ScimActingDep = Annotated[Acting, Depends(get_scim_acting, scope="function")]


def search_body(body: BodyDep) -> dict[str, Any]:
    """Raises InvalidFilterException."""
    require_bounded_filter(body)
    return body


SearchDep = Annotated[dict[str, Any], Depends(search_body)]


@router.get("/ServiceProviderConfig")
def show_config(request: Request, _acting: ScimActingDep) -> Response:
    return _answer(service_provider_config(_base(request)))


@router.get("/ResourceTypes")
def list_resource_types(request: Request, _acting: ScimActingDep) -> Response:
    return _discovered(request, resource_types(_base(request)))


@router.get("/ResourceTypes/{name}")
def show_resource_type(name: str, request: Request, _acting: ScimActingDep) -> Response:
    return _answer(_one(resource_types(_base(request)), name))


@router.get("/Schemas")
def list_schemas(request: Request, acting: ScimActingDep) -> Response:
    return _discovered(request, schemas(_base(request), _region_codes(acting)))


@router.get("/Schemas/{urn}")
def show_schema(urn: str, request: Request, acting: ScimActingDep) -> Response:
    return _answer(_one(schemas(_base(request), _region_codes(acting)), urn))


@router.get("/Users")
def list_users(request: Request, acting: ScimActingDep) -> Response:
    return _users(acting, request, SearchRequest[FullUser].model_validate(_asked(request)))


@router.post("/Users/.search")
def search_users(body: SearchDep, request: Request, acting: ScimActingDep) -> Response:
    return _users(
        acting,
        request,
        SearchRequest[FullUser].model_validate(body, scim_ctx=Context.SEARCH_REQUEST),
    )


@router.post("/Users")
def add_user(body: BodyDep, request: Request, acting: ScimActingDep) -> Response:
    wanted = FullUser.model_validate(plain_user(body, NEWCOMER), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    return _user(acting, request, create_user(acting, wanted), Context.RESOURCE_CREATION_RESPONSE)


@router.get("/Users/{user_id}")
def show_user(user_id: str, request: Request, acting: ScimActingDep) -> Response:
    return _user(acting, request, find_user(acting, user_id), Context.RESOURCE_QUERY_RESPONSE)


@router.put("/Users/{user_id}")
def replace_user(user_id: str, body: BodyDep, request: Request, acting: ScimActingDep) -> Response:
    """What the body does not name stays as it is; null clears."""
    person = find_user(acting, user_id)
    before = shown_users(acting.session, [person], _base(request))[0]
    known = before.model_dump(include={"active", "display_name", "roles"})
    wanted = FullUser.model_validate(plain_user(body, known), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    change_user(acting, person, before, wanted)
    return _user(acting, request, person, Context.RESOURCE_REPLACEMENT_RESPONSE)


@router.patch("/Users/{user_id}")
def change_some_of_user(user_id: str, body: BodyDep, request: Request, acting: ScimActingDep) -> Response:
    person = find_user(acting, user_id)
    patch_user(acting, person, plain_patch(body), _base(request))
    return _user(acting, request, person, Context.RESOURCE_PATCH_RESPONSE)


@router.delete("/Users/{user_id}")
def remove_user(user_id: str, acting: ScimActingDep) -> Response:
    """They leave today; the roster keeps its past."""
    delete_user(acting, find_user(acting, user_id))
    return Response(status_code=204)


@router.get("/Groups")
def list_groups(request: Request, acting: ScimActingDep) -> Response:
    return _groups(acting, request, SearchRequest[Group].model_validate(_asked(request)))


@router.post("/Groups/.search")
def search_groups(body: SearchDep, request: Request, acting: ScimActingDep) -> Response:
    return _groups(
        acting,
        request,
        SearchRequest[Group].model_validate(body, scim_ctx=Context.SEARCH_REQUEST),
    )


@router.post("/Groups")
def add_group(body: BodyDep, request: Request, acting: ScimActingDep) -> Response:
    wanted = Group.model_validate(body, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    return _group(acting, request, create_group(acting, wanted), Context.RESOURCE_CREATION_RESPONSE)


@router.get("/Groups/{group_id}")
def show_group(group_id: str, request: Request, acting: ScimActingDep) -> Response:
    return _group(acting, request, find_group(acting, group_id), Context.RESOURCE_QUERY_RESPONSE)


@router.put("/Groups/{group_id}")
def replace_group(group_id: str, body: BodyDep, request: Request, acting: ScimActingDep) -> Response:
    team = find_group(acting, group_id)
    before = shown_groups(acting.session, [team], _base(request))[0]
    wanted = Group.model_validate(body, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    change_group(acting, team, before, wanted)
    return _group(acting, request, team, Context.RESOURCE_REPLACEMENT_RESPONSE)


@router.patch("/Groups/{group_id}")
def change_some_of_group(group_id: str, body: BodyDep, request: Request, acting: ScimActingDep) -> Response:
    team = find_group(acting, group_id)
    patch_group(acting, team, plain_patch(body), _base(request))
    return _group(acting, request, team, Context.RESOURCE_PATCH_RESPONSE)


@router.delete("/Groups/{group_id}")
def remove_group(group_id: str, acting: ScimActingDep) -> Response:
    """The team is closed; its people and its past stay."""
    close_group(acting, find_group(acting, group_id))
    return Response(status_code=204)


@router.post("/.search")
def search_everything(body: SearchDep, request: Request, acting: ScimActingDep) -> Response:
    """Users and groups in one list."""
    wanted = SearchRequest[FullUser | Group].model_validate(body, scim_ctx=Context.SEARCH_REQUEST)
    people = acting.session.scalars(_user_rows(acting)).all()
    teams = acting.session.scalars(_GROUP_ROWS).all()
    base = _base(request)
    shown = [*shown_users(acting.session, people, base), *shown_groups(acting.session, teams, base)]
    return _answer(page_of_both(shown, wanted), wanted)


@router.api_route("/{path:path}", methods=_ANY_METHOD)
def refuse_others(path: str, _acting: ScimActingDep) -> Response:
    """Whatever this service has no resource or no method for."""
    if path.split("/", maxsplit=1)[0] in {*_READ_ONLY, "Users", "Groups"}:
        raise ScimRefusal(405, None, "this resource has no such method")
    raise NotFoundException(detail=f"no resource {path}")


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/scim/v2"


def _asked(request: Request) -> dict[str, Any]:
    """Query parameters; lists are separated by commas."""
    asked: dict[str, Any] = dict(request.query_params)
    require_bounded_filter(asked)
    for name in ("attributes", "excludedAttributes"):
        if name in asked:
            asked[name] = [part.strip() for part in asked[name].split(",") if part.strip()]
    return asked


def _region_codes(acting: Acting) -> list[str]:
    return [region.code for region in all_regions(acting.session)]


def _discovered(request: Request, found: Mapping[str, Any]) -> Response:
    """All of them; a filter is refused, as the standard asks."""
    if "filter" in request.query_params:
        raise ForbiddenException(detail="what the service says of itself is not filtered")
    resources = [one.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE) for one in found.values()]
    urn = ListResponse.__schema__
    return scim_answer(
        {
            "schemas": [str(urn)],
            "totalResults": len(resources),
            "startIndex": 1,
            "itemsPerPage": len(resources),
            "Resources": resources,
        }
    )


def _one(found: Mapping[str, Any], name: str) -> Any:
    by_name = {key.casefold(): value for key, value in found.items()}
    if name.casefold() not in by_name:
        raise NotFoundException(detail=f"no {name}")
    return by_name[name.casefold()]


def _user_rows(acting: Acting) -> Select[Person]:
    return select(Person).where(visible_users(acting)).order_by(Person.created_at, Person.id)


def _users(acting: Acting, request: Request, wanted: SearchRequest[Any]) -> Response:
    def show(people: Sequence[Person]) -> list[Any]:
        return shown_users(acting.session, people, _base(request))

    page = page_of(acting.session, _user_rows(acting), wanted, USER_LOOKUPS, shown=show)
    return _answer(page, wanted)


def _groups(acting: Acting, request: Request, wanted: SearchRequest[Any]) -> Response:
    def show(teams: Sequence[Team]) -> list[Any]:
        return shown_groups(acting.session, teams, _base(request))

    page = page_of(acting.session, _GROUP_ROWS, wanted, GROUP_LOOKUPS, shown=show)
    return _answer(page, wanted)


def _user(acting: Acting, request: Request, person: Person, context: Context) -> Response:
    acting.session.flush()
    asked = SearchRequest[FullUser].model_validate(_shape_asked(request))
    return _resource(shown_users(acting.session, [person], _base(request))[0], asked, context)


def _group(acting: Acting, request: Request, team: Team, context: Context) -> Response:
    acting.session.flush()
    asked = SearchRequest[Group].model_validate(_shape_asked(request))
    return _resource(shown_groups(acting.session, [team], _base(request))[0], asked, context)


def _shape_asked(request: Request) -> dict[str, Any]:
    return {name: value for name, value in _asked(request).items() if name in {"attributes", "excludedAttributes"}}


def _resource(shown: Resource[Any], asked: SearchRequest[Any], context: Context) -> Response:
    status = 201 if context is Context.RESOURCE_CREATION_RESPONSE else 200
    location = str(shown.meta.location) if shown.meta else None
    body = shown.model_dump(scim_ctx=context, response_parameters=asked)
    return scim_answer(body, status, headers={"Location": location} if location else None)


def _answer(content: BaseModel, asked: SearchRequest[Any] | None = None) -> Response:
    return scim_answer(content.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked))
