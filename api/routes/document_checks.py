"""Document checks: asked for, shown, accepted by a manager with a reason."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, status
from pydantic import Json

from api.acting import ActingDep
from api.contracts.document_checks import (
    CheckOverride,
    CheckReason,
    CheckRequest,
    DocumentCheckFacts,
    DocumentChecks,
    FindingFacts,
)
from api.contracts.paging import Offset
from api.dependencies import LocaleDep, ResourcesDep
from api.document_checking import parameters_of_lead
from api.routes.documents import IncomingDep
from crm_core.customers.acting import Acting
from crm_core.customers.documents import Upload, add_document
from crm_core.customers.repository import find_document
from crm_core.customers.tables import Document
from crm_core.foundation.translations import Locale, translate
from crm_core.pipeline.repository import find_lead
from qa.check import RequestedParameter
from qa.repository import checks_of_lead, find_check
from qa.submissions import Override, override_check, request_check
from qa.tables import DocumentCheck

router = APIRouter(prefix="/api", tags=["document checks"])

_COLUMNS = tuple(column.key for column in DocumentCheck.__table__.columns if column.key != "sha256")


@dataclass(frozen=True, slots=True)
class IncomingCheck:
    """A file on its way in, and what to check it for."""

    upload: Upload
    request: CheckRequest


def incoming_check(
    upload: IncomingDep,
    request: Annotated[
        Json[CheckRequest] | None,
        Form(description="What to check for, as JSON", examples=['{"own_product": "驰充 CC-120D（我方）"}']),
    ] = None,
) -> IncomingCheck:
    return IncomingCheck(upload, request or CheckRequest())


@router.post("/leads/{lead_id}/document-checks", status_code=status.HTTP_202_ACCEPTED)
def upload_and_check(
    lead_id: UUID,
    incoming: Annotated[IncomingCheck, Depends(incoming_check)],
    acting: ActingDep,
    resources: ResourcesDep,
    locale: LocaleDep,
) -> DocumentCheckFacts:
    """Keep a file with a lead and check it; a job does the checking, ask again for the outcome."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
    document = add_document(acting, resources.files, incoming.upload, customer_id=lead.customer_id, lead_id=lead.id)
    return _shown(acting, locale, _ask(acting, document, incoming.request))


@router.post("/documents/{document_id}/checks", status_code=status.HTTP_202_ACCEPTED)
def check_again(document_id: UUID, request: CheckRequest, acting: ActingDep, locale: LocaleDep) -> DocumentCheckFacts:
    """Check a document that is kept already; the latest check speaks for the document."""
    document = find_document(acting.session, acting.viewer, acting.policy, document_id)
    return _shown(acting, locale, _ask(acting, document, request))


@router.get("/leads/{lead_id}/document-checks")
def list_for_lead(
    lead_id: UUID,
    acting: ActingDep,
    locale: LocaleDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> DocumentChecks:
    """The checks of a lead's documents, latest first."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
    checks, total = checks_of_lead(acting.session, acting.viewer, acting.policy, lead.id, limit=limit, offset=offset)
    return DocumentChecks(items=[_shown(acting, locale, check) for check in checks], total=total)


@router.get("/document-checks/{check_id}")
def show_check(check_id: UUID, acting: ActingDep, locale: LocaleDep) -> DocumentCheckFacts:
    """A check with its findings: for each parameter the verdict, the value, the place and what to do."""
    return _shown(acting, locale, find_check(acting.session, acting.viewer, acting.policy, check_id))


@router.post("/document-checks/{check_id}/override")
def accept_all_the_same(
    check_id: UUID, override: CheckOverride, acting: ActingDep, locale: LocaleDep
) -> DocumentCheckFacts:
    """Let the document pass although its check failed; needs the right document_check.override and a reason."""
    check = find_check(acting.session, acting.viewer, acting.policy, check_id)
    override_check(acting, check, Override(override.reason, override.parameter, override.label))
    return _shown(acting, locale, check)


def _ask(acting: Acting, document: Document, request: CheckRequest) -> DocumentCheck:
    acting.policy.require_editable(acting.viewer, "document_check", ["requested"])
    # what the customer named is always asked for: a verdict cannot be had by asking for less
    wanted = list(parameters_of_lead(acting.session, document.lead_id))
    named = {each.name for each in wanted}
    wanted += [RequestedParameter(each.name, each.unit) for each in request.parameters or () if each.name not in named]
    return request_check(acting.session, document, wanted, request.own_product, acting.person_id)


def _shown(acting: Acting, locale: Locale, check: DocumentCheck) -> DocumentCheckFacts:
    values = {name: getattr(check, name) for name in _COLUMNS}
    values["findings"] = [_finding(each, locale) for each in check.findings]
    values["reasons"] = [_reason(each, locale) for each in check.reasons]
    return DocumentCheckFacts(**acting.policy.present(acting.viewer, "document_check", values))


def _finding(finding: dict[str, Any], locale: Locale) -> FindingFacts:
    facts = {name: finding[name] for name in FindingFacts.model_fields if name != "sentence"}
    return FindingFacts(**facts, sentence=_sentence(finding["message"], finding["message_parameters"], locale))


def _reason(reason: dict[str, Any], locale: Locale) -> CheckReason:
    return CheckReason(**reason, sentence=_sentence(reason["code"], reason["parameters"], locale))


def _sentence(code: str, parameters: dict[str, Any], locale: Locale) -> str:
    """Findings and reasons have sentences of their own; a file that was refused is told as an error is."""
    for key in (f"document_check.{code}", f"error.{code}.what"):
        sentence = translate(key, locale, **parameters)
        if sentence != key:
            return sentence
    return code
