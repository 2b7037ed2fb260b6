"""A case enters the library, is verified again from time to time, and leaves it."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.events import publish
from knowledge.cases.capture import method_codes
from knowledge.cases.errors import CaseDuplicate, CaseIncomplete, CaseStateForbids
from knowledge.cases.events import CaseCaptured, CaseRetired
from knowledge.cases.tables import Case, CaseEvidence
from knowledge.retrieval.tokens import bigrams

#: stories that share this much of their character pairs tell of one deal
SAME_STORY = 0.7
SHORTEST_STORY = 20
#: what a case must have, as it is called on the form
LABELS = {"story": "故事", "pain_points": "痛点", "key_actions": "关键动作", "methods": "方法标签", "evidence": "证据"}


def missing_for_publication(acting: Acting, case: Case) -> list[str]:
    """Codes of everything that a case still lacks: story, key_actions, methods, evidence, pain_points."""
    rules = acting.playbook.cases
    evidence = acting.session.scalar(
        select(func.count()).select_from(CaseEvidence).where(CaseEvidence.case_id == case.id)
    )
    checks = {
        "story": len(case.story) >= SHORTEST_STORY,
        "pain_points": bool(case.pain_points),
        "key_actions": len(case.key_actions) >= rules.minimum_key_actions,
        "methods": len(method_codes(acting, case)) >= rules.minimum_methods,
        "evidence": (evidence or 0) >= rules.minimum_evidence,
    }
    return [name for name, is_met in checks.items() if not is_met]


def publish_case(acting: Acting, case: Case) -> None:
    """Accept a draft into the library. Needs the right case.publish.

    Raises CaseStateForbids, CaseIncomplete with everything that is missing, CaseDuplicate.
    """
    acting.policy.require_right(acting.viewer, "case.publish")
    if case.status != "draft":
        raise CaseStateForbids(state=case.status)
    missing = missing_for_publication(acting, case)
    if missing:
        labels = "、".join(LABELS[name] for name in missing)
        raise CaseIncomplete(missing=", ".join(missing), missing_zh=labels)
    _refuse_duplicate(acting.session, case)
    case.status, case.published_at = "published", clock.now()
    _verify(acting, case)
    acting.session.flush()
    publish(acting.session, CaseCaptured(case.id, case.lead_id, case.rep_id))


def verify_case(acting: Acting, case: Case) -> None:
    """Somebody who publishes, or answers for the case, says that it still holds."""
    if case.owner_id != acting.person_id:
        acting.policy.require_right(acting.viewer, "case.publish")
    if case.status != "published":
        raise CaseStateForbids(state=case.status)
    _verify(acting, case)
    acting.session.flush()


def retire_case(acting: Acting, case: Case) -> None:
    """Take a case out of the library; it is kept, and no longer found or recommended."""
    acting.policy.require_right(acting.viewer, "case.publish")
    if case.status != "published":
        raise CaseStateForbids(state=case.status)
    case.status, case.changed_at = "retired", clock.now()
    acting.session.flush()
    publish(acting.session, CaseRetired(case.id))


def _verify(acting: Acting, case: Case) -> None:
    today = clock.today()
    case.verified_on = today
    case.expires_on = today + timedelta(days=acting.playbook.cases.verified_for_days)
    case.changed_at = clock.now()


def _refuse_duplicate(session: Session, case: Case) -> None:
    told = frozenset(bigrams(case.story))
    others = select(Case.id, Case.title, Case.story).where(Case.status == "published", Case.id != case.id)
    for other_id, title, story in session.execute(others):
        pairs = frozenset(bigrams(story))
        if told and len(told & pairs) / len(told | pairs) >= SAME_STORY:
            raise CaseDuplicate(case_id=other_id, title=title)
