"""Checking what has been uploaded."""

from dataclasses import dataclass
from uuid import UUID

from crm_core.customers.documents import record_verdict
from crm_core.customers.tables import Customer, Document
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.events import publish
from crm_core.foundation.jobs import job
from crm_core.foundation.resources import Resources
from qa.check import RequestedParameter
from qa.events import DocumentChecked
from qa.judgement import Judgement, Question, judge
from qa.repository import is_latest, taught_aliases
from qa.tables import DocumentCheck

_ORIGIN = Origin(channel="job")


@dataclass(frozen=True, slots=True)
class _Assignment:
    check_id: UUID
    question: Question


@job("check_document_quality")
def check_document_quality(resources: Resources, check_id: str) -> None:
    """Judge one document; a check that is done stays as it is."""
    assignment = _begin(resources, UUID(check_id))
    if assignment is not None:
        _finish(resources, assignment.check_id, judge(assignment.question))


def _begin(resources: Resources, check_id: UUID) -> _Assignment | None:
    with resources.database.transaction(_ORIGIN) as session:
        check = session.get(DocumentCheck, check_id, with_for_update=True)
        if check is None or check.status == "done":
            return None
        check.status = "running"
        document = session.get_one(Document, check.document_id)
        question = Question(
            path=resources.files.path(check.sha256),
            name=document.name,
            kind=document.kind,
            customer=session.get_one(Customer, check.customer_id).name,
            requested=tuple(RequestedParameter(**each) for each in check.requested),
            own_product=check.own_product,
            aliases=taught_aliases(session),
        )
        return _Assignment(check.id, question)


def _finish(resources: Resources, check_id: UUID, judgement: Judgement) -> None:
    with resources.database.transaction(_ORIGIN) as session:
        check = session.get_one(DocumentCheck, check_id, with_for_update=True)
        if check.status == "done":
            return
        check.status = "done"
        check.verdict = judgement.verdict
        check.reasons = list(judgement.reasons)
        check.findings = judgement.findings_as_json()
        check.detected_kind = judgement.detected_kind
        check.names_customer = judgement.names_customer
        check.warnings = list(judgement.warnings)
        check.finished_at = clock.now()
        if is_latest(session, check):
            record_verdict(session.get_one(Document, check.document_id), judgement.verdict, judgement.reasons)
        unmet = tuple(finding.name for finding in judgement.findings if not finding.is_covered)
        publish(session, DocumentChecked(check.id, check.document_id, check.lead_id, judgement.verdict, unmet))
