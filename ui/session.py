"""Who sits at this browser, in which language: asked of the server at every rerun, never trusted from the page."""

from __future__ import annotations

from typing import cast

import streamlit as st

from api.contracts.authentication import Me
from ui.api_client import ApiClient, Problem
from ui.wording import LOCALES, Locale, word

_COOKIE = "salesdojo_session"
_ME = "me"
_LOCALE = "locale"


def current_locale() -> Locale:
    """The language of this browser session."""
    chosen = st.session_state.get(_LOCALE) or str(st.context.locale or "zh")[:2]
    return cast(Locale, chosen if chosen in LOCALES else "zh")


def choose_locale(locale: Locale) -> None:
    st.session_state[_LOCALE] = locale


def say(key: str, **parameters: object) -> str:
    """The words for a key in the language of this session."""
    return word(current_locale(), key, **parameters)


def client() -> ApiClient:
    """Calls on behalf of whoever is logged in; without a cookie the server refuses them."""
    token = st.session_state.get("token") or st.context.cookies.get(_COOKIE, "")
    return ApiClient(token, current_locale())


def me() -> Me:
    """Who is logged in, as the server says. Raises Problem 401 when nobody is."""
    if _ME not in st.session_state:
        found = client().get("/api/me", Me)
        st.session_state[_ME] = found
        st.session_state.setdefault(_LOCALE, found.person.locale)
    return cast(Me, st.session_state[_ME])


def is_logged_in() -> bool:
    try:
        me()
    except Problem as problem:
        if problem.status == 401:
            return False
        raise
    return True


def forget() -> None:
    """Drop what this browser session knows."""
    for key in (_ME, "token"):
        st.session_state.pop(key, None)
