"""The import wizard on screen: each step draws, and leads to the next."""

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import Server
from tests.ui.test_screens import enter, require_drawn
from ui.wording import word

_TABLE = "客户名称,规模,地点\n海宁光伏第一有限公司,中型,海宁\n,大型,嘉善\n".encode()


@pytest.fixture
def import_id(server: Server) -> str:
    """A file that has been uploaded and waits for its columns."""
    headers = {"Authorization": f"Bearer {server.log_in('operations')}"}
    form = {"target": "customers", "rehearse": "false"}
    files = {"file": ("客户.csv", _TABLE)}
    answer = httpx.post(f"{server.address}/api/imports", data=form, files=files, headers=headers, trust_env=False)
    return str(answer.raise_for_status().json()["id"])


def test_columns_are_mapped_and_a_rehearsal_is_asked_for(
    import_id: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _opened(import_id, server, monkeypatch)
    labels = [box.label for box in app.selectbox]
    assert labels == ["**客户名称**", "**规模**", "**地点**"]
    app.selectbox[2].select("city")
    rehearse = next(button for button in app.button if button.label == word("zh", "imports.rehearse"))
    rehearse.click().run()
    require_drawn(app, "imports")
    headers = {"Authorization": f"Bearer {app.session_state['token']}"}
    run = httpx.get(f"{server.address}/api/imports/{import_id}", headers=headers, trust_env=False).json()
    assert (run["status"], run["mapping"]) == ("waiting", {"客户名称": "name", "规模": "size", "地点": "city"})
    assert word("zh", "imports.cancel") in [button.label for button in app.button]


def test_a_cancelled_import_can_be_mapped_again(
    import_id: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Authorization": f"Bearer {server.log_in('operations')}"}
    httpx.post(f"{server.address}/api/imports/{import_id}/cancel", headers=headers, trust_env=False).raise_for_status()
    app = _opened(import_id, server, monkeypatch)
    again = next(button for button in app.button if button.label == word("zh", "imports.map_again"))
    again.click().run()
    require_drawn(app, "imports")
    assert len(app.selectbox) == 3


def _opened(import_id: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = enter(server, "operations", "zh", monkeypatch)
    app.query_params["id"] = import_id
    app.switch_page("screens/imports.py").run()
    require_drawn(app, "imports")
    return app
