"""How requests are read and answers written: application/scim+json, errors with scimType."""

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError
from scim2_models import (
    Error,
    InvalidSyntaxException,
    PayloadTooLargeException,
    SCIMException,
    ScimPolicy,
)
from sqlalchemy.exc import IntegrityError

from api.problems import problem, status_of
from crm_core.foundation import errors
from crm_core.foundation.observability import logger
from crm_core.foundation.translations import preferred_locale
from crm_core.people.roster import NameTaken, PersonDuplicate

MEDIA_TYPE = "application/scim+json"
_LARGEST_BODY_BYTES = 1 << 20
#: providers send more than we declare, remove members by value, and write into entries that are not there yet
TOLERANT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ScimRefusal(Exception):
    """A refusal on its way to the edge, past the transaction, which it undoes."""

    def __init__(self, status: int, scim_type: str | None, detail: str) -> None:
        super().__init__(detail)
        self.status, self.scim_type, self.detail = status, scim_type, detail


class ScimRoute(APIRoute):
    """A route whose every refusal is a SCIM error."""

    def get_route_handler(self) -> _Handler:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                with TOLERANT:
                    return await handle(request)
            except ScimRefusal:
                raise
            except Exception as refused:
                raise _refusal(request, refused) from refused

        return answer


def install(app: FastAPI) -> None:
    """Answer refusals in SCIM's own words."""

    @app.exception_handler(ScimRefusal)
    def refused(_request: Request, refusal: ScimRefusal) -> Response:
        headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else None
        error = Error(status=refusal.status, scim_type=refusal.scim_type, detail=refusal.detail)
        return scim_answer(error.model_dump(mode="json"), refusal.status, headers=headers)


async def scim_body(request: Request) -> Any:
    """The JSON of a request. Raises InvalidSyntaxException, PayloadTooLargeException."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BODY_BYTES:
            raise PayloadTooLargeException
    try:
        payload = json.loads(body)
        # half characters and zero characters are kept by no database
        json.dumps(payload, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as unreadable:
        raise InvalidSyntaxException(detail="the body is not JSON that can be kept") from unreadable
    if not isinstance(payload, dict) or "\\u0000" in json.dumps(payload):
        raise InvalidSyntaxException(detail="the body is not a JSON object that can be kept")
    return payload


BodyDep = Annotated[dict[str, Any], Depends(scim_body)]


def scim_answer(body: dict[str, Any], status: int = 200, *, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, headers, MEDIA_TYPE)


def _refusal(request: Request, refused: Exception) -> ScimRefusal:
    if isinstance(refused, SCIMException):
        return _of_error(refused.to_error())
    if isinstance(refused, ValidationError):
        return _of_error(Error.from_validation_errors(refused)[0])
    if isinstance(refused, IntegrityError):
        return ScimRefusal(409, "uniqueness", "somebody kept the same a moment earlier")
    if isinstance(refused, errors.ProductError):
        return _of_product(request, refused)
    logger(__name__).error("scim_request_failed", exc_info=refused, path=request.url.path)
    return ScimRefusal(500, None, "internal error")


def _of_error(error: Error) -> ScimRefusal:
    return ScimRefusal(error.status or 400, error.scim_type, error.detail or "")


def _of_product(request: Request, refused: errors.ProductError) -> ScimRefusal:
    """The product's own sentences, in the status and type that SCIM has for them."""
    settings = request.app.state.resources.settings
    locale = preferred_locale(request.headers.get("accept-language"), settings.default_locale)
    said = problem(refused.code, locale, {name: str(value) for name, value in refused.parameters.items()})
    where = f" ({said['where']})" if "where" in said else ""
    detail = f"{said['what']}{where} {said['remedy']}"
    if isinstance(refused, PersonDuplicate | NameTaken):
        return ScimRefusal(409, "uniqueness", detail)
    status = status_of(refused)
    return ScimRefusal(400, "invalidValue", detail) if status == 422 else ScimRefusal(status, None, detail)
