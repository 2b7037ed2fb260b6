"""Finds customers and what hangs on them, for one viewer."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import any_, column, select, table
from sqlalchemy.orm import Session

from crm_core.customers.errors import ContactNotFound, CustomerNotFound, DocumentNotFound
from crm_core.customers.tables import Contact, Customer, Document
from crm_core.people.access import AccessPolicy, RecordColumns
from crm_core.people.viewer import Viewer

#: the leads of a customer; who works on one sees the customer too. Their own room stands above this one.
_LEADS = table("leads", column("customer_id"), column("owner_id"), column("presales_id"))


def _anyone_on_its_leads(column_name: str) -> Any:
    return any_(select(_LEADS.c[column_name]).where(_LEADS.c.customer_id == Customer.id).scalar_subquery())


CUSTOMER_COLUMNS = RecordColumns(
    Customer.owner_id,
    Customer.region_id,
    (Customer.delivery_owner_id, _anyone_on_its_leads("owner_id"), _anyone_on_its_leads("presales_id")),
)


def find_customer(session: Session, viewer: Viewer, policy: AccessPolicy, customer_id: UUID) -> Customer:
    """A customer that the viewer may see. Raises CustomerNotFound."""
    visible = policy.visible(viewer, "customer", CUSTOMER_COLUMNS)
    customer = session.scalar(select(Customer).where(Customer.id == customer_id, visible))
    if customer is None:
        raise CustomerNotFound(customer_id=customer_id)
    return customer


def find_contact(session: Session, viewer: Viewer, policy: AccessPolicy, contact_id: UUID) -> Contact:
    """A contact at a customer that the viewer may see. Raises ContactNotFound."""
    visible = policy.visible(viewer, "customer", CUSTOMER_COLUMNS)
    statement = select(Contact).join(Customer, Customer.id == Contact.customer_id).where(Contact.id == contact_id)
    contact = session.scalar(statement.where(visible))
    if contact is None:
        raise ContactNotFound(contact_id=contact_id)
    return contact


def find_document(session: Session, viewer: Viewer, policy: AccessPolicy, document_id: UUID) -> Document:
    """A document of a customer that the viewer may see, if the role reads documents. Raises DocumentNotFound."""
    visible = policy.visible(viewer, "customer", CUSTOMER_COLUMNS)
    statement = select(Document).join(Customer, Customer.id == Document.customer_id).where(Document.id == document_id)
    document = session.scalar(statement.where(visible))
    if document is None:
        raise DocumentNotFound(document_id=document_id)
    policy.require_readable(viewer, "document", ["name"])
    return document


def documents_of(session: Session, customer_id: UUID, lead_id: UUID | None = None) -> Sequence[Document]:
    """All documents of a customer, or of one of its leads, latest first."""
    statement = select(Document).where(Document.customer_id == customer_id)
    if lead_id is not None:
        statement = statement.where(Document.lead_id == lead_id)
    return session.scalars(statement.order_by(Document.created_at.desc(), Document.id.desc())).all()
