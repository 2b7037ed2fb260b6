"""Every screen that a role is offered draws, in both languages, against the real application."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import Server
from ui import menu
from ui.wording import LOCALES, Locale, word

_MAIN = Path(__file__).resolve().parents[2] / "ui" / "main.py"
_ROLES = sorted(menu.EVERYBODY)
#: where the id for the page of one record comes from
_RECORDS = {
    "customer": "/api/customers",
    "lead": "/api/leads",
    "case": "/api/cases",
    "capture": "/api/leads?outcome=won",
}
_SECONDS = 30


def enter(server: Server, role: str, locale: Locale, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The application as somebody with the role first sees it."""
    monkeypatch.setenv("SALESDOJO_API_ADDRESS", server.address)
    app = AppTest.from_file(str(_MAIN), default_timeout=_SECONDS)
    app.session_state["token"] = server.log_in(role)
    app.session_state["locale"] = locale
    return app.run()


def require_drawn(app: AppTest, screen: str) -> None:
    assert [error.value for error in app.exception] == [], screen
    assert [error.value for error in app.error] == [], screen
    assert len(app.title) == 1, screen


@pytest.mark.parametrize("role", _ROLES)
def test_every_screen_that_a_role_is_offered_draws(role: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    app = enter(server, role, "zh", monkeypatch)
    for entry in menu.offered([role]):
        if entry.file in _RECORDS:
            app.query_params["id"] = server.first_id(app.session_state["token"], _RECORDS[entry.file])
        app.switch_page(f"screens/{entry.file}.py").run()
        require_drawn(app, entry.file)
        app.query_params.clear()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("role", "title"), [("trainer", "skills.title"), ("manager", "team.title")])
def test_the_first_screen_is_the_roles_own(
    role: str, title: str, locale: Locale, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = enter(server, role, locale, monkeypatch)
    require_drawn(app, title)
    assert app.title[0].value == word(locale, title)


@pytest.mark.parametrize("role", _ROLES)
def test_what_is_for_others_is_not_offered(role: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    app = enter(server, role, "zh", monkeypatch)
    offered = menu.offered([role])
    for entry in menu.MENU:
        if entry not in offered:
            with pytest.raises(ValueError, match="Could not find a navigation page"):
                app.switch_page(f"screens/{entry.file}.py")
