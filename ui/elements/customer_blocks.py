"""The blocks of the customer page, each owned by a role: sales, presales, delivery, finance."""

from typing import Any
from uuid import UUID

import streamlit as st

from api.contracts.customers import (
    ContactFacts,
    CustomerChange,
    CustomerFacts,
    CustomerPage,
    CustomerValues,
    NewContact,
)
from api.contracts.leads import LeadDetail, NewLead
from api.contracts.playbook import PlaybookView
from api.contracts.timeline import EntryAdded, NewEntry
from ui.elements.display import day, moment, money, plain
from ui.elements.frame import told_problems
from ui.elements.links import go
from ui.session import client, say

#: which fields each block shows, in order
_BLOCKS = {
    "sales": ("situation", "products", "budget_range", "size", "source"),
    "presales": ("technical_solution",),
    "delivery": ("delivery_risks",),
    "finance": ("invoice_qualification",),
}
_LONG = frozenset({"situation", "technical_solution", "delivery_risks"})


def show_facts(page: CustomerPage, playbook: PlaybookView) -> None:
    """Four blocks with the fields that the viewer reads; a form where there is something to edit."""
    names = _choices(playbook)
    sales, others = st.columns(2)
    readable = page.facts.model_fields_set
    for block, fields in _BLOCKS.items():
        shown = [name for name in fields if name in readable]
        if not shown:
            continue
        with (sales if block == "sales" else others).container(border=True, gap="xsmall"):
            st.markdown(f"**{say(f'customer.block.{block}')}**")
            for name in shown:
                value = getattr(page.facts, name)
                st.caption(say(f"field.{name}"))
                st.text(names.get(name, {}).get(value, value) or "—")
    editable = [name for fields in _BLOCKS.values() for name in fields if name in page.editable]
    if editable:
        _show_edit(page, editable, names)


def _choices(playbook: PlaybookView) -> dict[str, dict[str, str]]:
    """By field, the closed lists that its values come from."""
    fields = [field for stage in playbook.stages for field in stage.fields]
    sources = next((field.choices for field in fields if field.code == "source"), [])
    return {
        "size": {choice.code: choice.name for choice in playbook.customer_sizes},
        "source": {choice.code: choice.name for choice in sources},
    }


def _show_edit(page: CustomerPage, names: list[str], choices: dict[str, dict[str, str]]) -> None:
    with st.expander(say("customer.edit"), icon=":material/edit:"), st.form("facts"):
        given = {name: _input(name, getattr(page.facts, name), choices.get(name)) for name in names}
        if not st.form_submit_button(say("customer.save"), type="primary"):
            return
    before = {name: getattr(page.facts, name) for name in names}
    changes = {name: value for name, value in given.items() if value != before[name]}
    if changes:
        change = CustomerChange(
            changes=CustomerValues(**changes), expected=CustomerValues(**{name: before[name] for name in changes})
        )
        with told_problems():
            client().patch(f"/api/customers/{page.facts.id}", CustomerFacts, change)
            st.rerun()


def _input(name: str, value: Any, choices: dict[str, str] | None) -> Any:
    label = say(f"field.{name}")
    if choices:
        # what an import brought stays among the choices, so that saving does not drop it
        codes = list(dict.fromkeys([*choices, *([value] if value else [])]))
        return st.selectbox(
            label,
            codes,
            index=codes.index(value) if value else None,
            placeholder=say("frame.choose"),
            format_func=lambda code: choices.get(code, code),
        )
    if name in _LONG:
        return st.text_area(label, value or "") or None
    return st.text_input(label, value or "") or None


def show_contacts(page: CustomerPage, playbook: PlaybookView) -> None:
    """The decision chain: who decides, who influences, who has been heard."""
    roles = {choice.code: choice.name for choice in playbook.decision_roles}
    for contact in page.contacts or []:
        with st.container(border=True):
            st.markdown(f"**{plain(contact.name)}** {plain(contact.title)}")
            with st.container(horizontal=True, gap="small"):
                if contact.decision_role:
                    st.badge(roles.get(contact.decision_role, contact.decision_role), color="blue")
                if contact.interviewed_at:
                    st.badge(say("customer.heard", moment=moment(contact.interviewed_at)), color="green")
                known = [contact.mobile, contact.email, contact.wechat]
                st.caption(plain(" · ".join(part for part in known if part)))
    with st.popover(say("customer.add_contact"), icon=":material/person_add:"), st.form("contact", border=False):
        name = st.text_input(say("field.contact_name"))
        title = st.text_input(say("field.title"))
        role = st.selectbox(
            say("field.decision_role"),
            list(roles),
            index=None,
            placeholder=say("frame.choose"),
            format_func=lambda code: roles[code],
        )
        mobile = st.text_input(say("field.mobile"))
        if st.form_submit_button(say("customer.save"), type="primary") and name:
            new = NewContact(name=name, title=title or None, decision_role=role, mobile=mobile or None)
            with told_problems():
                client().post(f"/api/customers/{page.facts.id}/contacts", ContactFacts, new)
                st.rerun()


def show_new_lead(customer_id: UUID) -> None:
    """A new opportunity with this customer."""
    with st.popover(say("customer.add_lead"), icon=":material/add:"), st.form("new_lead", border=False):
        title = st.text_input(say("field.lead_title"), placeholder=say("customer.lead_hint"))
        product = st.text_input(say("field.product"))
        if st.form_submit_button(say("customer.save"), type="primary") and title:
            values = {"product": product} if product else {}
            with told_problems():
                made = client().post(
                    "/api/leads", LeadDetail, NewLead(customer_id=customer_id, title=title, values=values)
                )
                go("lead", made.id)


def show_new_note(customer_id: UUID) -> None:
    """Something that happened, written down at once."""
    with st.form("note", clear_on_submit=True):
        kinds = ("note", "call", "visit", "message")
        kind = st.segmented_control(
            say("customer.kind"), kinds, default="note", format_func=lambda code: say(f"customer.kind_{code}")
        )
        summary = st.text_area(say("customer.what_happened"), height=80)
        if st.form_submit_button(say("customer.write")) and summary.strip() and kind:
            with told_problems():
                client().post(
                    f"/api/customers/{customer_id}/timeline",
                    EntryAdded,
                    NewEntry(kind=kind, channel="screen", summary=summary),
                )
                st.rerun()


def show_contracts(page: CustomerPage) -> None:
    """Contracts with their payment nodes; signed, invoiced and paid apart."""
    st.subheader(say("customer.contracts"))
    if page.contracts is None:
        st.caption(say("customer.not_yours"))
        return
    if not page.contracts:
        st.caption(say("customer.no_contracts"))
    for contract in page.contracts:
        with st.container(border=True):
            st.markdown(f"**{contract.number or ''}** {money(contract.amount)}")
            st.caption(say("customer.contract_dates", signed=day(contract.signed_on), ends=day(contract.ends_on)))
            for payment in contract.payments:
                state = "paid" if payment.paid_on else "invoiced" if payment.invoiced_on else "due"
                color = {"paid": "green", "invoiced": "blue", "due": "gray"}[state]
                st.badge(
                    say(f"customer.payment_{state}", amount=money(payment.amount), day=day(payment.due_on)),
                    color=color,  # type: ignore[arg-type]  # one of the literals above
                )


def show_tickets(page: CustomerPage) -> None:
    """Delivery and service, open ones first."""
    if page.tickets is None:
        return
    st.subheader(say("customer.tickets"))
    if not page.tickets:
        st.caption(say("customer.no_tickets"))
    for ticket in sorted(page.tickets, key=lambda one: one.closed_at is not None):
        state = say("customer.closed", moment=moment(ticket.closed_at)) if ticket.closed_at else say("customer.open")
        st.markdown(f"- {plain(ticket.title)} · {say('customer.due', day=day(ticket.due_on))} · {state}")
