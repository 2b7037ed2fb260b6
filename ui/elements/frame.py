"""The frame: style, side bar, and how refusals and outages look."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ui.api_client import Problem, Unreachable
from ui.elements.display import plain
from ui.session import choose_locale, client, current_locale, forget, me, say

_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def apply_style() -> None:
    """What the theme cannot say, and our words where streamlit has only English ones."""
    words = {
        "choose-file": say("frame.choose_file"),
        "drop-hint": say("frame.drop_hint", megabytes=st.get_option("server.maxUploadSize")),
    }
    # a JSON string is a CSS string
    own_words = " ".join(f"--{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in words.items())
    st.html(f"<style>:root {{ {own_words} }}\n{_STYLE}</style>")


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
    except ValidationError as invalid:
        for mistake in invalid.errors():
            st.error(_mistake(mistake), icon=":material/error:")
    except Unreachable:
        st.error(say("frame.unreachable"), icon=":material/cloud_off:")


@contextmanager
def own_part() -> Iterator[None]:
    """One part of a page: what the viewer's role may not see is said quietly, and the other parts stand."""
    with told_problems():
        try:
            yield
        except Problem as problem:
            if problem.status != 403:
                raise
            st.caption(say("frame.not_yours"))


def _mistake(mistake: ErrorDetails) -> str:
    """What somebody typed that the contract of a call does not take."""
    bounds = mistake.get("ctx", {})
    text = plain(str(mistake["input"])[:20])
    if "max_length" in bounds:
        return say("frame.too_long", text=text, limit=bounds["max_length"])
    if "min_length" in bounds:
        return say("frame.too_short", text=text, limit=bounds["min_length"])
    return say("frame.invalid", text=text)


def show_problem(problem: Problem) -> None:
    """What is wrong, where, and what to do; the request id is for whoever looks into it."""
    where = f"\n\n{plain(str(problem.where))}" if problem.where else ""
    st.error(f"**{plain(problem.what)}**{where}\n\n{plain(problem.remedy)}", icon=":material/error:")
    if problem.status >= 500 and problem.request_id:
        st.caption(say("frame.request_id", request_id=problem.request_id))


def tell_not_offered() -> None:
    """An address that belongs to other roles, perhaps sent by a colleague."""
    st.info(say("frame.not_offered"), icon=":material/lock:")
    st.page_link("screens/today.py", label=say("menu.today"), icon=":material/today:")


def send_to_login() -> None:
    """The log-in page belongs to the server: it alone may set the cookie."""
    st.html('<meta http-equiv="refresh" content="0; url=/login">')
    st.link_button(say("frame.log_in"), "/login")


def show_sidebar() -> None:
    """Who is here, the other language, the way out."""
    with st.sidebar:
        someone = me()
        roles = " · ".join(say(f"role.{role}") for role in someone.roles)
        st.markdown(f"**{plain(someone.person.name)}**  \n:small[{plain(roles)}]")
        other = "en" if current_locale() == "zh" else "zh"
        language, leave = st.columns(2)
        if language.button(say("frame.other_language"), key="other_language", width="stretch"):
            choose_locale(other)  # type: ignore[arg-type]  # one of the two, by the line above
            st.rerun()
        if leave.button(say("frame.log_out"), key="log_out", width="stretch"):
            client().call("POST", "/api/logout")
            forget()
            st.html('<meta http-equiv="refresh" content="0; url=/logout">')
