"""One lead: where it stands, what the next stage asks for, and what fills it."""

import streamlit as st

from api.contracts.leads import LeadDetail
from api.contracts.playbook import PlaybookView
from ui.elements import lead_diagnosis, lead_documents, lead_dwell, lead_gate, lead_voice
from ui.elements.case_cards import show_recommendations
from ui.elements.decision_steps import show_assignments
from ui.elements.display import money, plain
from ui.elements.frame import own_part
from ui.elements.lead_fields import show_fields
from ui.elements.links import asked_id, link
from ui.elements.record_cards import show_lead_state
from ui.session import client, say


def show() -> None:
    """Head, stage bar, gate, then a tab a matter."""
    lead_id = asked_id()
    if lead_id is None:
        st.info(say("lead.choose"))
        link("leads", say("menu.leads"), icon=":material/filter_alt:")
        return
    lead = client().get(f"/api/leads/{lead_id}", LeadDetail)
    playbook = client().get("/api/playbook", PlaybookView)
    _show_head(lead)
    lead_gate.show_stage_bar(lead, playbook)
    with own_part():
        lead_dwell.show_dwell(lead)
    with own_part():
        lead_gate.show_gate(lead, playbook)
    names = ("fields", "voice", "documents", "wins", "moves", "owner")
    fields, voice, documents, wins, moves, owner = st.tabs([say(f"lead.tab.{name}") for name in names])
    with fields, own_part():
        show_fields(lead, playbook)
    with voice, own_part():
        lead_voice.show_voice(lead.id)
        lead_diagnosis.show_diagnosis(lead.id, playbook)
    with documents, own_part():
        lead_documents.show_documents(lead.id, playbook)
    with wins, own_part():
        if lead.customer_id:
            show_recommendations(lead.customer_id, lead.id)
    with moves, own_part():
        lead_gate.show_moves(lead, playbook)
    with owner, own_part():
        show_assignments(lead)


def _show_head(lead: LeadDetail) -> None:
    st.title(plain(lead.title) or "—")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        show_lead_state(lead)
        if lead.customer_id:
            link("customer", lead.customer_name or "—", lead.customer_id, icon=":material/domain:")
        known = [lead.owner_name, lead.product, money(lead.amount) if lead.amount is not None else None]
        st.caption(plain(" · ".join(part for part in known if part)))
    if lead.outcome == "won":
        link("capture", say("lead.capture"), lead.id, icon=":material/edit_note:")


show()
