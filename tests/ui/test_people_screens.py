"""The screens of the roster, against the real application: onboarding, facts, hand-over, changes."""

from datetime import timedelta

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from crm_core.foundation import clock
from tests.ui.conftest import Server
from tests.ui.test_screens import enter, require_drawn
from ui.wording import word


def open_person(server: Server, name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[AppTest, str]:
    """The page of somebody of the demo company, as operations see it."""
    app = enter(server, "operations", "zh", monkeypatch)
    person_id = server.first_id(app.session_state["token"], f"/api/people?search={name}")
    app.query_params["id"] = person_id
    app.switch_page("screens/people.py").run()
    require_drawn(app, "people")
    return app, person_id


def told(server: Server, app: AppTest, path: str) -> dict:
    headers = {"Authorization": f"Bearer {app.session_state['token']}"}
    return dict(httpx.get(f"{server.address}{path}", headers=headers, trust_env=False).raise_for_status().json())


def test_facts_are_corrected_on_the_page_of_a_person(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    app, person_id = open_person(server, "陈志远", monkeypatch)
    skills = next(box for box in app.text_input if box.label == word("zh", "people.skills"))
    skills.set_value("光伏、储能，光伏")
    next(button for button in app.button if button.label == word("zh", "people.keep")).click()
    app.run()
    require_drawn(app, "people")
    assert told(server, app, f"/api/people/{person_id}")["skills"] == ["光伏", "储能"]


def test_the_preview_shows_what_would_go_where(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    app, person_id = open_person(server, "陈志远", monkeypatch)
    next(toggle for toggle in app.toggle if toggle.label == word("zh", "handover.preview")).set_value(True)
    app.run()
    require_drawn(app, "people")
    assert word("zh", "handover.preview_hint") in [caption.value for caption in app.caption]
    assert told(server, app, f"/api/people/{person_id}")["left_on"] is None


def test_changes_of_the_roster_are_listed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    app = enter(server, "operations", "zh", monkeypatch)
    app.switch_page("screens/roster_changes.py").run()
    require_drawn(app, "roster_changes")
    today = clock.today()
    app.date_input[0].set_value((today - timedelta(days=300), today))
    app.run()
    require_drawn(app, "roster_changes")
    assert word("zh", "roster_changes.kind") in [box.label for box in app.selectbox]
