"""Documents of a lead, newest first, each with what its check said."""

from uuid import UUID

import streamlit as st

from api.contracts.document_checks import CheckRequest, DocumentCheckFacts, DocumentChecks
from api.contracts.documents import DocumentFacts, Documents, Waiver
from api.contracts.playbook import PlaybookView
from ui.elements.display import moment, plain
from ui.elements.findings import show_check
from ui.elements.frame import told_problems
from ui.session import client, me, say


def show_documents(lead_id: UUID, playbook: PlaybookView) -> None:
    """An upload that says what the file is, then the list."""
    kinds = {kind.code: kind.name for kind in playbook.document_kinds}
    with st.form("document", clear_on_submit=True):
        kind = st.selectbox(say("documents.kind"), list(kinds), format_func=lambda code: kinds[code])
        file = st.file_uploader(say("documents.file"))
        sent = st.form_submit_button(say("documents.upload"), type="primary")
        if sent and not file:
            st.warning(say("frame.file_first"))
        if sent and file:
            with told_problems():
                client().upload(
                    f"/api/leads/{lead_id}/documents", DocumentFacts, file.name, file.getvalue(), {"kind": kind}
                )
                st.rerun()
    documents = client().get(f"/api/leads/{lead_id}/documents", Documents)
    checks = client().get(f"/api/leads/{lead_id}/document-checks", DocumentChecks)
    # latest first, so the first of a document is the one that speaks for it
    latest = {check.document_id: check for check in reversed(checks.items)}
    if not documents.items:
        st.caption(say("documents.none"))
    for document in documents.items:
        _show_document(document, latest.get(document.id))


def _show_document(document: DocumentFacts, check: DocumentCheckFacts | None) -> None:
    with st.container(border=True, gap="xsmall", key=f"document-{document.id}"):
        st.markdown(f"**{plain(document.kind_name)}** {plain(document.name)}")
        st.caption(plain(f"{moment(document.created_at)} · {document.uploaded_by_name or '—'}"))
        _show_verdict(document)
        if check:
            show_check(check)
        with st.container(horizontal=True):
            if check is None and document.verdict is None:
                _show_start(document)
            _show_fetch(document)
        if check is None and document.verdict == "failed" and "stage.waive_document" in me().rights:
            _show_waiver(document)


def _show_verdict(document: DocumentFacts) -> None:
    if document.verdict == "passed":
        st.badge(say("documents.passed"), color="green", icon=":material/check:")
    elif document.verdict == "waived":
        st.badge(say("documents.waived", reason=document.waiver_reason or ""), color="orange")
    elif document.verdict == "failed":
        st.badge(say("documents.failed"), color="red", icon=":material/close:")
    else:
        st.badge(say("documents.unjudged"), color="gray")


def _show_fetch(document: DocumentFacts) -> None:
    if st.button(say("documents.fetch"), key=f"fetch-{document.id}", icon=":material/download:"):
        content = client().download(f"/api/documents/{document.id}/content")
        st.download_button(
            say("documents.save"), content, document.name, document.media_type, key=f"save-{document.id}"
        )


def _show_start(document: DocumentFacts) -> None:
    """Have a document checked that came in without: from an import, or before there was anything to check for."""
    if st.button(say("findings.check"), key=f"check-{document.id}", icon=":material/fact_check:"):
        with told_problems():
            client().post(f"/api/documents/{document.id}/checks", DocumentCheckFacts, CheckRequest())
            st.rerun()


def _show_waiver(document: DocumentFacts) -> None:
    with st.popover(say("documents.waive")), st.form(f"waive-{document.id}", border=False):
        reason = st.text_input(say("lead.reason"))
        if st.form_submit_button(say("lead.confirm")) and reason:
            with told_problems():
                client().post(f"/api/documents/{document.id}/waiver", DocumentFacts, Waiver(reason=reason))
                st.rerun()
