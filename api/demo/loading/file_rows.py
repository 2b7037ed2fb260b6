"""Documents of the scripted customers and the evidence of won cases: kept in the file store, then noted as rows."""

import io
from collections.abc import Iterable, Iterator

from api.demo.catalogue import Content
from api.demo.documents.files import documents_of
from api.demo.loading.dated_rows import DatedRow, identity
from api.demo.loading.knowledge_rows import winner_of
from api.demo.records import Account
from api.demo.scenes import ScriptedAccount
from crm_core.customers.tables import Customer, Document
from crm_core.foundation.files import FileStore, StoredFile
from crm_core.people.tables import Person
from crm_core.pipeline.tables import Lead
from knowledge.cases.tables import Case, CaseEvidence

_LIMIT_BYTES = 50 << 20
#: kinds whose content the gate wants judged; the demo's own were
_JUDGED = {"solution_deck", "cost_sheet"}


def document_rows(scenes: Iterable[ScriptedAccount], content: Content, files: FileStore) -> Iterator[DatedRow]:
    """All documents of the scripted customers."""
    for scene in scenes:
        for document in documents_of(content, scene.account, scene.documents):
            stored, by = _keep(files, document.content), identity(Person, document.uploaded_by)
            values = {
                "id": identity(Document, f"{document.lead_code}-{document.name}"),
                "created_at": document.uploaded_at,
                "customer_id": identity(Customer, document.customer_code),
                "lead_id": identity(Lead, document.lead_code),
                "kind": document.kind,
                "name": document.name,
                "sha256": stored.sha256,
                "media_type": document.media_type,
                "size_bytes": stored.size_bytes,
                "uploaded_by": by,
                "verdict": "passed" if document.kind in _JUDGED else None,
                "verdict_reasons": [],
            }
            yield DatedRow(Document, values, document.uploaded_at, by)


def evidence_rows(accounts: Iterable[Account], content: Content, files: FileStore) -> Iterator[DatedRow]:
    """One savings estimate for each won case."""
    for account in accounts:
        for lead in account.leads:
            if lead.case is None:
                continue
            document = next(documents_of(content, account, ("estimate",), lead))
            stored, by = _keep(files, document.content), identity(Person, winner_of(lead))
            values = {
                "id": identity(CaseEvidence, lead.case.code),
                "created_at": lead.case.captured_at,
                "case_id": identity(Case, lead.case.code),
                "name": document.name,
                "sha256": stored.sha256,
                "media_type": document.media_type,
                "size_bytes": stored.size_bytes,
                "uploaded_by": by,
            }
            yield DatedRow(CaseEvidence, values, lead.case.captured_at, by)


def _keep(files: FileStore, content: bytes) -> StoredFile:
    return files.store(io.BytesIO(content), limit_bytes=_LIMIT_BYTES)
