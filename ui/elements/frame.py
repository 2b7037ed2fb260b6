"""The frame: style, side bar, and how refusals and outages look."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from ui.api_client import Problem, Unreachable
from ui.session import choose_locale, client, current_locale, forget, me, say

_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def apply_style() -> None:
    """What the theme cannot say."""
    st.html(f"<style>{_STYLE}</style>")


@contextmanager
def told_problems() -> Iterator[None]:
    """Whatever the server refuses inside the block is told in its own words, with what to do."""
    try:
        yield
    except Problem as problem:
        if problem.status == 401:
            forget()
            send_to_login()
        else:
            show_problem(problem)
    except Unreachable:
        st.error(say("frame.unreachable"), icon=":material/cloud_off:")


def show_problem(problem: Problem) -> None:
    """What is wrong, where, and what to do; the request id is for whoever looks into it."""
    where = f"\n\n{problem.where}" if problem.where else ""
    st.error(f"**{problem.what}**{where}\n\n{problem.remedy}", icon=":material/error:")
    if problem.status >= 500 and problem.request_id:
        st.caption(say("frame.request_id", request_id=problem.request_id))


def send_to_login() -> None:
    """The log-in page belongs to the server: it alone may set the cookie."""
    st.html('<meta http-equiv="refresh" content="0; url=/login">')
    st.link_button(say("frame.log_in"), "/login")


def show_sidebar() -> None:
    """Who is here, the other language, the way out."""
    with st.sidebar:
        someone = me()
        roles = " · ".join(say(f"role.{role}") for role in someone.roles)
        st.markdown(f"**{someone.person.name}**  \n<small>{roles}</small>", unsafe_allow_html=True)
        other = "en" if current_locale() == "zh" else "zh"
        language, leave = st.columns(2)
        if language.button(say("frame.other_language"), key="other_language", width="stretch"):
            choose_locale(other)  # type: ignore[arg-type]  # one of the two, by the line above
            st.rerun()
        if leave.button(say("frame.log_out"), key="log_out", width="stretch"):
            client().call("POST", "/api/logout")
            forget()
            st.html('<meta http-equiv="refresh" content="0; url=/logout">')
