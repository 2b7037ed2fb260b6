"""Customers, leads and tasks as lines of a list that fit a phone."""

from collections.abc import Sequence

import streamlit as st

from api.contracts.customers import CustomerFacts
from api.contracts.leads import LeadFacts
from api.contracts.tasks import TaskFacts
from api.contracts.timeline import EntryFacts
from ui.elements.display import age, moment, money, plain
from ui.elements.links import link
from ui.session import say


def show_customer_line(customer: CustomerFacts) -> None:
    """Name, trade and place, who looks after it."""
    with st.container(border=True, gap="xsmall"):
        link("customer", customer.name or "—", customer.id, icon=":material/domain:")
        known = [customer.industry, customer.city, customer.region_name, customer.owner_name]
        st.caption(plain(" · ".join(part for part in known if part)))


def show_lead_line(lead: LeadFacts) -> None:
    """Title, where it stands and for how long, what it is worth."""
    with st.container(border=True, gap="xsmall"):
        link("lead", lead.title or "—", lead.id, icon=":material/route:")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            show_lead_state(lead)
            known = [
                lead.customer_name,
                lead.owner_name,
                money(lead.amount) if lead.amount is not None else None,
                say("record_cards.in_stage", age=age(lead.stage_entered_at))
                if lead.outcome == "open" and lead.stage_entered_at
                else None,
            ]
            st.caption(plain(" · ".join(part for part in known if part)))


def show_lead_state(lead: LeadFacts) -> None:
    """Stage or outcome in words; signed, invoiced and paid are told apart."""
    if lead.outcome == "won":
        st.badge(say(f"record_cards.won_{lead.payment_state or 'contract'}"), color="green")
    elif lead.outcome in {"lost", "parked"}:
        st.badge(say(f"record_cards.{lead.outcome}"), color="gray")
    elif lead.stage_name:
        st.badge(lead.stage_name, color="primary")
    if lead.is_overdue and lead.outcome == "open":
        st.badge(say("record_cards.overdue"), color="red", icon=":material/schedule:")


def show_timeline(entries: Sequence[EntryFacts], total: int) -> None:
    """What happened, latest first, to the second."""
    if not entries:
        st.caption(say("record_cards.no_entries"))
    for entry in entries:
        known = [moment(entry.occurred_at, with_seconds=True), entry.actor_name, say(f"channel.{entry.channel}")]
        st.markdown(f"**{plain(entry.kind_name)}** :gray[{plain(' · '.join(part for part in known if part))}]")
        st.text(entry.text)
    if total > len(entries):
        st.caption(say("record_cards.latest_of", shown=len(entries), total=total))


def task_caption(task: TaskFacts) -> str:
    """Who has it and by when."""
    due = say("record_cards.due", moment=moment(task.due_at)) if task.due_at else ""
    return " · ".join(part for part in (due, task.assignee_name, say(f"record_cards.task_{task.status}")) if part)
