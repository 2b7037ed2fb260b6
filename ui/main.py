"""The frame around every screen: who is here, the menu for their roles, the language, the way out."""

import sys
from pathlib import Path

import streamlit as st

# streamlit puts this file's own folder on the path; the packages are beside it
_ROOT = str(Path(__file__).resolve().parents[1])
if _ROOT not in sys.path:
    sys.path.append(_ROOT)

from ui import menu  # noqa: E402 - after the path
from ui.elements import frame  # noqa: E402
from ui.session import is_logged_in, me, say  # noqa: E402

st.set_page_config(page_title="销售道场 SalesDojo", page_icon="🥋", layout="wide")


def show() -> None:
    """Draw the frame, then the chosen screen."""
    frame.apply_style()
    with frame.told_problems():
        if not is_logged_in():
            frame.send_to_login()
            return
        roles = me().roles
        first = menu.first_screen(roles)
        screens: dict[str, list[st.Page]] = {}
        for entry in menu.offered(roles):
            page = st.Page(
                f"screens/{entry.file}.py",
                title=say(f"menu.{entry.file}"),
                icon=entry.icon,
                url_path=entry.path,
                default=entry.file == first,
                visibility="visible" if entry.is_listed else "hidden",
            )
            screens.setdefault(say(f"menu.section.{entry.section}"), []).append(page)
        chosen = st.navigation(screens)
        frame.show_sidebar()
        chosen.run()


show()
