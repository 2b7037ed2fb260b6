"""Customers: the list, one page about each, contacts, and the history of every field."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.contracts.customers import (
    ContactFacts,
    Contacts,
    ContactValues,
    ContractFacts,
    CustomerChange,
    CustomerFacts,
    CustomerPage,
    CustomerQuery,
    Customers,
    FieldChangeFacts,
    FieldHistory,
    NewContact,
    NewCustomer,
    PaymentFacts,
    TicketFacts,
)
from api.dependencies import LocaleDep
from api.presenting import Presenter
from crm_core.customers.acting import Acting
from crm_core.customers.commerce import contracts_of, payments_of, tickets_of
from crm_core.customers.contacts import CONTACT_FIELDS, add_contact, contacts_of, update_contact
from crm_core.customers.field_history import field_changes
from crm_core.customers.profiles import CUSTOMER_FIELDS, create_customer, update_customer
from crm_core.customers.repository import documents_of, find_contact, find_customer
from crm_core.customers.search import CustomerSearch, search_customers
from crm_core.customers.tables import Contact
from crm_core.customers.timeline import timeline_page
from crm_core.foundation.translations import Locale
from crm_core.pipeline.search import leads_of_customer
from crm_core.work.tasks import tasks_of_customer

router = APIRouter(prefix="/api/customers", tags=["customers"])

_CONTRACT_COLUMNS = ("lead_id", "number", "status", "amount", "signed_on", "starts_on", "ends_on", "renewed_by_id")
_PAYMENT_COLUMNS = ("contract_id", "due_on", "amount", "invoiced_on", "paid_on")
_TICKET_COLUMNS = ("number", "kind", "title", "opened_at", "due_on", "closed_at")
_FILTERS = ("industry", "size", "city", "region_id", "owner_id")
_TIMELINE_START = 20


@router.get("", response_model_exclude_unset=True)
def list_customers(wanted: Annotated[CustomerQuery, Query()], acting: ActingDep, locale: LocaleDep) -> Customers:
    """Customers within reach; search by name, pinyin (lvneng) or initials (ln)."""
    search = CustomerSearch(
        words=wanted.search,
        filters={name: getattr(wanted, name) for name in _FILTERS if getattr(wanted, name) is not None},
        sort=wanted.sort,
        is_descending=wanted.order == "descending",
        limit=wanted.limit,
        offset=wanted.offset,
    )
    customers, total = search_customers(acting, search)
    return Customers(items=Presenter(acting, locale).customers(customers), total=total)


@router.post("", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def add_customer(new: NewCustomer, acting: ActingDep, locale: LocaleDep) -> CustomerFacts:
    """A new customer; one whose name is that of another but for a slip is refused unless said to be distinct."""
    values = new.model_dump(exclude_unset=True, exclude={"is_distinct"})
    customer = create_customer(acting, values, is_distinct=new.is_distinct)
    return Presenter(acting, locale).customers([customer])[0]


@router.get("/{customer_id}", response_model_exclude_unset=True)
def show_customer(customer_id: UUID, acting: ActingDep, locale: LocaleDep) -> CustomerPage:
    """Everything about a customer that the viewer's role reads, on one page."""
    customer = find_customer(acting.session, acting.viewer, acting.policy, customer_id)
    presenter = Presenter(acting, locale)
    blocks: dict[str, object] = {}
    if presenter.reads("contact", "name"):
        blocks["contacts"] = [_contact(presenter, contact) for contact in contacts_of(acting, customer_id)]
    if presenter.reads("document", "name"):
        blocks["documents"] = presenter.documents(documents_of(acting.session, customer_id))
    if presenter.reads("contract", "number"):
        blocks["contracts"] = _contracts(presenter, customer_id)
    if presenter.reads("ticket", "number"):
        rows = tickets_of(acting, customer_id)
        blocks["tickets"] = [TicketFacts(**presenter.shown("ticket", row, _TICKET_COLUMNS)) for row in rows]
    if presenter.reads("timeline_entry", "summary"):
        entries, blocks["timeline_total"] = timeline_page(acting, customer_id, limit=_TIMELINE_START)
        blocks["timeline"] = presenter.entries(entries)
    return CustomerPage.model_validate(
        {
            "facts": presenter.customers([customer])[0],
            "editable": acting.policy.editable(acting.viewer, "customer", CUSTOMER_FIELDS),
            "leads": presenter.leads(leads_of_customer(acting, customer_id)),
            "tasks": presenter.tasks(tasks_of_customer(acting, customer_id)),
            **blocks,
        }
    )


@router.patch("/{customer_id}", response_model_exclude_unset=True)
def change_customer(customer_id: UUID, change: CustomerChange, acting: ActingDep, locale: LocaleDep) -> CustomerFacts:
    """Write fields; a field that somebody else has changed meanwhile is refused when `expected` tells the old value."""
    customer = find_customer(acting.session, acting.viewer, acting.policy, customer_id)
    changes = change.changes.model_dump(exclude_unset=True)
    expected = change.expected.model_dump(exclude_unset=True)
    return Presenter(acting, locale).customers([update_customer(acting, customer, changes, expected)])[0]


@router.get("/{customer_id}/history")
def customer_history(customer_id: UUID, acting: ActingDep, locale: LocaleDep) -> FieldHistory:
    """Every change of every field that the viewer may read, latest first."""
    find_customer(acting.session, acting.viewer, acting.policy, customer_id)
    return history_of(acting, locale, "customer", customer_id)


@router.get("/{customer_id}/contacts", response_model_exclude_unset=True)
def list_contacts(customer_id: UUID, acting: ActingDep, locale: LocaleDep) -> Contacts:
    """The people at a customer."""
    find_customer(acting.session, acting.viewer, acting.policy, customer_id)
    acting.policy.require_readable(acting.viewer, "contact", ["name"])
    presenter = Presenter(acting, locale)
    items = [_contact(presenter, contact) for contact in contacts_of(acting, customer_id)]
    return Contacts(items=items, total=len(items))


@router.post("/{customer_id}/contacts", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def create_contact(customer_id: UUID, new: NewContact, acting: ActingDep, locale: LocaleDep) -> ContactFacts:
    """A new contact and their part in the decision chain."""
    find_customer(acting.session, acting.viewer, acting.policy, customer_id)
    contact = add_contact(acting, customer_id, new.model_dump(exclude_unset=True))
    return _contact(Presenter(acting, locale), contact)


@router.patch("/contacts/{contact_id}", response_model_exclude_unset=True)
def change_contact(contact_id: UUID, change: ContactValues, acting: ActingDep, locale: LocaleDep) -> ContactFacts:
    """Write fields of a contact."""
    contact = find_contact(acting.session, acting.viewer, acting.policy, contact_id)
    update_contact(acting, contact, change.model_dump(exclude_unset=True))
    return _contact(Presenter(acting, locale), contact)


def history_of(acting: Acting, locale: Locale, record: str, record_id: UUID) -> FieldHistory:
    """The readable history of a customer or lead that the viewer has found."""
    changes = field_changes(acting, record, record_id)
    names = Presenter(acting, locale).people_names(change.actor_id for change in changes)
    items = [
        FieldChangeFacts(
            field=change.field,
            old=change.old,
            new=change.new,
            changed_at=change.changed_at,
            actor_id=change.actor_id,
            actor_name=names.get(change.actor_id) if change.actor_id else None,
            channel=change.channel,
        )
        for change in changes
    ]
    return FieldHistory(items=items, total=len(items))


def _contact(presenter: Presenter, contact: Contact) -> ContactFacts:
    return ContactFacts(**presenter.shown("contact", contact, CONTACT_FIELDS))


def _contracts(presenter: Presenter, customer_id: UUID) -> list[ContractFacts]:
    payments = payments_of(presenter.acting, customer_id) if presenter.reads("payment", "due_on") else ()
    return [
        ContractFacts(
            **presenter.shown("contract", contract, _CONTRACT_COLUMNS),
            payments=[
                PaymentFacts(**presenter.shown("payment", payment, _PAYMENT_COLUMNS))
                for payment in payments
                if payment.contract_id == contract.id
            ],
        )
        for contract in contracts_of(presenter.acting, customer_id)
    ]
