"""Ways from one screen to another; a record is named by the address, so that a link can be sent to a colleague."""

from typing import NoReturn
from uuid import UUID

import streamlit as st

from ui import menu
from ui.elements.display import plain
from ui.session import me


def link(screen: str, label: str, record_id: UUID | str | None = None, *, icon: str | None = None) -> None:
    """A line of text that leads to a screen, or to one record on it; bare text where that screen is not offered."""
    if all(entry.file != screen for entry in menu.offered(me().roles)):
        st.markdown(f"{icon or ''} {plain(label)}".strip())
        return
    parameters = {"id": str(record_id)} if record_id else None
    st.page_link(f"screens/{screen}.py", label=label, icon=icon, query_params=parameters)


def go(screen: str, record_id: UUID | str | None = None) -> NoReturn:
    """Leave for a screen now."""
    st.switch_page(f"screens/{screen}.py", query_params={"id": str(record_id)} if record_id else None)


def asked_id() -> UUID | None:
    """The record that the address names; None when it names none or nonsense.

    A link from a screen to another record of the same screen changes what is shown and leaves the browser's address as
    it was; written anew, the address names what is shown, so that the next click is about that record and no other.
    """
    asked = st.query_params.to_dict()
    st.query_params.from_dict(asked)
    try:
        return UUID(asked.get("id", ""))
    except ValueError:
        return None
