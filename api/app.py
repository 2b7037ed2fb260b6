"""The web application: middleware, routers, documentation, and the screens mounted beside them."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from api import problems, subscriptions
from api.body_limit import BodyLimit
from api.routes import routers
from api.scim import answers as scim_answers
from crm_core.foundation.events import install_reactions
from crm_core.foundation.observability import REQUEST_SECONDS, REQUESTS, logger
from crm_core.foundation.resources import Resources

log = logger(__name__)

#: a request id from outside is kept when it looks like one
_REQUEST_ID_LENGTH = 64


def create_app(resources: Resources, screens: Any = None) -> FastAPI:
    """The application over given resources; screens is an ASGI application with a lifespan, or none."""
    install_reactions(subscriptions.REACTIONS)
    app = FastAPI(
        title="SalesDojo 销售道场",
        version="0.1.0",
        description="The selling process made visible, actions that can be verified, know-how that is handed on.",
        lifespan=_lifespan(resources, screens),
        docs_url="/api/docs",
        openapi_url="/api/openapi.json",
        redoc_url=None,
    )
    app.state.resources = resources
    problems.install(app, resources.settings.default_locale)
    scim_answers.install(app)
    app.add_middleware(BodyLimit, settings=resources.settings)
    app.middleware("http")(_observed)
    for router in routers():
        app.include_router(router)
    if screens is not None:
        app.mount("/ui", screens)
        app.add_api_route("/", lambda: RedirectResponse("/ui/"), include_in_schema=False)
    return app


def _lifespan(resources: Resources, screens: Any) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if screens is None:
            yield
        else:
            async with screens.lifespan()(app):
                yield
        resources.database.dispose()

    return lifespan


async def _observed(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Give each request an id, a log line and its place in the counters."""
    given = request.headers.get("x-request-id", "")
    request_id = given if 0 < len(given) <= _REQUEST_ID_LENGTH and given.isprintable() else uuid4().hex
    request.state.request_id = request_id
    started = time.perf_counter()
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        response = await call_next(request)
        route = getattr(request.scope.get("route"), "path", "unmatched")
        seconds = time.perf_counter() - started
        REQUESTS.labels(request.method, route, response.status_code).inc()
        REQUEST_SECONDS.labels(request.method, route).observe(seconds)
        if route.startswith("/api"):
            log.info(
                "request", method=request.method, route=route, status=response.status_code, seconds=round(seconds, 4)
            )
    response.headers["x-request-id"] = request_id
    return response
