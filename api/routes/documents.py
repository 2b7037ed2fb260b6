"""Documents: upload, list, download, waiver of a failed check."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, UploadFile, status
from fastapi.responses import FileResponse

from api.acting import ActingDep
from api.contracts.documents import DocumentFacts, Documents, Waiver
from api.dependencies import LocaleDep, ResourcesDep
from api.presenting import Presenter
from crm_core.customers.documents import Upload, add_document, waive
from crm_core.customers.repository import documents_of, find_customer, find_document
from crm_core.pipeline.repository import find_lead

router = APIRouter(prefix="/api", tags=["documents"])


def incoming(
    file: UploadFile,
    kind: Annotated[str, Form(description="Code of a document kind of the playbook", examples=["solution_deck"])],
    resources: ResourcesDep,
) -> Upload:
    limit_bytes = resources.settings.upload_limit_megabytes << 20
    return Upload(file.file, file.filename or "document", kind, limit_bytes)


IncomingDep = Annotated[Upload, Depends(incoming)]


@router.post(
    "/customers/{customer_id}/documents", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True
)
def upload_for_customer(
    customer_id: UUID, upload: IncomingDep, acting: ActingDep, resources: ResourcesDep, locale: LocaleDep
) -> DocumentFacts:
    """Keep a file with a customer, such as its background pack."""
    find_customer(acting.session, acting.viewer, acting.policy, customer_id)
    document = add_document(acting, resources.files, upload, customer_id=customer_id, lead_id=None)
    return Presenter(acting, locale).documents([document])[0]


@router.post("/leads/{lead_id}/documents", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def upload_for_lead(
    lead_id: UUID, upload: IncomingDep, acting: ActingDep, resources: ResourcesDep, locale: LocaleDep
) -> DocumentFacts:
    """Keep a file with a lead, where the gate looks for it; a newer one of its kind replaces it."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
    document = add_document(acting, resources.files, upload, customer_id=lead.customer_id, lead_id=lead.id)
    return Presenter(acting, locale).documents([document])[0]


@router.get("/leads/{lead_id}/documents", response_model_exclude_unset=True)
def list_for_lead(lead_id: UUID, acting: ActingDep, locale: LocaleDep) -> Documents:
    """Every version of every document of a lead, latest first."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
    acting.policy.require_readable(acting.viewer, "document", ["name"])
    items = Presenter(acting, locale).documents(documents_of(acting.session, lead.customer_id, lead.id))
    return Documents(items=items, total=len(items))


@router.get("/documents/{document_id}", response_model_exclude_unset=True)
def show_document(document_id: UUID, acting: ActingDep, locale: LocaleDep) -> DocumentFacts:
    """What is known of a document."""
    document = find_document(acting.session, acting.viewer, acting.policy, document_id)
    return Presenter(acting, locale).documents([document])[0]


@router.get("/documents/{document_id}/content", response_class=FileResponse)
def download_document(document_id: UUID, acting: ActingDep, resources: ResourcesDep) -> FileResponse:
    """The file itself, always as a download."""
    document = find_document(acting.session, acting.viewer, acting.policy, document_id)
    return FileResponse(
        resources.files.path(document.sha256),
        media_type=document.media_type,
        filename=document.name,
        headers={"X-Content-Type-Options": "nosniff"},
    )


@router.post("/documents/{document_id}/waiver", response_model_exclude_unset=True)
def waive_check(document_id: UUID, waiver: Waiver, acting: ActingDep, locale: LocaleDep) -> DocumentFacts:
    """Let a document pass the gate although its check did not; needs the right stage.waive_document."""
    document = find_document(acting.session, acting.viewer, acting.policy, document_id)
    waive(acting, document, waiver.reason)
    return Presenter(acting, locale).documents([document])[0]
