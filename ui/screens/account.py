"""One's own account: language, password, where one is logged in."""

import streamlit as st

from api.contracts.authentication import LocaleChange, OpenSessions, PasswordChange
from api.contracts.operations import SystemStatus
from ui.elements.display import moment
from ui.elements.frame import told_problems
from ui.session import choose_locale, client, current_locale, me, say
from ui.wording import LOCALES


def show() -> None:
    """Small forms, one below the other."""
    st.title(say("account.title"))
    _show_language()
    if me().has_password:
        _show_password()
    _show_sessions()
    _show_status()


def _show_language() -> None:
    chosen = st.segmented_control(
        say("account.language"),
        LOCALES,
        default=current_locale(),
        format_func=lambda code: {"zh": "中文", "en": "English"}[code],
    )
    if chosen and chosen != current_locale():
        with told_problems():
            client().call("PUT", "/api/me/locale", LocaleChange(locale=chosen))
            choose_locale(chosen)
            st.rerun()


def _show_password() -> None:
    with st.form("password"):
        st.subheader(say("account.password"))
        current = st.text_input(say("account.current"), type="password")
        new = st.text_input(say("account.new"), type="password")
        if st.form_submit_button(say("account.change")) and current and new:
            with told_problems():
                client().call("PUT", "/api/me/password", PasswordChange(current=current, new=new))
                st.success(say("account.changed"))


def _show_sessions() -> None:
    st.subheader(say("account.sessions"))
    for session in client().get("/api/me/sessions", OpenSessions).items:
        with st.container(horizontal=True, vertical_alignment="center"):
            here = f" · {say('account.here')}" if session.is_current else ""
            st.caption(f"{moment(session.created_at)} → {moment(session.expires_at)}{here}")
            if not session.is_current and st.button(say("account.end"), key=str(session.id)):
                with told_problems():
                    client().call("DELETE", f"/api/me/sessions/{session.id}")
                    st.rerun()


def _show_status() -> None:
    st.subheader(say("account.status"))
    for capability in client().get("/api/status", SystemStatus).capabilities:
        icon = ":material/check_circle:" if capability.state == "ready" else ":material/info:"
        st.markdown(f"{icon} {capability.message}")


show()
