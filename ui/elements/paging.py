"""Pages of a list."""

import streamlit as st

from ui.session import say


def page_offset(name: str, *filters: object) -> int:
    """Where the shown page starts; a change of filters goes back to the first."""
    key, seen = f"{name}-offset", f"{name}-filters"
    if st.session_state.get(seen) != filters:
        st.session_state[seen] = filters
        st.session_state[key] = 0
    return int(st.session_state[key])


def show_pager(name: str, total: int, length: int) -> None:
    """Back and forth through a list; nothing when it fits on one page."""
    key = f"{name}-offset"
    offset = int(st.session_state.get(key, 0))
    if total <= length:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(say("paging.previous"), key=f"{name}-previous", disabled=offset == 0):
            st.session_state[key] = max(0, offset - length)
            st.rerun()
        st.caption(say("paging.position", first=offset + 1, last=min(offset + length, total), total=total))
        if st.button(say("paging.next"), key=f"{name}-next", disabled=offset + length >= total):
            st.session_state[key] = offset + length
            st.rerun()
