"""A customer and what hangs on it as rows; leads have a module of their own."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal

from api.demo.loading.dated_rows import DatedRow, identity, optional_identity
from api.demo.records import Account, Activity, Contact, PlannedVisit, Task, Ticket
from api.demo.records import Contract as DemoContract
from api.demo.working_days import CHINA
from crm_core.customers import tables as customers
from crm_core.customers.company_names import company_pinyin
from crm_core.people.tables import Person, Region
from crm_core.pipeline.tables import Lead
from crm_core.work import tables as work


def customer_row(account: Account) -> DatedRow:
    """The customer itself."""
    customer = account.customer
    owner = identity(Person, customer.owner_code)
    values = {
        "id": identity(customers.Customer, customer.code),
        "created_at": customer.created_at,
        "name": customer.name,
        "name_pinyin": company_pinyin(customer.name),
        "industry": customer.customer_type,
        "size": customer.size,
        "region_id": identity(Region, customer.region_code),
        "owner_id": owner,
        "city": customer.city,
        "source": customer.source,
        "situation": customer.situation,
        "budget_range": customer.budget_range,
        "delivery_owner_id": optional_identity(Person, customer.delivery_owner_code),
        "invoice_qualification": customer.invoice_qualification,
        "products": customer.products,
    }
    return DatedRow(customers.Customer, values, customer.created_at, owner)


def contact_rows(contacts: Iterable[Contact], created_at: datetime, owner_code: str) -> Iterator[DatedRow]:
    for contact in contacts:
        values = {
            "id": identity(customers.Contact, contact.code),
            "created_at": created_at,
            "customer_id": identity(customers.Customer, contact.customer_code),
            "name": contact.name,
            "title": contact.title,
            "decision_role": contact.decision_role,
            "mobile": contact.mobile,
            "email": contact.email,
            "interviewed_at": contact.interviewed_at,
        }
        yield DatedRow(customers.Contact, values, created_at, identity(Person, owner_code))


def activity_rows(activities: Iterable[Activity], customer_code: str) -> Iterator[DatedRow]:
    """What was logged, on the timeline; the minutes and the kind of work are kept in its details."""
    for activity in activities:
        by = identity(Person, activity.by)
        values = {
            "id": identity(customers.TimelineEntry, activity.code),
            "created_at": activity.at,
            "customer_id": identity(customers.Customer, customer_code),
            "lead_id": optional_identity(Lead, activity.lead_code),
            "occurred_at": activity.at,
            "kind": activity.kind,
            "channel": activity.channel,
            "actor_id": by,
            "summary": activity.summary,
            "code": None,
            "details": {"minutes": activity.minutes, "work": activity.work},
            "external_key": activity.code,
        }
        yield DatedRow(customers.TimelineEntry, values, activity.at, by)


def commerce_rows(account: Account) -> Iterator[DatedRow]:
    """Contracts with their payment nodes, and tickets."""
    code, owner = account.customer.code, account.customer.owner_code
    for contract in account.contracts:
        yield from _contract(contract, code, None, owner)
    for lead in account.leads:
        if lead.contract:
            yield from _contract(lead.contract, code, lead.code, lead.owner_code)
    yield from _tickets(account.tickets, code)


def commerce_order(row: DatedRow) -> tuple[str, bool]:
    """Contracts, payments, tickets; a contract that is renewed comes after the one that renews it."""
    return row.kind.__tablename__, row.values.get("renewed_by_id") is not None


def _contract(contract: DemoContract, customer_code: str, lead_code: str | None, by_code: str) -> Iterator[DatedRow]:
    at, by = _noon(contract.signed_on), identity(Person, by_code)
    contract_id = identity(customers.Contract, contract.number)
    values = {
        "id": contract_id,
        "created_at": at,
        "customer_id": identity(customers.Customer, customer_code),
        "lead_id": optional_identity(Lead, lead_code),
        "number": contract.number,
        "status": contract.status,
        "amount": Decimal(contract.amount),
        "signed_on": contract.signed_on,
        "starts_on": contract.starts_on,
        "ends_on": contract.ends_on,
        "renewed_by_id": optional_identity(customers.Contract, contract.renewed_by),
    }
    yield DatedRow(customers.Contract, values, at, by)
    for place, payment in enumerate(contract.payments):
        payment_values = {
            "id": identity(customers.Payment, f"{contract.number}-{place}"),
            "created_at": at,
            "contract_id": contract_id,
            "due_on": payment.due_on,
            "amount": Decimal(payment.amount),
            "invoiced_on": payment.invoiced_on,
            "paid_on": payment.paid_on,
        }
        yield DatedRow(customers.Payment, payment_values, at, by)


def _tickets(tickets: Iterable[Ticket], customer_code: str) -> Iterator[DatedRow]:
    for ticket in tickets:
        values = {
            "id": identity(customers.Ticket, ticket.number),
            "created_at": ticket.opened_at,
            "customer_id": identity(customers.Customer, customer_code),
            "number": ticket.number,
            "kind": ticket.kind,
            "title": ticket.title,
            "opened_at": ticket.opened_at,
            "due_on": ticket.due_on,
            "closed_at": ticket.closed_at,
        }
        yield DatedRow(customers.Ticket, values, ticket.opened_at)


def task_rows(tasks: Iterable[Task], customer_code: str) -> Iterator[DatedRow]:
    """Open tasks of the scripted customers."""
    for place, task in enumerate(tasks):
        values = {
            "id": identity(work.Task, f"{task.lead_code}-{place}"),
            "created_at": task.created_at,
            "assignee_id": identity(Person, task.assignee_code),
            "customer_id": identity(customers.Customer, customer_code),
            "lead_id": identity(Lead, task.lead_code),
            "kind": task.kind,
            "title": task.title,
            "parameters": {},
            "due_at": task.due_at,
            "status": "open",
        }
        yield DatedRow(work.Task, values, task.created_at)


def visit_rows(visits: Iterable[PlannedVisit], customer_code: str) -> Iterator[DatedRow]:
    """Visits to come."""
    for visit in visits:
        owner = identity(Person, visit.owner_code)
        values = {
            "id": identity(work.Visit, visit.lead_code),
            "created_at": visit.created_at,
            "customer_id": identity(customers.Customer, customer_code),
            "lead_id": identity(Lead, visit.lead_code),
            "owner_id": owner,
            "planned_at": visit.planned_at,
            "purpose": visit.purpose,
        }
        yield DatedRow(work.Visit, values, visit.created_at, owner)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), CHINA)
