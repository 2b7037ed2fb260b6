"""A draft of the process, edited without YAML: one part at a time."""

from collections.abc import Callable

import streamlit as st

from ui.elements.display import plain
from ui.elements.links import asked_id, link
from ui.elements.process_access import show_access
from ui.elements.process_assignment import show_assignment
from ui.elements.process_editing import Editing, read_draft
from ui.elements.process_figures import show_figures
from ui.elements.process_limits import show_calendars
from ui.elements.process_stages import show_stages
from ui.elements.process_wording import show_wording
from ui.session import say

_PARTS: dict[str, Callable[[Editing], None]] = {
    "stages": show_stages,
    "assignment": show_assignment,
    "access": show_access,
    "calendars": show_calendars,
    "figures": show_figures,
    "wording": show_wording,
}


def show() -> None:
    """The draft that the address names."""
    st.title(say("process.edit"))
    draft_id = asked_id()
    if draft_id is None:
        st.info(say("process.which_draft"))
        link("process", say("process.all"), icon=":material/arrow_back:")
        return
    link("process", say("process.to_draft"), draft_id, icon=":material/arrow_back:")
    editing = read_draft(draft_id)
    if editing.facts.status != "draft":
        st.info(say("process.not_a_draft"))
        return
    st.caption(plain(editing.facts.note) or say("process.edit_hint"))
    part = st.segmented_control(
        say("process.part"),
        list(_PARTS),
        default="stages",
        format_func=lambda code: say(f"process.part_{code}"),
        key="process_part",
    )
    _PARTS[part or "stages"](editing)


show()
