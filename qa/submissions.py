"""Asking for a check, and letting a document pass although its check did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.documents import waive
from crm_core.customers.tables import Document
from crm_core.foundation import clock
from crm_core.foundation.identifiers import new_id
from qa.check import RequestedParameter
from qa.errors import CheckNotFinished, OverrideReasonMissing, ParameterNotRequested
from qa.jobs import check_document_quality
from qa.repository import waiting_check
from qa.tables import DocumentCheck, ParameterAlias


@dataclass(frozen=True, slots=True)
class Override:
    """Why a document may pass; with `parameter` and `label`, what the document calls that parameter."""

    reason: str
    parameter: str | None = None
    label: str | None = None


def request_check(
    session: Session,
    document: Document,
    requested: Sequence[RequestedParameter],
    own_product: str | None = None,
    requested_by: UUID | None = None,
) -> DocumentCheck:
    """Promise a check of a document; a job does it. A check that has not begun is changed instead of doubled."""
    check = waiting_check(session, document.id)
    if check is None:
        check = DocumentCheck(
            document_id=document.id,
            customer_id=document.customer_id,
            lead_id=document.lead_id,
            sha256=document.sha256,
            status="queued",
        )
        session.add(check)
    check.requested = [asdict(parameter) for parameter in requested]
    check.own_product = own_product
    check.requested_by = requested_by
    session.flush()
    check_document_quality.defer(session, key=str(check.id), check_id=check.id)
    return check


def override_check(acting: Acting, check: DocumentCheck, override: Override) -> None:
    """Accept a finished check as it is; the gate takes the document as waived, and a name given is remembered.

    Needs the rights document_check.override and stage.waive_document, and a reason.
    """
    acting.policy.require_right(acting.viewer, "document_check.override")
    if not override.reason.strip():
        raise OverrideReasonMissing
    if check.status != "done":
        raise CheckNotFinished(state=check.status)
    _learn(acting, check, override)
    waive(acting, acting.session.get_one(Document, check.document_id), override.reason)
    check.overridden_by = acting.person_id
    check.override_reason = override.reason.strip()
    check.overridden_at = clock.now()
    acting.session.flush()


def _learn(acting: Acting, check: DocumentCheck, override: Override) -> None:
    if override.parameter is None or override.label is None:
        return
    names = [each["name"] for each in check.requested]
    if override.parameter not in names:
        raise ParameterNotRequested(parameter=override.parameter, requested="、".join(names))
    row = {
        "id": new_id(),
        "created_at": clock.now(),
        "name": override.parameter,
        "label": override.label.strip(),
        "taught_by": acting.person_id,
        "check_id": check.id,
    }
    acting.session.execute(insert(ParameterAlias).values(row).on_conflict_do_nothing())
