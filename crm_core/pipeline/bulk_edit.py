"""One change for many leads: each goes the way that a single lead goes, and is changed or refused by itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from crm_core.customers.acting import Acting
from crm_core.customers.errors import ChangedMeanwhile
from crm_core.foundation.errors import ProductError
from crm_core.pipeline.errors import BulkTooLarge, LeadNotFound
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.search import LeadSearch, matching_ids
from crm_core.pipeline.tables import Lead

#: more would hold the rows of one transaction for too long
LARGEST_BULK = 1_000


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of one lead; no problem: changed."""

    lead_id: UUID
    title: str | None
    problem: ProductError | None = None


def chosen_ids(acting: Acting, search: LeadSearch) -> Sequence[UUID]:
    """The leads that match. Raises BulkTooLarge, FieldForbidden."""
    return _within_limit(matching_ids(acting, search, limit=LARGEST_BULK + 1))


def edit_many(acting: Acting, lead_ids: Sequence[UUID], change: Callable[[Lead], object]) -> list[BulkOutcome]:
    """Change each lead in a savepoint of its own, so that a refusal undoes that lead alone. Raises BulkTooLarge."""
    return list(_outcomes(acting, _within_limit(list(dict.fromkeys(lead_ids))), change))


def _outcomes(acting: Acting, lead_ids: Sequence[UUID], change: Callable[[Lead], object]) -> Iterator[BulkOutcome]:
    visible = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)
    # in one order, so that two people who change the same leads wait for each other instead of blocking each other
    found = {lead.id: lead for lead in acting.session.scalars(select(Lead).where(Lead.id.in_(lead_ids), visible))}
    titles = {lead_id: lead.title for lead_id, lead in found.items()}
    for lead_id in sorted(lead_ids):
        lead = found.get(lead_id)
        problem = LeadNotFound(lead_id=lead_id) if lead is None else _refusal(acting, lead, change)
        yield BulkOutcome(lead_id, titles.get(lead_id), problem)


def _refusal(acting: Acting, lead: Lead, change: Callable[[Lead], object]) -> ProductError | None:
    try:
        with acting.session.begin_nested():
            change(lead)
    except ProductError as refused:
        return refused
    except StaleDataError:
        return ChangedMeanwhile(fields=["version"])
    return None


def _within_limit(lead_ids: Sequence[UUID]) -> Sequence[UUID]:
    if len(lead_ids) > LARGEST_BULK:
        raise BulkTooLarge(limit=LARGEST_BULK)
    return lead_ids
