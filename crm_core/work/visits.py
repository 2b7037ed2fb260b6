"""Planned and held meetings with customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, func, null, select, type_coerce

from crm_core.customers.acting import Acting
from crm_core.customers.timeline import Happening, append, channel_of
from crm_core.foundation import clock
from crm_core.people.access import RecordColumns
from crm_core.work.errors import VisitHeld, VisitNotFound
from crm_core.work.tables import Visit

VISIT_COLUMNS = RecordColumns(Visit.owner_id, type_coerce(null(), Uuid))


@dataclass(frozen=True, slots=True)
class VisitPlan:
    customer_id: UUID
    planned_at: datetime
    purpose: str
    lead_id: UUID | None = None


def plan_visit(acting: Acting, plan: VisitPlan) -> Visit:
    """A visit of one's own to a customer that the viewer has found."""
    acting.policy.require_editable(acting.viewer, "visit", ["planned_at"])
    visit = Visit(
        customer_id=plan.customer_id,
        lead_id=plan.lead_id,
        owner_id=acting.person_id,
        planned_at=plan.planned_at,
        purpose=plan.purpose,
    )
    acting.session.add(visit)
    acting.session.flush()
    return visit


def hold_visit(acting: Acting, visit_id: UUID, *, held_at: datetime | None, summary: str) -> Visit:
    """The visit has taken place; it goes on the customer's timeline. Raises VisitNotFound, VisitHeld."""
    acting.policy.require_editable(acting.viewer, "visit", ["held_at"])
    visible = acting.policy.visible(acting.viewer, "visit", VISIT_COLUMNS)
    visit = acting.session.scalar(select(Visit).where(Visit.id == visit_id, visible).with_for_update())
    if visit is None:
        raise VisitNotFound(visit_id=visit_id)
    if visit.held_at is not None:
        raise VisitHeld(held_at=visit.held_at)
    visit.held_at, visit.summary = held_at or clock.now(), summary
    append(
        acting.session,
        Happening(
            customer_id=visit.customer_id,
            lead_id=visit.lead_id,
            kind="visit",
            channel=channel_of(acting.session),
            occurred_at=visit.held_at,
            actor_id=visit.owner_id,
            summary=summary,
            external_key=f"visit:{visit.id}",
        ),
    )
    acting.session.flush()
    return visit


def list_visits(acting: Acting, *, limit: int = 50, offset: int = 0) -> tuple[Sequence[Visit], int]:
    """A page of the visits within reach, the next ones first, and how many there are."""
    condition = acting.policy.visible(acting.viewer, "visit", VISIT_COLUMNS)
    total = acting.session.scalar(select(func.count()).select_from(Visit).where(condition)) or 0
    statement = select(Visit).where(condition).order_by(Visit.planned_at.desc(), Visit.id)
    return acting.session.scalars(statement.limit(limit).offset(offset)).all(), total
