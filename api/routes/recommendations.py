"""Three wins for the customer that a rep has open, and what became of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.case_views import CaseViews
from api.contracts.recommendations import FeedbackFacts, FeedbackRequest, RecommendationQuery, RecommendedCases
from api.dependencies import LocaleDep, ResourcesDep
from crm_core.customers.acting import Acting
from crm_core.customers.repository import find_customer
from crm_core.customers.tables import Customer
from crm_core.foundation.errors import Invalid
from crm_core.pipeline.repository import find_lead
from crm_core.pipeline.tables import Lead
from knowledge.cases.repository import find_case
from knowledge.cases.search_index import case_searches
from knowledge.encoding import configured_encoder
from knowledge.recommendation.feedback import Verdict, give_feedback, note_shown
from knowledge.recommendation.recommend import recommend

router = APIRouter(prefix="/api/recommendations", tags=["recommendations"])


class RecommendationTargetMissing(Invalid):
    """Neither a customer nor a lead was named."""

    code = "recommendation_target_missing"


@router.get("", response_model_exclude_unset=True)
def recommend_cases(
    wanted: Annotated[RecommendationQuery, Query()], acting: ActingDep, locale: LocaleDep, resources: ResourcesDep
) -> RecommendedCases:
    """Three won cases that look like this customer, with the methods that won them and why each was chosen."""
    customer, lead = _target(acting, wanted.customer_id, wanted.lead_id)
    search = case_searches.current(acting.session, acting.playbook, configured_encoder(resources.settings))
    found = recommend(acting, search, customer, lead)
    note_shown(acting, customer.id, lead.id if lead else None, found.hits)
    views = CaseViews(acting, locale)
    return RecommendedCases(
        items=views.found(found.hits),
        methods=[views.method(code) for code in found.methods],
        confidence=round(found.confidence, 3),
        is_confident=found.is_confident,
        is_degraded=found.is_degraded,
        top_rep_rule=views.top_rep_rule(),
    )


@router.post("/feedback", status_code=status.HTTP_201_CREATED)
def tell_feedback(told: FeedbackRequest, acting: ActingDep) -> FeedbackFacts:
    """Say that a recommended case was used, by which methods, or that it was not useful and why."""
    customer, lead = _target(acting, told.customer_id, told.lead_id)
    case = find_case(acting.session, acting.viewer, acting.policy, told.case_id)
    verdict = Verdict(told.kind, told.reason, tuple(told.methods))
    feedback = give_feedback(acting, case, verdict, customer_id=customer.id, lead_id=lead.id if lead else None)
    return FeedbackFacts(
        id=feedback.id,
        kind=feedback.kind,
        case_id=feedback.case_id,
        methods=told.methods if told.kind == "used" and lead else [],
    )


def _target(acting: Acting, customer_id: UUID | None, lead_id: UUID | None) -> tuple[Customer, Lead | None]:
    """The customer and the lead meant, both within the viewer's reach."""
    if lead_id is not None:
        lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
        return acting.session.get_one(Customer, lead.customer_id), lead
    if customer_id is None:
        raise RecommendationTargetMissing
    return find_customer(acting.session, acting.viewer, acting.policy, customer_id), None
