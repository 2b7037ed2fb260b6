"""Contracts, payment nodes and tickets of a customer."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from crm_core.customers.acting import Acting
from crm_core.customers.tables import Contract, Payment, Ticket


def contracts_of(acting: Acting, customer_id: UUID) -> Sequence[Contract]:
    """Latest first."""
    statement = select(Contract).where(Contract.customer_id == customer_id)
    return acting.session.scalars(statement.order_by(Contract.created_at.desc(), Contract.id)).all()


def payments_of(acting: Acting, customer_id: UUID) -> Sequence[Payment]:
    """The payment nodes of all contracts, in order of their due dates."""
    statement = select(Payment).join(Contract, Contract.id == Payment.contract_id)
    statement = statement.where(Contract.customer_id == customer_id).order_by(Payment.due_on, Payment.id)
    return acting.session.scalars(statement).all()


def tickets_of(acting: Acting, customer_id: UUID) -> Sequence[Ticket]:
    """Latest first."""
    statement = select(Ticket).where(Ticket.customer_id == customer_id)
    return acting.session.scalars(statement.order_by(Ticket.opened_at.desc(), Ticket.id)).all()
