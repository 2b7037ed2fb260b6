"""Telling a win while it is fresh: what was done, with which methods, and what proves it."""

from uuid import UUID

import streamlit as st

from api.contracts.cases import CaseCapture, CaseDetail, CasePage, MethodProposal
from api.contracts.leads import LeadDetail
from ui.elements.case_form import ask_telling
from ui.elements.case_page import show_case
from ui.elements.display import money, plain
from ui.elements.frame import told_problems
from ui.elements.links import asked_id, link
from ui.session import client, say


def show() -> None:
    """The form for a lead that is won; once told, the case with what it still lacks."""
    lead_id = asked_id()
    if lead_id is None:
        st.info(say("lead.choose"))
        link("leads", say("menu.leads"), icon=":material/filter_alt:")
        return
    lead = client().get(f"/api/leads/{lead_id}", LeadDetail)
    st.title(say("capture.title"))
    st.caption(plain(f"{lead.title} · {lead.customer_name} · {money(lead.amount)}"))
    told = client().get("/api/cases", CasePage, lead_id=lead_id)
    if told.items:
        case = client().get(f"/api/cases/{told.items[0].id}", CaseDetail)
        st.subheader(plain(case.title))
        show_case(case)
    else:
        _show_form(lead_id)


def _show_form(lead_id: UUID) -> None:
    with st.form("capture"):
        told = ask_telling()
        proposal = _ask_proposal()
        if not st.form_submit_button(say("capture.tell"), type="primary"):
            return
    with told_problems():
        capture = CaseCapture(lead_id=lead_id, proposed_method=proposal and MethodProposal(**proposal), **told)
        client().post("/api/cases", CaseDetail, capture)
        st.rerun()


def _ask_proposal() -> dict[str, str] | None:
    with st.expander(say("capture.propose")):
        name = st.text_input(say("capture.method_name"))
        definition = st.text_area(say("capture.method_definition"))
    return {"name": name, "definition": definition} if name or definition else None


show()
