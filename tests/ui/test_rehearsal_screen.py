"""The screen of a rehearsal: verdict, pictures, the list behind a number, and saying that one has seen it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from crm_core.foundation.database import Database
from crm_core.foundation.files import FileStore
from crm_core.foundation.resources import Resources
from crm_core.rehearsal import running
from tests.conftest import settings_for
from tests.ui.conftest import Server
from ui.wording import LOCALES, Locale

_MAIN = Path(__file__).resolve().parents[2] / "ui" / "main.py"


@pytest.fixture(scope="module")
def operator(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {server.log_in('operations')}"
        yield client


@pytest.fixture(scope="module")
def draft_id(
    operator: httpx.Client, module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A draft with a shorter limit and without a rule for one region, rehearsed."""
    draft: dict[str, Any] = operator.post("/api/playbook/drafts", json={}).raise_for_status().json()
    edits = [
        {"path": ["stages", "needs_diagnosis", "dwell_limit", "hours"], "value": 12},
        {"path": ["rights", "manager"], "value": ["gate.override"]},
        {
            "path": ["assignment", "rules", "by_region", "conditions"],
            "value": [{"fact": "region", "test": "one_of", "values": ["east"]}],
        },
    ]
    path = f"/api/playbook/drafts/{draft['id']}"
    operator.patch(path, json={"revision": draft["revision"], "edits": edits}).raise_for_status()
    rehearsal = operator.post(f"{path}/rehearsals", json={"days": 90}).raise_for_status().json()
    settings = settings_for(tmp_path_factory.mktemp("rehearsal"), module_database_url)
    database = Database(module_database_url, pool_size=2)
    running.run(Resources(settings, database, FileStore(settings.files_folder)), UUID(rehearsal["id"]))
    yield draft["id"]
    database.dispose()


@pytest.fixture
def opened(server: Server, operator: httpx.Client, draft_id: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens the screen of the draft in a language."""

    def open_in(locale: Locale) -> AppTest:
        monkeypatch.setenv("SALESDOJO_API_ADDRESS", server.address)
        app = AppTest.from_file(str(_MAIN), default_timeout=60)
        app.session_state["token"] = operator.headers["Authorization"].removeprefix("Bearer ")
        app.session_state["locale"] = locale
        app.run()
        app.query_params["id"] = draft_id
        return app.switch_page("screens/rehearsal.py").run()

    return open_in


@pytest.mark.parametrize("locale", LOCALES)
def test_every_part_of_a_finished_rehearsal_draws(opened: Any, locale: Locale) -> None:
    app = opened(locale)
    assert [error.value for error in app.exception] == []
    assert len(app.metric) > 6
    assert len(app.dataframe) >= 4
    assert len(app.tabs) == 6


def test_a_number_opens_its_list(opened: Any, operator: httpx.Client, draft_id: str) -> None:
    app = opened("zh")
    app.button(key="list-rehearsal-assignment-change:newly_pooled").click().run()
    assert app.selectbox(key="rehearsal_list_assignment").value == "change:newly_pooled"
    [latest] = operator.get(f"/api/playbook/drafts/{draft_id}/rehearsals").json()["items"]
    asked = {"kind": "assignment", "change": "newly_pooled"}
    total = operator.get(f"/api/rehearsals/{latest['id']}/findings", params=asked).json()["total"]
    assert total > 0
    assert f"共 {total} 条" in [caption.value for caption in app.caption]


def test_having_seen_it_is_said_once_and_shows_who(opened: Any, operator: httpx.Client, draft_id: str) -> None:
    app = opened("zh")
    [button] = [button for button in app.button if button.label == "我已看过"]
    button.click().run()
    [latest] = operator.get(f"/api/playbook/drafts/{draft_id}/rehearsals").json()["items"]
    assert latest["seen_at"] is not None
    assert any("看过这次预演" in caption.value for caption in app.caption)
    assert [button for button in app.button if button.label == "我已看过"] == []
