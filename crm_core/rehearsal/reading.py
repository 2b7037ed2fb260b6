"""Finds rehearsals, and the list behind each of their figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.errors import Conflict, NotFound
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead
from crm_core.process.tables import Rehearsal
from crm_core.rehearsal.tables import RehearsalFinding


class RehearsalNotFound(NotFound):
    code = "rehearsal_not_found"


class RehearsalNotDone(Conflict):
    """There is nothing to have seen yet; parameters: status."""

    code = "rehearsal_not_done"


@dataclass(frozen=True, slots=True)
class FindingSearch:
    """Which findings of a rehearsal; `changes` none: all of the kind, `codes` all must hold."""

    kind: str
    changes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    old_owner_id: UUID | None = None
    new_owner_id: UUID | None = None
    is_changed: bool | None = None
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FoundLead:
    """A finding, and the lead that it speaks of."""

    finding: RehearsalFinding
    lead: Lead


def find_rehearsal(acting: Acting, rehearsal_id: UUID) -> Rehearsal:
    """Raises RightMissing, RehearsalNotFound."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    rehearsal = acting.session.get(Rehearsal, rehearsal_id)
    if rehearsal is None:
        raise RehearsalNotFound(rehearsal_id=rehearsal_id)
    return rehearsal


def rehearsals_of(acting: Acting, draft_id: UUID) -> Sequence[Rehearsal]:
    """Of one draft, latest first. Raises RightMissing."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    of_draft = select(Rehearsal).where(Rehearsal.draft_id == draft_id)
    return acting.session.scalars(of_draft.order_by(Rehearsal.created_at.desc(), Rehearsal.id.desc())).all()


def mark_seen(acting: Acting, rehearsal_id: UUID) -> Rehearsal:
    """Somebody has looked at the finished result; the first one counts. Raises RehearsalNotDone."""
    rehearsal = find_rehearsal(acting, rehearsal_id)
    acting.session.refresh(rehearsal, with_for_update=True)
    if rehearsal.status != "done":
        raise RehearsalNotDone(status=rehearsal.status)
    if rehearsal.seen_at is None:
        rehearsal.seen_by, rehearsal.seen_at = acting.person_id, clock.now()
        acting.session.flush()
    return rehearsal


def find_findings(acting: Acting, rehearsal_id: UUID, search: FindingSearch) -> tuple[list[FoundLead], int]:
    """A page of findings about leads that the viewer may see, in the order of time; and how many there are.

    Raises RightMissing, RehearsalNotFound, FieldForbidden.
    """
    find_rehearsal(acting, rehearsal_id)
    acting.policy.require_readable(acting.viewer, "lead", ["stage", "owner_id"])
    matching = _matching(acting, rehearsal_id, search)
    total = acting.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    page = matching.order_by(RehearsalFinding.happened_at, RehearsalFinding.lead_id, RehearsalFinding.id)
    rows = acting.session.execute(page.limit(search.limit).offset(search.offset))
    return [FoundLead(finding, lead) for finding, lead in rows], total


def _matching(acting: Acting, rehearsal_id: UUID, search: FindingSearch) -> Select[RehearsalFinding, Lead]:
    finding = RehearsalFinding
    conditions: list[ColumnElement[bool]] = [finding.rehearsal_id == rehearsal_id, finding.kind == search.kind]
    if search.changes:
        conditions.append(finding.change.in_(search.changes))
    if search.is_changed is not None:
        conditions.append((finding.change != "same") if search.is_changed else (finding.change == "same"))
    if search.codes:
        conditions.append(finding.codes.contains(list(search.codes)))
    if search.old_owner_id is not None:
        conditions.append(finding.old_owner_id == search.old_owner_id)
    if search.new_owner_id is not None:
        conditions.append(finding.new_owner_id == search.new_owner_id)
    visible = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)
    return select(finding, Lead).join(Lead, Lead.id == finding.lead_id).where(visible, *conditions)
