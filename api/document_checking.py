"""What is checked of an uploaded document when nobody says otherwise: its kind, and what its customer named."""

from uuid import UUID

from sqlalchemy.orm import Session

from crm_core.customers.events import DocumentUploaded
from crm_core.customers.tables import Document
from knowledge.diagnosis.reports import named_parameters_of
from qa.check import RequestedParameter
from qa.judgement import JUDGED_KINDS
from qa.submissions import request_check


def parameters_of_lead(session: Session, lead_id: UUID | None) -> list[RequestedParameter]:
    """The parameters that the customer named in the needs diagnosis."""
    if lead_id is None:
        return []
    return [RequestedParameter(named["name"], named["unit"]) for named in named_parameters_of(session, lead_id)]


def check_uploaded_document(session: Session, uploaded: DocumentUploaded) -> None:
    """Every document of a kind that is judged is checked as it arrives."""
    if uploaded.kind in JUDGED_KINDS:
        document = session.get_one(Document, uploaded.document_id)
        wanted = parameters_of_lead(session, uploaded.lead_id) if uploaded.kind == "comparison_sheet" else []
        request_check(session, document, wanted, requested_by=document.uploaded_by)
