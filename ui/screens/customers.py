"""All customers that the viewer may see: search, filter, add."""

import streamlit as st

from api.contracts.customers import CustomerFacts, Customers, NewCustomer
from api.contracts.playbook import PlaybookView
from ui.elements.frame import told_problems
from ui.elements.links import go
from ui.elements.paging import page_offset, show_pager
from ui.elements.record_cards import show_customer_line
from ui.session import client, me, say

_PAGE_LENGTH = 20


def show() -> None:
    """The list, with the search above it."""
    st.title(say("customers.title"))
    wanted, trade, add = st.columns([3, 2, 1], vertical_alignment="bottom")
    search = wanted.text_input(say("customers.search"), placeholder=say("customers.search_hint"))
    industry = trade.text_input(say("customers.industry"))
    with add:
        if {"rep", "manager", "operations", "admin"} & set(me().roles):
            _show_new_customer()
    offset = page_offset("customers", search, industry)
    found = client().get(
        "/api/customers", Customers, search=search or None, industry=industry or None, limit=_PAGE_LENGTH, offset=offset
    )
    st.caption(say("customers.count", total=found.total))
    if not found.items:
        st.info(say("customers.none"), icon=":material/search_off:")
    for customer in found.items:
        show_customer_line(customer)
    show_pager("customers", found.total, _PAGE_LENGTH)


def _show_new_customer() -> None:
    with (
        st.popover(say("customers.add"), icon=":material/add:", width="stretch"),
        st.form("new_customer", border=False),
    ):
        sizes = client().get("/api/playbook", PlaybookView).customer_sizes
        name = st.text_input(say("field.name"))
        industry = st.text_input(say("field.industry"), placeholder=say("customers.industry_hint"))
        city = st.text_input(say("field.city"))
        size = st.selectbox(
            say("field.size"),
            sizes,
            index=None,
            placeholder=say("frame.choose"),
            format_func=lambda choice: choice.name,
        )
        situation = st.text_area(say("field.situation"), placeholder=say("customers.situation_hint"))
        is_distinct = st.checkbox(say("customers.is_distinct"))
        if st.form_submit_button(say("customers.save"), type="primary") and name:
            new = NewCustomer(
                name=name,
                industry=industry or None,
                city=city or None,
                size=size.code if size else None,
                situation=situation or None,
                is_distinct=is_distinct,
            )
            with told_problems():
                made = client().post("/api/customers", CustomerFacts, new)
                go("customer", made.id)


show()
