"""Errors on their way out: code, what is wrong, where, what to do; the only place that knows HTTP status codes."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from crm_core.foundation import errors
from crm_core.foundation.observability import logger
from crm_core.foundation.translations import Locale, has_sentence, preferred_locale, translate

_STATUS: dict[type[errors.ProductError], int] = {
    errors.Invalid: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.TooLarge: 413,
    errors.Unsupported: 415,
    errors.TooManyAttempts: 429,
    errors.Unavailable: 503,
    errors.Misconfigured: 500,
}


class AlreadyThere(errors.Conflict):
    """Somebody kept the same a moment earlier."""

    code = "already_there"


class RefersToNothing(errors.Invalid):
    """The record would point to another that is not there."""

    code = "refers_to_nothing"


#: addresses that an identity provider sends people to; a refusal there is told on the log-in page
_PAGES_FOR_BROWSERS = frozenset({"/api/oidc/start", "/api/oidc/callback"})

#: what the framework itself refuses
_CODES = {404: "no_such_page", 405: "method_not_allowed", 413: "file_too_large"}


def status_of(error: errors.ProductError) -> int:
    """The HTTP status of an error's family."""
    return next((_STATUS[family] for family in type(error).__mro__ if family in _STATUS), 500)


def problem(code: str, locale: Locale, parameters: dict[str, Any], request_id: str | None = None) -> dict[str, Any]:
    """The body of an error response: sentences for people, code and parameters for programs."""
    body: dict[str, Any] = {
        "code": code,
        "what": translate(f"error.{code}.what", locale, **parameters),
        "remedy": translate(f"error.{code}.remedy", locale, **parameters),
        "parameters": parameters,
        "request_id": request_id,
    }
    if has_sentence(f"error.{code}.where", locale):
        body["where"] = translate(f"error.{code}.where", locale, **parameters)
    return body


def install(app: FastAPI, default_locale: Locale) -> None:
    """Give every kind of failure its response."""

    def respond(request: Request, status: int, code: str, parameters: dict[str, Any]) -> JSONResponse:
        locale = preferred_locale(request.headers.get("accept-language"), default_locale)
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        request_id = getattr(request.state, "request_id", None)
        said = problem(code, locale, plain_parameters(parameters), request_id)
        return JSONResponse(said, status_code=status, headers=headers)

    @app.exception_handler(errors.ProductError)
    def product_error(request: Request, error: errors.ProductError) -> Response:
        if request.url.path in _PAGES_FOR_BROWSERS and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/login?problem={error.code}", status_code=303)
        return respond(request, status_of(error), error.code, error.parameters)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        fields = [
            {"field": ".".join(str(part) for part in issue["loc"][1:]), "problem": issue["type"]}
            for issue in error.errors()
        ]
        return respond(request, 422, "malformed_request", {"fields": fields})

    @app.exception_handler(IntegrityError)
    def constraint_violated(request: Request, error: IntegrityError) -> JSONResponse:
        refused = AlreadyThere() if isinstance(error.orig, UniqueViolation) else RefersToNothing()
        return respond(request, status_of(refused), refused.code, {})

    @app.exception_handler(StaleDataError)
    def changed_meanwhile(request: Request, _error: StaleDataError) -> JSONResponse:
        return respond(request, 409, "changed_meanwhile", {})

    @app.exception_handler(HTTPException)
    def framework_error(request: Request, error: HTTPException) -> JSONResponse:
        code = _CODES.get(error.status_code, "http_error")
        limit_megabytes = request.app.state.resources.settings.upload_limit_megabytes
        known = {"path": request.url.path, "limit_megabytes": limit_megabytes}
        return respond(request, error.status_code, code, known)

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> JSONResponse:
        logger(__name__).error("request_failed", exc_info=error, path=request.url.path)
        return respond(request, 500, "internal", {})


def plain_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """What an error knows, as JSON can say it."""
    return {name: value if _is_json(value) else str(value) for name, value in parameters.items()}


def _is_json(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_json(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    return value is None or isinstance(value, str | int | float | bool)
