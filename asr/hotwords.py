"""Names that are likely to be said about a lead, for the recogniser to listen for."""

import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.customers.tables import Contact, Customer
from crm_core.pipeline.tables import Lead

_SEPARATORS = re.compile(r"[,，、;；/\n]+")
# "王" alone would be heard everywhere.
_SHORTEST_NAME = 2


def hotwords_of(session: Session, lead_id: UUID) -> tuple[str, ...]:
    """Products first, for they are what models mishear most; then the customer and its people. Each name once."""
    lead = session.get_one(Lead, lead_id)
    customer = session.get_one(Customer, lead.customer_id)
    people = session.scalars(
        select(Contact.name).where(Contact.customer_id == customer.id).order_by(Contact.created_at)
    )
    listed = _SEPARATORS.split(f"{lead.product or ''},{customer.products or ''}")
    names = [*listed, customer.name, *people]
    return tuple(dict.fromkeys(name.strip() for name in names if len(name.strip()) >= _SHORTEST_NAME))
