"""One won case."""

import streamlit as st

from api.contracts.cases import CaseDetail
from ui.elements.case_page import show_case
from ui.elements.display import plain
from ui.elements.links import asked_id, link
from ui.session import client, say


def show() -> None:
    """The case that the address names."""
    case_id = asked_id()
    if case_id is None:
        st.info(say("case.choose"))
        link("cases", say("menu.cases"), icon=":material/menu_book:")
        return
    case = client().get(f"/api/cases/{case_id}", CaseDetail)
    st.title(plain(case.title) or "—")
    show_case(case)


show()
