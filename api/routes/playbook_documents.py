"""The playbook as one document: out, in for a check, its schema, and templates to start from."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, UploadFile

from api.acting import ActingDep
from api.contracts.playbook_drafts import PlaybookCheck, Sentence, Sentences
from api.contracts.playbook_templates import Templates, TemplateView
from api.dependencies import LocaleDep
from api.playbook_views import VersionViews
from crm_core.process.drafts import find_version, version_in_force
from crm_core.process.errors import PlaybookInvalid
from crm_core.process.playbook_files import as_yaml, read_document
from crm_core.process.schema import playbook_schema
from crm_core.process.templates import template_playbook, templates
from crm_core.process.wording import notification_sentences, placeholders
from crm_core.process.yaml_text import LARGEST_BYTES

router = APIRouter(prefix="/api/playbook", tags=["playbook"])


@router.get("/document", response_class=Response, responses={200: {"content": {"application/yaml": {}}}})
def export_document(
    acting: ActingDep,
    version_id: Annotated[UUID | None, Query(description="A version or draft; by default the one in force")] = None,
) -> Response:
    """The whole playbook as one YAML document; needs the right playbook.edit."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    version = find_version(acting.session, version_id) if version_id else version_in_force(acting.session)
    name = f"playbook-v{version.number}.yaml" if version.number else "playbook-draft.yaml"
    return Response(
        as_yaml(version.content),
        media_type="application/yaml",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post("/check")
def check_document(file: UploadFile, acting: ActingDep, locale: LocaleDep) -> PlaybookCheck:
    """Everything that is wrong with a YAML document, with lines; nothing is kept. Needs the right playbook.edit."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    try:
        read_document(file.filename or "playbook.yaml", file.file.read(LARGEST_BYTES + 1))
    except PlaybookInvalid as invalid:
        problems = VersionViews(acting, locale).problems(invalid.parameters["problems"])
        return PlaybookCheck(is_sound=False, problems=problems)
    return PlaybookCheck(is_sound=True, problems=[])


@router.get("/schema", response_model=None)
def show_schema(_acting: ActingDep) -> dict[str, object]:
    """JSON schema of a playbook document, for editors."""
    return playbook_schema()


@router.get("/templates")
def list_templates(_acting: ActingDep, locale: LocaleDep) -> Templates:
    """Processes that a company may start from."""
    items = [
        TemplateView(
            code=template.code,
            name=template.name.spoken(locale),
            description=template.description.spoken(locale),
            suits=template.suits.spoken(locale),
            stages=[stage.name.spoken(locale) for stage in template_playbook(template.code).stages],
        )
        for template in templates()
    ]
    return Templates(items=items, total=len(items))


@router.get("/wording")
def list_sentences(_acting: ActingDep, locale: LocaleDep) -> Sentences:
    """Every notification in the product's own words, which a playbook may replace."""
    items = [
        Sentence(code=code, text=sentence.spoken(locale), placeholders=sorted(placeholders(code)))
        for code, sentence in sorted(notification_sentences().items())
    ]
    return Sentences(items=items, total=len(items))
