"""The same change for many leads; each is changed or refused by itself, and the answer says which."""

from collections.abc import Callable

from fastapi import APIRouter

from api.acting import ActingDep
from api.contracts.bulk_edit import BulkEdit, BulkItem, BulkProblem, BulkResult, FieldsOfAll, OwnerOfAll
from api.dependencies import LocaleDep
from api.lead_requests import made_move, wanted_search
from api.problems import plain_parameters, problem
from crm_core.customers.acting import Acting
from crm_core.foundation.errors import ProductError
from crm_core.foundation.translations import Locale
from crm_core.people.access import Level
from crm_core.pipeline.assignment.manual import reassign
from crm_core.pipeline.bulk_edit import chosen_ids, edit_many
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.leads import update_lead
from crm_core.pipeline.tables import Lead

router = APIRouter(prefix="/api/leads", tags=["leads"])


@router.post("/bulk")
def edit_leads(wanted: BulkEdit, acting: ActingDep, locale: LocaleDep) -> BulkResult:
    """Change fields of up to 1,000 leads, give them to somebody, or move them through the gate one by one."""
    lead_ids = wanted.lead_ids or []
    if wanted.filter is not None:
        lead_ids = list(chosen_ids(acting, wanted_search(wanted.filter)))
    outcomes = edit_many(acting, lead_ids, _change(acting, wanted))
    shows_title = acting.policy.level(acting.viewer, "lead", "title") >= Level.READ
    items = [
        BulkItem(
            lead_id=outcome.lead_id,
            title=outcome.title if shows_title else None,
            problem=_told(outcome.problem, locale) if outcome.problem else None,
        )
        for outcome in outcomes
    ]
    refused = sum(item.problem is not None for item in items)
    return BulkResult(changed=len(items) - refused, refused=refused, items=items)


def _change(acting: Acting, wanted: BulkEdit) -> Callable[[Lead], object]:
    change = wanted.change
    if isinstance(change, FieldsOfAll):
        return lambda lead: update_lead(acting, lead, change.changes)
    if isinstance(change, OwnerOfAll):
        return lambda lead: reassign(acting, lead, change.owner_id, change.reason)
    return lambda lead: made_move(Gate(acting), lead, change.move)


def _told(refused: ProductError, locale: Locale) -> BulkProblem:
    return BulkProblem.model_validate(problem(refused.code, locale, plain_parameters(refused.parameters)))
