"""Keeps what was shown and what came of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.errors import Invalid
from knowledge.cases.tables import Case
from knowledge.methods.library import register_use
from knowledge.recommendation.tables import RecommendationFeedback
from knowledge.retrieval.results import Hit

#: looking again within this time is one showing
ONE_SHOWING = timedelta(hours=12)


class FeedbackReasonMissing(Invalid):
    """Not useful says nothing to anyone without why."""

    code = "feedback_reason_missing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rep says of a recommended case."""

    kind: Literal["used", "not_useful"]
    reason: str | None = None
    #: of the case's methods, those that the rep uses with the lead
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UseCount:
    """How a case fared with those to whom it was shown."""

    shown: int = 0
    used: int = 0
    not_useful: int = 0


def note_shown(acting: Acting, customer_id: UUID, lead_id: UUID | None, hits: Sequence[Hit]) -> None:
    """Note which cases somebody is looking at for a customer, once for each look."""
    recently = select(RecommendationFeedback.case_id).where(
        RecommendationFeedback.person_id == acting.person_id,
        RecommendationFeedback.customer_id == customer_id,
        RecommendationFeedback.kind == "shown",
        RecommendationFeedback.told_at > clock.now() - ONE_SHOWING,
    )
    seen = {str(case_id) for case_id in acting.session.scalars(recently)}
    acting.session.add_all(
        RecommendationFeedback(
            person_id=acting.person_id,
            customer_id=customer_id,
            lead_id=lead_id,
            case_id=UUID(hit.case_id),
            kind="shown",
            place=place,
            score=hit.score,
            told_at=clock.now(),
        )
        for place, hit in enumerate(hits, start=1)
        if hit.case_id not in seen
    )


def give_feedback(
    acting: Acting, case: Case, verdict: Verdict, *, customer_id: UUID, lead_id: UUID | None
) -> RecommendationFeedback:
    """Keep a verdict; using methods with a lead is registered there and then. Raises FeedbackReasonMissing."""
    reason = (verdict.reason or "").strip() or None
    if verdict.kind == "not_useful" and reason is None:
        raise FeedbackReasonMissing
    feedback = RecommendationFeedback(
        person_id=acting.person_id,
        customer_id=customer_id,
        lead_id=lead_id,
        case_id=case.id,
        kind=verdict.kind,
        reason=reason,
        told_at=clock.now(),
    )
    acting.session.add(feedback)
    if verdict.kind == "used" and lead_id is not None:
        for code in verdict.methods:
            register_use(acting, lead_id, acting.person_id, code, case=case)
    acting.session.flush()
    return feedback


def use_counts(session: Session, case_ids: Collection[UUID]) -> dict[UUID, UseCount]:
    """How often each case was shown, used, and found not useful."""
    statement = (
        select(RecommendationFeedback.case_id, RecommendationFeedback.kind, func.count())
        .where(RecommendationFeedback.case_id.in_(case_ids))
        .group_by(RecommendationFeedback.case_id, RecommendationFeedback.kind)
    )
    counts: dict[UUID, dict[str, int]] = {}
    for case_id, kind, count in session.execute(statement):
        counts.setdefault(case_id, {})[kind] = count
    return {case_id: UseCount(**found) for case_id, found in counts.items()}
