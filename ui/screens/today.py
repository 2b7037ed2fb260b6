"""What to do now: tasks by due time, news, own open leads that stand too long, new customers with similar wins."""

import streamlit as st

from api.contracts.customers import Customers
from api.contracts.leads import Leads
from api.contracts.tasks import MarkedRead, Notifications, Tasks
from ui.elements.display import moment, plain
from ui.elements.frame import told_problems
from ui.elements.links import link
from ui.elements.record_cards import show_customer_line, show_lead_line
from ui.elements.task_list import show_tasks
from ui.session import client, me, say


def show() -> None:
    """Two columns on a wide screen, one below the other on a phone."""
    st.title(say("today.title", name=plain(me().person.name)))
    todo, news = st.columns([3, 2], gap="large")
    with todo:
        st.subheader(say("today.tasks"))
        show_tasks(client().get("/api/tasks", Tasks, status="open", limit=20))
        if {"rep", "manager"} & set(me().roles):
            _show_leads()
    with news:
        if "rep" in me().roles:
            _show_customers()
        _show_notifications()


def _show_leads() -> None:
    leads = client().get("/api/leads", Leads, mine=True, outcome="open", sort="is_overdue", order="ascending", limit=8)
    st.subheader(say("today.leads", total=leads.total))
    if not leads.items:
        st.caption(say("today.no_leads"))
    for lead in leads.items:
        show_lead_line(lead)
    if leads.total > len(leads.items):
        link("leads", say("today.all_leads"), icon=":material/filter_alt:")


def _show_customers() -> None:
    """A new customer first: its page has the wins that look like it."""
    mine = client().get(
        "/api/customers", Customers, owner_id=me().person.id, sort="created_at", order="descending", limit=4
    )
    if mine.items:
        st.subheader(say("today.customers"))
        st.caption(say("today.customers_hint"))
    for customer in mine.items:
        show_customer_line(customer)


def _show_notifications() -> None:
    news = client().get("/api/notifications", Notifications, unread=True, limit=10)
    st.subheader(say("today.news", total=news.total))
    if not news.items:
        st.caption(say("today.no_news"))
        return
    for one in news.items:
        with st.container(border=True):
            st.text(one.text)
            st.caption(moment(one.created_at))
            if one.customer_id:
                link("customer", say("today.open_customer"), one.customer_id)
    if st.button(say("today.mark_read")):
        with told_problems():
            client().post("/api/notifications/read", MarkedRead)
            st.rerun()


show()
