"""Refuses bodies over the upload limit while they arrive, before anything of them is kept on disk."""

import json

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from crm_core.foundation.files import FileTooLarge
from crm_core.foundation.settings import Settings
from crm_core.foundation.translations import preferred_locale

#: form fields and boundaries around a file
_ALLOWANCE_BYTES = 1 << 20


class BodyLimit:
    """ASGI middleware: by the announced length where there is one, else by counting."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._limit_megabytes = settings.upload_limit_megabytes
        self._limit_bytes = (settings.upload_limit_megabytes << 20) + _ALLOWANCE_BYTES
        self._default_locale = settings.default_locale

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        announced = headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self._limit_bytes:
            await self._refuse(headers, send)
            return
        await self._app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        """The same stream, cut where it passes the limit; the cut is answered as any other refusal."""
        seen_bytes = 0

        async def counted() -> Message:
            nonlocal seen_bytes
            message = await receive()
            seen_bytes += len(message.get("body", b""))
            if seen_bytes > self._limit_bytes:
                raise HTTPException(413)
            return message

        return counted

    async def _refuse(self, headers: dict[str, str], send: Send) -> None:
        locale = preferred_locale(headers.get("accept-language"), self._default_locale)
        said = problem(FileTooLarge.code, locale, {"limit_megabytes": self._limit_megabytes})
        body = json.dumps(said, ensure_ascii=False).encode()
        kind = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": kind})
        await send({"type": "http.response.body", "body": body})
