"""Telling a win while it is fresh: what was done, with which methods, and what proves it."""

from uuid import UUID

import streamlit as st

from api.contracts.cases import CaseCapture, CaseDetail, CasePage, MethodProposal
from api.contracts.leads import LeadDetail
from api.contracts.playbook import PlaybookView
from ui.elements.case_page import show_case, show_evidence
from ui.elements.display import money, plain, share
from ui.elements.frame import told_problems
from ui.elements.links import asked_id, link
from ui.session import client, say

_KEY_ACTIONS = 5


def show() -> None:
    """The form for a lead that is won; once told, the case with what it still lacks."""
    lead_id = asked_id()
    if lead_id is None:
        st.info(say("lead.choose"))
        link("leads", say("menu.leads"), icon=":material/filter_alt:")
        return
    lead = client().get(f"/api/leads/{lead_id}", LeadDetail)
    st.title(say("capture.title"))
    st.caption(plain(f"{lead.title} · {lead.customer_name} · {money(lead.amount)} · {share(lead.margin)}"))
    told = client().get("/api/cases", CasePage, lead_id=lead_id)
    if told.items:
        case = client().get(f"/api/cases/{told.items[0].id}", CaseDetail)
        st.subheader(plain(case.title))
        st.badge(say(f"case.status_{case.status}"), color="green" if case.status == "published" else "gray")
        show_case(case)
        show_evidence(case)
    else:
        _show_form(lead_id)


def _show_form(lead_id: UUID) -> None:
    methods = {method.code: method.name for method in client().get("/api/playbook", PlaybookView).methods}
    with st.form("capture"):
        title = st.text_input(say("capture.case_title"), placeholder=say("capture.case_title_hint"))
        story = st.text_area(say("capture.story"), placeholder=say("capture.story_hint"), height=180)
        actions = st.text_area(say("capture.key_actions"), placeholder=say("capture.key_actions_hint"), height=110)
        chosen = st.multiselect(
            say("capture.methods"),
            list(methods),
            placeholder=say("frame.choose"),
            format_func=lambda code: methods[code],
        )
        with st.expander(say("capture.propose")):
            name = st.text_input(say("capture.method_name"))
            definition = st.text_area(say("capture.method_definition"))
        if not st.form_submit_button(say("capture.tell"), type="primary"):
            return
    if not title.strip() or not story.strip():
        st.warning(say("capture.needs_words"))
        return
    with told_problems():
        capture = CaseCapture(
            lead_id=lead_id,
            title=title,
            story=story,
            key_actions=[line.strip() for line in actions.splitlines() if line.strip()][:_KEY_ACTIONS],
            methods=chosen,
            proposed_method=MethodProposal(name=name, definition=definition) if name and definition else None,
        )
        client().post("/api/cases", CaseDetail, capture)
        st.rerun()


show()
