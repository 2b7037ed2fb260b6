"""The two pages that are not screens: logging in, and leaving."""

from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from api.dependencies import LocaleDep, ResourcesDep
from api.session_token import forget_session_cookie
from crm_core.foundation.translations import Locale, catalogue

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).resolve().parents[1] / "pages"


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(_FOLDER), autoescape=select_autoescape(), auto_reload=False)


@router.get("/login")
def show_login(
    resources: ResourcesDep,
    preferred: LocaleDep,
    locale: Annotated[Locale | None, Query()] = None,
    problem: Annotated[str | None, Query(max_length=60)] = None,
) -> HTMLResponse:
    """The page where a name and a password are asked for, with the reason why somebody was sent back to it."""
    chosen = locale or preferred
    prefix = "login_page."
    say = {key.removeprefix(prefix): text for key, text in catalogue(chosen).items() if key.startswith(prefix)}
    keys = [f"error.{problem}.{part}" for part in ("what", "remedy")]
    told = " ".join(catalogue(chosen)[key] for key in keys if key in catalogue(chosen))
    page = _templates().get_template("login.html")
    offers_single_sign_on = resources.settings.oidc_issuer is not None
    return HTMLResponse(page.render(locale=chosen, say=say, told=told, single_sign_on=offers_single_sign_on))


@router.get("/logout")
def leave(resources: ResourcesDep) -> RedirectResponse:
    """Forget the cookie of this browser and show the log-in page; the screen has ended the session before."""
    response = RedirectResponse("/login")
    forget_session_cookie(response, resources.settings.address)
    return response
