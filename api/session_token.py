"""How the proof of a log-in travels: a bearer header from programs, a cookie from browsers."""

from datetime import datetime

from fastapi import Request, Response

SESSION_COOKIE = "salesdojo_session"


def presented_token(request: Request) -> str | None:
    """The token of a request; a bearer header counts before the cookie."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else request.cookies.get(SESSION_COOKIE)


def set_session_cookie(response: Response, token: str, expires_at: datetime, address: str) -> None:
    """Scripts cannot read it and other sites cannot send it with a change; over HTTPS it never leaves HTTPS."""
    response.set_cookie(
        SESSION_COOKIE, token, expires=expires_at, httponly=True, samesite="lax", secure=address.startswith("https://")
    )


def forget_session_cookie(response: Response, address: str) -> None:
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=address.startswith("https://"))
