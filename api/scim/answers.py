"""How requests are read and answers written: application/scim+json, errors with scimType."""

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError
from scim2_models import (
    BaseModel,
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


class ScimRoute(APIRoute):
    """A route whose every refusal is a SCIM error."""

    def get_route_handler(self) -> _Handler:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                with TOLERANT:
                    return await handle(request)
            except (SCIMException, ValidationError, RequestValidationError, errors.ProductError, IntegrityError) as no:
                return _refusal(request, no)
            except Exception as failure:  # noqa: BLE001 - a client that speaks SCIM is told in SCIM
                logger(__name__).error("scim_request_failed", exc_info=failure, path=request.url.path)
                return error_answer(500, None, "internal")

        return answer


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


def scim_answer(content: BaseModel | dict[str, Any], status: int = 200, location: str | None = None) -> Response:
    body = content if isinstance(content, dict) else content.model_dump(mode="json")
    headers = {"Location": location} if location else None
    return Response(json.dumps(body, ensure_ascii=False), status, headers, MEDIA_TYPE)


def error_answer(status: int, scim_type: str | None, detail: str) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    body = Error(status=status, scim_type=scim_type, detail=detail).model_dump(mode="json")
    return Response(json.dumps(body, ensure_ascii=False), status, headers, MEDIA_TYPE)


def _refusal(request: Request, refused: Exception) -> Response:
    if isinstance(refused, SCIMException):
        error = refused.to_error()
        return error_answer(error.status or 400, error.scim_type, error.detail or "")
    if isinstance(refused, ValidationError):
        error = Error.from_validation_errors(refused)[0]
        return error_answer(error.status or 400, error.scim_type, error.detail or "")
    if isinstance(refused, RequestValidationError):
        return error_answer(400, "invalidValue", "; ".join(str(issue["msg"]) for issue in refused.errors()))
    if isinstance(refused, IntegrityError):
        return error_answer(409, "uniqueness", "somebody kept the same a moment earlier")
    assert isinstance(refused, errors.ProductError)
    return _product_refusal(request, refused)


def _product_refusal(request: Request, refused: errors.ProductError) -> Response:
    """The product's own sentences, in the status and type that SCIM has for them."""
    settings = request.app.state.resources.settings
    locale = preferred_locale(request.headers.get("accept-language"), settings.default_locale)
    said = problem(refused.code, locale, {name: str(value) for name, value in refused.parameters.items()})
    where = f" ({said['where']})" if "where" in said else ""
    detail = f"{said['what']}{where} {said['remedy']}"
    if isinstance(refused, PersonDuplicate | NameTaken):
        return error_answer(409, "uniqueness", detail)
    status = status_of(refused)
    return error_answer(400 if status == 422 else status, "invalidValue" if status == 422 else None, detail)
