"""The people at a customer and their parts in its decision chain."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm_core.customers.acting import Acting
from crm_core.customers.errors import FieldUnknown, FieldValueInvalid
from crm_core.customers.tables import Contact

CONTACT_FIELDS = ("name", "title", "decision_role", "mobile", "email", "wechat", "interviewed_at")


def add_contact(acting: Acting, customer_id: UUID, values: Mapping[str, Any]) -> Contact:
    """A new contact at a customer that the viewer has found."""
    given = {name: value for name, value in values.items() if value is not None}
    _check(acting, given)
    contact = Contact(customer_id=customer_id, **given)
    acting.session.add(contact)
    acting.session.flush()
    return contact


def update_contact(acting: Acting, contact: Contact, changes: Mapping[str, Any]) -> Contact:
    _check(acting, changes)
    for name, value in changes.items():
        setattr(contact, name, value)
    acting.session.flush()
    return contact


def contacts_of(acting: Acting, customer_id: UUID) -> Sequence[Contact]:
    """Everyone at a customer, oldest acquaintance first."""
    statement = select(Contact).where(Contact.customer_id == customer_id).order_by(Contact.created_at, Contact.id)
    return acting.session.scalars(statement).all()


def _check(acting: Acting, values: Mapping[str, Any]) -> None:
    unknown = sorted(set(values) - set(CONTACT_FIELDS))
    if unknown:
        raise FieldUnknown(fields=", ".join(unknown))
    acting.policy.require_editable(acting.viewer, "contact", values)
    if "name" in values and not (values["name"] or "").strip():
        raise FieldValueInvalid(field="name", value=values["name"], problem="empty")
    role = values.get("decision_role")
    roles = [known.code for known in acting.playbook.decision_roles]
    if role is not None and role not in roles:
        raise FieldValueInvalid(field="decision_role", value=role, problem=f"one of {', '.join(roles)}")
