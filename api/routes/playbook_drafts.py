"""Drafts of the playbook: made, changed, compared, rehearsed, published or thrown away."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, UploadFile, status

from api.acting import ActingDep
from api.contracts.paging import Page
from api.contracts.playbook_drafts import (
    DraftEdits,
    DraftFacts,
    NewDraft,
    Publication,
    Readiness,
    StageMapInput,
    StageMapView,
)
from api.dependencies import LocaleDep
from api.playbook_views import VersionViews
from crm_core.customers.acting import Acting
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.process import drafts
from crm_core.process.edits import Edit
from crm_core.process.playbook_files import read_document
from crm_core.process.tables import PlaybookVersion
from crm_core.process.templates import template_playbook
from crm_core.process.yaml_text import LARGEST_BYTES
from crm_core.rehearsal import publishing, stage_map

router = APIRouter(prefix="/api/playbook/drafts", tags=["playbook"])


@router.post("", status_code=status.HTTP_201_CREATED)
def make_draft(wish: NewDraft, acting: ActingDep, locale: LocaleDep) -> DraftFacts:
    """From a numbered version, a template, or the version in force. Needs the right playbook.edit."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    session = acting.session
    numbered = drafts.numbered_version(session, wish.version) if wish.version else drafts.version_in_force(session)
    content = template_playbook(wish.template).content() if wish.template else numbered.content
    draft = drafts.create_draft(
        session, content, base_number=numbered.number, note=wish.note, created_by=acting.person_id
    )
    return VersionViews(acting, locale).facts(draft)


@router.patch("/{draft_id}")
def change_draft(draft_id: UUID, change: DraftEdits, acting: ActingDep, locale: LocaleDep) -> DraftFacts:
    """Single places of the draft; all of the edits or none. Needs the right playbook.edit."""
    draft = _editable(acting, draft_id)
    edits = [Edit(tuple(edit.path), edit.operation, edit.value, edit.position) for edit in change.edits]
    drafts.edit_draft(acting.session, draft, edits, revision=change.revision)
    return VersionViews(acting, locale).facts(draft)


@router.post("/{draft_id}/document")
def upload_document(
    draft_id: UUID,
    file: UploadFile,
    revision: Annotated[int, Form(description="The revision of the draft that the document replaces")],
    acting: ActingDep,
    locale: LocaleDep,
) -> DraftFacts:
    """One YAML document as the whole content of the draft; mistakes are named by line. Needs playbook.edit."""
    draft = _editable(acting, draft_id)
    playbook = read_document(file.filename or "playbook.yaml", file.file.read(LARGEST_BYTES + 1))
    drafts.replace_content(acting.session, draft, playbook, revision=revision)
    return VersionViews(acting, locale).facts(draft)


@router.delete("/{draft_id}", status_code=status.HTTP_204_NO_CONTENT)
def discard_draft(draft_id: UUID, revision: int, acting: ActingDep) -> None:
    """Throw the draft away; its history stays. Needs the right playbook.edit."""
    drafts.discard(acting.session, _editable(acting, draft_id), revision=revision)


@router.put("/{draft_id}/stage-map")
def set_stage_map(draft_id: UUID, wish: StageMapInput, acting: ActingDep, locale: LocaleDep) -> DraftFacts:
    """Say where the leads of removed stages go on. Needs the right playbook.edit."""
    draft = _editable(acting, draft_id)
    stage_map.set_stage_map(acting.session, draft, wish.stage_map, revision=wish.revision)
    return VersionViews(acting, locale).facts(draft)


@router.get("/{draft_id}/stage-map")
def preview_stage_map(
    draft_id: UUID, wanted: Annotated[Page, Query()], acting: ActingDep, locale: LocaleDep
) -> StageMapView:
    """Every open or parked lead in a removed stage: where it would go, and what it would lack there."""
    draft = _editable(acting, draft_id)
    playbook = drafts.playbook_of(draft)
    visible = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)
    page = stage_map.stranded_leads(acting.session, draft, playbook, visible, (wanted.limit, wanted.offset))
    counts = stage_map.stranded_counts(acting.session, playbook)
    return VersionViews(acting, locale).stage_map(draft, playbook, counts, page)


@router.get("/{draft_id}/readiness")
def show_readiness(draft_id: UUID, acting: ActingDep, locale: LocaleDep) -> Readiness:
    """Everything that stands in the way of publishing the draft now. Needs the right playbook.edit."""
    draft = _editable(acting, draft_id)
    in_force = drafts.version_in_force(acting.session)
    return VersionViews(acting, locale).readiness(publishing.obstacles(acting, draft), in_force.number or 0)


@router.post("/{draft_id}/publication")
def publish_draft(draft_id: UUID, wish: Publication, acting: ActingDep, locale: LocaleDep) -> DraftFacts:
    """Put the draft in force as the next version. Needs the right playbook.publish.

    Needs a rehearsal of this content that was seen and stays within the thresholds, or a reason to go without.
    """
    draft = drafts.find_version(acting.session, draft_id)
    order = publishing.Order(wish.revision, wish.replaces, wish.note, wish.skip_reason)
    return VersionViews(acting, locale).facts(publishing.publish(acting, draft, order))


def _editable(acting: Acting, draft_id: UUID) -> PlaybookVersion:
    acting.policy.require_right(acting.viewer, "playbook.edit")
    draft = drafts.find_version(acting.session, draft_id)
    drafts.require_draft(draft)
    return draft
