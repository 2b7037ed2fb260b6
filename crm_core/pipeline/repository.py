"""Finds leads, for one viewer."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm_core.customers.tables import Customer
from crm_core.people.access import AccessPolicy, RecordColumns
from crm_core.people.pool_reach import PoolColumns
from crm_core.people.viewer import Viewer
from crm_core.pipeline.errors import LeadNotFound
from crm_core.pipeline.tables import Lead


def _of_customer(column: InstrumentedAttribute[UUID | None]) -> ScalarSelect[UUID | None]:
    """A column of the lead's customer, in whatever statement about leads it stands."""
    return select(column).where(Customer.id == Lead.customer_id).correlate(Lead).scalar_subquery()


#: the delivery owner of a customer sees its leads as their own
_DELIVERY_OWNER = _of_customer(Customer.delivery_owner_id)

_CUSTOMER_REGION = _of_customer(Customer.region_id)

LEAD_COLUMNS = RecordColumns(Lead.owner_id, Lead.region_id, (Lead.presales_id, _DELIVERY_OWNER))
#: also what waits in the viewer's claim pools: to look at and to take, not to work on before it is taken
WAITING_LEAD_COLUMNS = replace(
    LEAD_COLUMNS,
    waiting=PoolColumns(Lead.pool, Lead.owner_id, func.coalesce(Lead.region_id, _CUSTOMER_REGION), Lead.language),
)


def find_lead(session: Session, viewer: Viewer, policy: AccessPolicy, lead_id: UUID) -> Lead:
    """A lead that the viewer may see. Raises LeadNotFound."""
    statement = select(Lead).where(Lead.id == lead_id, policy.visible(viewer, "lead", LEAD_COLUMNS))
    lead = session.scalar(statement)
    if lead is None:
        raise LeadNotFound(lead_id=lead_id)
    return lead
