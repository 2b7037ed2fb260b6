"""The process is changed on screen without YAML: every part draws, and a saved change is in the draft."""

from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import Server
from tests.ui.test_screens import enter, require_drawn
from ui.wording import word

_PARTS = ("stages", "assignment", "access", "calendars", "figures", "wording")


def call(server: Server, token: str, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.request(method, f"{server.address}{path}", json=body, headers=headers, trust_env=False)
    answer.raise_for_status()
    return answer.json()


@pytest.fixture
def app(server: Server, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return enter(server, "operations", "zh", monkeypatch)


@pytest.fixture
def draft_id(server: Server, app: AppTest) -> str:
    made = call(server, app.session_state["token"], "POST", "/api/playbook/drafts", {"note": "试改"})
    return str(made["id"])


def opened(app: AppTest, screen: str, draft_id: str) -> AppTest:
    app.query_params["id"] = draft_id
    app.switch_page(f"screens/{screen}.py").run()
    require_drawn(app, screen)
    return app


def test_the_versions_and_a_draft_draw(app: AppTest, draft_id: str) -> None:
    app.switch_page("screens/process.py").run()
    require_drawn(app, "process")
    opened(app, "process", draft_id)
    assert word("zh", "process.no_changes") in [caption.value for caption in app.caption]


def test_every_part_of_the_editor_draws(app: AppTest, draft_id: str) -> None:
    opened(app, "process_edit", draft_id)
    for part in _PARTS:
        app.session_state["process_part"] = part
        app.run()
        require_drawn(app, part)


def test_a_stage_is_renamed_on_screen(app: AppTest, draft_id: str, server: Server) -> None:
    opened(app, "process_edit", draft_id)
    app.session_state["process_stage"] = "needs_diagnosis"
    app.run()
    require_drawn(app, "stages")
    next(one for one in app.text_input if one.value == "需求诊断").set_value("深度诊断")
    save = word("zh", "process.save")
    next(one for one in app.button if one.label == save).click().run()
    require_drawn(app, "saved")
    token = app.session_state["token"]
    told = call(server, token, "GET", f"/api/playbook/comparison?new={draft_id}")
    assert [change["sentence"] for change in told["items"]] == ["阶段「需求诊断」改名为「深度诊断」"]
