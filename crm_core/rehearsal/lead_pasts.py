"""The leads that something happened to in a window, and what they held at any instant of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, func, literal, select, union
from sqlalchemy.orm import Session

from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.rehearsal.material import Window
from crm_core.rehearsal.pasts import Change, Pasts, Values, changes_since

#: columns of a lead that rules, gates and loads look at
LEAD_NAMES = (
    "customer_id",
    "region_id",
    "owner_id",
    "presales_id",
    "source",
    "product",
    "language",
    "amount",
    "margin",
    "expected_sign_on",
    "fields",
    "stage",
    "outcome",
)


class LeadPasts(Pasts):
    """The leads that were changed from the beginning of a window on, with those that arrived or moved in it."""

    def __init__(self, current: dict[UUID, Values], changes: dict[UUID, list[Change]], ids: Sequence[UUID]) -> None:
        super().__init__(current, changes)
        self.ids = ids


def lead_pasts(session: Session, window: Window) -> LeadPasts:
    """In two queries."""
    changes = changes_since(session, "leads", LEAD_NAMES, window.start)
    current = _current(session, changes.keys(), window.start)
    return LeadPasts(current, changes, sorted(current))


def _current(session: Session, touched: Collection[UUID], start: datetime) -> dict[UUID, Values]:
    """One list of ids, because conditions joined by OR are tried lead by lead."""
    wanted = union(
        select(func.unnest(literal(list(touched), ARRAY(Uuid())))),
        select(Lead.id).where(Lead.received_at >= start),
        select(StageMove.lead_id).where(StageMove.moved_at >= start),
        select(AssignmentDecision.lead_id).where(AssignmentDecision.decided_at >= start),
    )
    columns = [getattr(Lead, name) for name in LEAD_NAMES]
    statement = select(Lead.id, Lead.received_at, *columns).where(Lead.id.in_(wanted))
    return {row[0]: dict(zip(("received_at", *LEAD_NAMES), row[1:], strict=True)) for row in session.execute(statement)}
