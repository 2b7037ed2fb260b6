"""Many leads at once: the list becomes a table to tick, and one button changes what is ticked."""

import httpx
import pytest

from tests.ui.conftest import Server
from tests.ui.test_screens import enter, require_drawn
from ui.elements import bulk_edit
from ui.wording import word


def test_what_is_ticked_is_changed_and_what_is_refused_is_named(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = enter(server, "director", "zh", monkeypatch)
    headers = {"Authorization": f"Bearer {app.session_state['token']}"}
    query = {"outcome": "open", "stage": "needs_diagnosis"}
    found = httpx.get(f"{server.address}/api/leads", params=query, headers=headers, trust_env=False)
    ticked = found.json()["items"][0]["id"]
    monkeypatch.setattr(bulk_edit, "_chosen", lambda _leads: [ticked])
    app.switch_page("screens/leads.py").run()
    next(toggle for toggle in app.toggle if toggle.label == word("zh", "leads.bulk")).set_value(True).run()
    require_drawn(app, "leads")
    app.session_state["bulk_kind"] = "forward"
    app.run()
    app.button(key="bulk_apply").click().run()
    require_drawn(app, "leads")
    assert app.success[0].value == word("zh", "bulk_edit.done", changed=0, refused=1)
    assert any("不允许这一步" in caption.value for caption in app.caption)
    facts = httpx.get(f"{server.address}/api/leads/{ticked}", headers=headers, trust_env=False).json()
    assert facts["stage"] == "needs_diagnosis"
