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
        chosen = st.navigation(_screens(me().roles), expanded=True)
        frame.show_sidebar()
        chosen.run()


def _screens(roles: list[str]) -> dict[str, list[st.Page]]:
    """The menu by section. Whatever else an address may name is known too, and says what to do instead."""
    offered = menu.offered(roles)
    screens: dict[str, list[st.Page]] = {}
    for entry in offered:
        page = st.Page(
            f"screens/{entry.file}.py",
            title=say(f"menu.{entry.file}"),
            icon=entry.icon,
            url_path=entry.path,
            visibility="visible" if entry.is_listed else "hidden",
        )
        screens.setdefault(say(f"menu.section.{entry.section}"), []).append(page)
    first = f"screens/{menu.first_screen(roles)}.py"
    home = st.Page(lambda: st.switch_page(first), title="SalesDojo", url_path="home", default=True, visibility="hidden")
    others = [
        st.Page(frame.tell_not_offered, title=say(f"menu.{entry.file}"), url_path=entry.path, visibility="hidden")
        for entry in menu.MENU
        if entry not in offered
    ]
    screens.setdefault(say("menu.section.account"), []).extend([home, *others])
    return screens


show()
