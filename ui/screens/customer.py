"""One customer on one page for every role: what a role may not read is not in the answer and not drawn."""

import streamlit as st

from api.contracts.customers import CustomerPage
from api.contracts.playbook import PlaybookView
from ui.elements import customer_blocks
from ui.elements.case_cards import show_recommendations
from ui.elements.display import plain
from ui.elements.frame import own_part
from ui.elements.links import asked_id, link
from ui.elements.record_cards import show_lead_line, show_timeline
from ui.session import client, say


def show() -> None:
    """Head, then a tab a matter."""
    customer_id = asked_id()
    if customer_id is None:
        st.info(say("customer.choose"))
        link("customers", say("menu.customers"), icon=":material/domain:")
        return
    page = client().get(f"/api/customers/{customer_id}", CustomerPage)
    playbook = client().get("/api/playbook", PlaybookView)
    facts = page.facts
    st.title(plain(facts.name) or "—")
    known = [facts.industry, facts.city, facts.region_name, facts.owner_name]
    st.caption(plain(" · ".join(part for part in known if part)))
    overview, wins, timeline, people, money = st.tabs(
        [say(f"customer.tab.{name}") for name in ("overview", "wins", "timeline", "people", "money")]
    )
    with overview, own_part():
        st.subheader(say("customer.leads"))
        for lead in page.leads:
            show_lead_line(lead)
        customer_blocks.show_new_lead(facts.id)
        customer_blocks.show_facts(page, playbook)
    with wins, own_part():
        open_leads = [lead.id for lead in page.leads if lead.outcome == "open"]
        show_recommendations(facts.id, open_leads[0] if open_leads else None)
    with timeline, own_part():
        customer_blocks.show_new_note(facts.id)
        show_timeline(page.timeline or [], page.timeline_total)
    with people, own_part():
        customer_blocks.show_contacts(page, playbook)
    with money, own_part():
        customer_blocks.show_contracts(page)
        customer_blocks.show_tickets(page)


show()
