"""Lists decisions for one viewer."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy import Row, func, select

from crm_core.customers.acting import Acting
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """What is left empty is not filtered by."""

    cause: str | None = None
    outcome: str | None = None
    pool: str | None = None
    rule: str | None = None
    owner_id: UUID | None = None


def search_decisions(
    acting: Acting, wanted: DecisionFilter, *, limit: int, offset: int
) -> tuple[Sequence[Row[AssignmentDecision, str]], int]:
    """Decisions about leads within reach with their titles, latest first; and how many there are."""
    acting.policy.require_readable(acting.viewer, "lead", ["owner_id", "title"])
    visible = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)
    named = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    conditions = [getattr(AssignmentDecision, name) == value for name, value in named.items() if value is not None]
    matching = select(AssignmentDecision, Lead.title).join(Lead, Lead.id == AssignmentDecision.lead_id)
    matching = matching.where(visible, *conditions)
    total = acting.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    order = matching.order_by(AssignmentDecision.decided_at.desc(), AssignmentDecision.id.desc())
    return acting.session.execute(order.limit(limit).offset(offset)).all(), total


def waiting_count(acting: Acting) -> int:
    """Open leads within reach that nobody owns."""
    visible = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)
    waiting = select(func.count()).select_from(Lead).where(Lead.owner_id.is_(None), Lead.outcome == "open", visible)
    return acting.session.scalar(waiting) or 0
