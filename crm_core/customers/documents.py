"""Files of a customer: taken in, judged by their quality check, waived by somebody who may."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO, Literal
from uuid import UUID

from sqlalchemy import select

from crm_core.customers.acting import Acting
from crm_core.customers.errors import DocumentKindUnknown, DocumentTypeMismatch
from crm_core.customers.events import DocumentUploaded
from crm_core.customers.media_types import UNKNOWN, media_type_of, promised_media_type
from crm_core.customers.tables import Document
from crm_core.customers.timeline import Happening, append, channel_of
from crm_core.foundation.errors import Invalid
from crm_core.foundation.events import publish
from crm_core.foundation.files import FileStore
from crm_core.process.playbook import DocumentKind

_LONGEST_NAME = 200


class WaiverReasonMissing(Invalid):
    code = "waiver_reason_missing"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in, and what it is said to be."""

    stream: BinaryIO
    name: str
    kind: str
    limit_bytes: int


def add_document(
    acting: Acting, files: FileStore, upload: Upload, *, customer_id: UUID, lead_id: UUID | None
) -> Document:
    """Keep a file as a document; one of the same lead and kind that was there before is replaced by it.

    Raises DocumentKindUnknown, DocumentTypeMismatch, FileEmpty, FileTooLarge, StoreFull.
    """
    acting.policy.require_editable(acting.viewer, "document", ["name"])
    kind = acting.playbook.document_kind(upload.kind)
    if kind is None:
        known = ", ".join(known.code for known in acting.playbook.document_kinds)
        raise DocumentKindUnknown(kind=upload.kind, allowed=known)
    stored = files.store(upload.stream, limit_bytes=upload.limit_bytes)
    name = _plain_name(upload.name)
    media_type = media_type_of(files.path(stored.sha256), name)
    _require_what_it_claims(name, media_type, kind)
    document = Document(
        customer_id=customer_id,
        lead_id=lead_id,
        kind=kind.code,
        name=name,
        sha256=stored.sha256,
        media_type=media_type,
        size_bytes=stored.size_bytes,
        uploaded_by=acting.person_id,
        replaces_id=_newest_id(acting, customer_id, lead_id, kind.code),
    )
    acting.session.add(document)
    acting.session.flush()
    _tell(acting, document)
    return document


def record_verdict(
    document: Document, verdict: Literal["passed", "failed"], reasons: Sequence[dict[str, Any]] = ()
) -> None:
    """What the quality check said, with {code, parameters} for each thing that is wrong; a waiver outlives it."""
    if document.verdict != "waived":
        document.verdict = verdict
    document.verdict_reasons = list(reasons)


def waive(acting: Acting, document: Document, reason: str) -> None:
    """Let a document pass the gate although its check did not. Needs the right stage.waive_document and a reason."""
    acting.policy.require_right(acting.viewer, "stage.waive_document")
    if not reason.strip():
        raise WaiverReasonMissing
    document.verdict = "waived"
    document.waived_by = acting.person_id
    document.waiver_reason = reason.strip()
    acting.session.flush()


def _require_what_it_claims(name: str, media_type: str, kind: DocumentKind) -> None:
    promised = promised_media_type(name)
    allowed = kind.media_types or None
    refused = media_type == UNKNOWN or (allowed is not None and media_type not in allowed)
    if refused or (promised is not None and promised != media_type):
        raise DocumentTypeMismatch(
            name=name, kind=kind.name.zh, kind_en=kind.name.en, found=media_type, allowed=", ".join(allowed or ())
        )


def _newest_id(acting: Acting, customer_id: UUID, lead_id: UUID | None, kind: str) -> UUID | None:
    statement = (
        select(Document.id)
        .where(
            Document.customer_id == customer_id, Document.kind == kind, Document.lead_id.is_not_distinct_from(lead_id)
        )
        .order_by(Document.created_at.desc(), Document.id.desc())
        .limit(1)
    )
    return acting.session.scalar(statement)


def _tell(acting: Acting, document: Document) -> None:
    append(
        acting.session,
        Happening(
            customer_id=document.customer_id,
            lead_id=document.lead_id,
            kind="document",
            channel=channel_of(acting.session),
            actor_id=acting.person_id,
            code="document_uploaded",
            details={"document_id": str(document.id), "kind": document.kind, "name": document.name},
        ),
    )
    publish(acting.session, DocumentUploaded(document.id, document.customer_id, document.lead_id, document.kind))


def _plain_name(name: str) -> str:
    """The last part of a name that a browser sent, without the folders that some send along."""
    plain = PurePath(name.replace("\\", "/")).name.strip() or "document"
    if len(plain) <= _LONGEST_NAME:
        return plain
    suffix = PurePath(plain).suffix[:20]
    return plain[: _LONGEST_NAME - len(suffix)] + suffix
