"""Finds hand-overs: those that are due, and what a viewer may see of one."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.repository import CUSTOMER_COLUMNS
from crm_core.customers.tables import Customer
from crm_core.people.tables import Person
from crm_core.pipeline.handover.belongings import Belonging, leavers_with_belongings
from crm_core.pipeline.handover.errors import HandoverNotFound
from crm_core.pipeline.handover.tables import Handover, HandoverItem
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead


def due_for_handover(session: Session, today: date) -> Sequence[UUID]:
    """Whose planned hand-over has come, and who left and holds something all the same."""
    planned = (
        select(Handover.person_id)
        .join(Person, Person.id == Handover.person_id)
        .where(Handover.finished_at.is_(None), Person.left_on == Handover.left_on, Person.left_on <= today)
    )
    return sorted({*session.scalars(planned), *leavers_with_belongings(session, today)})


def latest_handover(session: Session, person_id: UUID) -> Handover:
    """Raises HandoverNotFound."""
    latest = select(Handover).where(Handover.person_id == person_id).order_by(Handover.left_on.desc()).limit(1)
    handover = session.scalar(latest)
    if handover is None:
        raise HandoverNotFound(person_id=str(person_id))
    return handover


def items_of(
    acting: Acting, handover_id: UUID, *, kind: str | None, limit: int, offset: int
) -> tuple[Sequence[HandoverItem], int, Mapping[str, int]]:
    """A page of what was handed over, how many there are, and how many of each kind, all within reach."""
    within = and_(HandoverItem.handover_id == handover_id, _visible(acting))
    counted = select(HandoverItem.kind, func.count().label("items")).where(within).group_by(HandoverItem.kind)
    counts = {row.kind: row.items for row in acting.session.execute(counted)}
    wanted = within if kind is None else and_(within, HandoverItem.kind == kind)
    page = select(HandoverItem).where(wanted).order_by(HandoverItem.kind, HandoverItem.name, HandoverItem.id)
    items = acting.session.scalars(page.limit(limit).offset(offset)).all()
    return items, sum(counts.values()) if kind is None else counts.get(kind, 0), counts


def within_reach(acting: Acting, belongings: Sequence[Belonging]) -> Sequence[Belonging]:
    """Those that the viewer may see, of things that are not written down yet."""
    lead_ids = [one.lead_id for one in belongings if one.lead_id]
    customer_ids = [one.customer_id for one in belongings if one.customer_id]
    leads, customers = _visible_ids(acting)
    seen = {
        *acting.session.scalars(leads.where(Lead.id.in_(lead_ids))),
        *acting.session.scalars(customers.where(Customer.id.in_(customer_ids))),
    }
    return [one for one in belongings if {one.lead_id, one.customer_id} & seen or not (one.lead_id or one.customer_id)]


def _visible_ids(acting: Acting) -> tuple[Select[UUID], Select[UUID]]:
    return (
        select(Lead.id).where(acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)),
        select(Customer.id).where(acting.policy.visible(acting.viewer, "customer", CUSTOMER_COLUMNS)),
    )


def _visible(acting: Acting) -> ColumnElement[bool]:
    """Things of leads and customers that the viewer may see, and things of neither."""
    lead_ids, customer_ids = _visible_ids(acting)
    return or_(
        and_(HandoverItem.lead_id.is_(None), HandoverItem.customer_id.is_(None)),
        HandoverItem.lead_id.in_(lead_ids),
        HandoverItem.customer_id.in_(customer_ids),
    )
