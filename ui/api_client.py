"""The one way from the screens to the server: typed calls over HTTP.

A method a call; shapes are those of `api.contracts`. Refusals arrive as `Problem` with the server's sentences.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

Shape = TypeVar("Shape", bound=BaseModel)

#: transcription and document checks run as jobs, so no single call takes long; uploads of 100 MB may
_TIMEOUT = httpx.Timeout(30, write=300)


class Problem(Exception):
    """A refusal of the server: code, what is wrong, where, what to do."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("code", "internal"))
        self.what = str(body.get("what", self.code))
        self.where = body.get("where")
        self.remedy = str(body.get("remedy", ""))
        self.parameters: Mapping[str, Any] = body.get("parameters") or {}
        self.request_id = body.get("request_id")
        super().__init__(f"{self.code}: {self.what}")


class Unreachable(Exception):
    """The server does not answer."""


@cache
def _connection(address: str) -> httpx.Client:
    """One pool of connections for all sessions; it carries no identity of its own."""
    return httpx.Client(base_url=address, timeout=_TIMEOUT, trust_env=False)


def server_address() -> str:
    return os.environ.get("SALESDOJO_API_ADDRESS", "http://127.0.0.1:8765")


class ApiClient:
    """Calls on behalf of one logged-in person."""

    def __init__(self, token: str, locale: str, address: str | None = None) -> None:
        self._address = address or server_address()
        self._headers = {"Accept-Language": locale, "X-SalesDojo-Channel": "screen"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, shape: type[Shape], **query: Any) -> Shape:
        """Read something."""
        given = {name: value for name, value in query.items() if value is not None}
        return shape.model_validate_json(self._send("GET", path, params=given).content)

    def post(self, path: str, shape: type[Shape], body: BaseModel | None = None) -> Shape:
        """Make or do something."""
        return shape.model_validate_json(self._send("POST", path, **_json(body)).content)

    def put(self, path: str, shape: type[Shape], body: BaseModel) -> Shape:
        """Replace something."""
        return shape.model_validate_json(self._send("PUT", path, **_json(body)).content)

    def patch(self, path: str, shape: type[Shape], body: BaseModel) -> Shape:
        """Change some fields of something."""
        return shape.model_validate_json(self._send("PATCH", path, **_json(body)).content)

    def call(self, method: str, path: str, body: BaseModel | None = None) -> None:
        """Do something whose answer is that it was done."""
        self._send(method, path, **_json(body))

    def upload(
        self, path: str, shape: type[Shape], name: str, content: bytes, fields: Mapping[str, Any] | None = None
    ) -> Shape:
        """Send a file with its form fields."""
        answer = self._send("POST", path, files={"file": (name, content)}, data=dict(fields or {}))
        return shape.model_validate_json(answer.content)

    def download(self, path: str) -> bytes:
        """The bytes of a file."""
        return self._send("GET", path).content

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = _connection(self._address).request(method, path, headers=self._headers, **request)
        except httpx.TransportError as failure:
            raise Unreachable(str(failure)) from failure
        if answer.is_error:
            raise Problem(answer.status_code, _problem_body(answer))
        return answer


def _json(body: BaseModel | None) -> dict[str, Any]:
    return {} if body is None else {"json": body.model_dump(mode="json", exclude_unset=True)}


def _problem_body(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
