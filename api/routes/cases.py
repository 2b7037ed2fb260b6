"""Won cases: capture, evidence, publication, search."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, UploadFile, status
from fastapi.responses import FileResponse
from sqlalchemy import select

from api.acting import ActingDep
from api.case_views import CaseViews
from api.contracts.cases import (
    CaseAnswers,
    CaseCapture,
    CaseDetail,
    CasePage,
    CaseQuery,
    CaseQuestion,
    CaseTelling,
    EvidenceFacts,
)
from api.dependencies import LocaleDep, ResourcesDep
from crm_core.customers.acting import Acting
from crm_core.foundation.files import FileMissing
from crm_core.foundation.translations import Locale
from crm_core.pipeline.repository import find_lead
from knowledge.cases.capture import EvidenceUpload, Telling, add_evidence, capture, tell_again
from knowledge.cases.publication import missing_for_publication, publish_case, retire_case, verify_case
from knowledge.cases.repository import CaseFilter, evidence_of, find_case, list_cases, visible_cases
from knowledge.cases.search_index import case_searches
from knowledge.cases.tables import Case, CaseEvidence
from knowledge.encoding import configured_encoder
from knowledge.methods.library import propose
from knowledge.recommendation.feedback import UseCount, use_counts
from knowledge.recommendation.recommend import ask

router = APIRouter(prefix="/api/cases", tags=["cases"])


@router.get("", response_model_exclude_unset=True)
def list_all(wanted: Annotated[CaseQuery, Query()], acting: ActingDep, locale: LocaleDep) -> CasePage:
    """Cases that the viewer may see, latest signature first."""
    acting.policy.require_readable(acting.viewer, "case", ["title"])
    chosen = CaseFilter(wanted.status, wanted.industry, wanted.method, wanted.rep_id, wanted.lead_id)
    visible = visible_cases(acting.viewer, acting.policy)
    cases, total = list_cases(acting.session, chosen, visible, limit=wanted.limit, offset=wanted.offset)
    return CasePage(items=CaseViews(acting, locale).facts(cases), total=total)


@router.get("/search", response_model_exclude_unset=True)
def search(
    question: Annotated[CaseQuestion, Query()], acting: ActingDep, locale: LocaleDep, resources: ResourcesDep
) -> CaseAnswers:
    """Answer a question in plain words, Chinese or English, by cases with the passages that answer it."""
    encoder = configured_encoder(resources.settings)
    index = case_searches.current(acting.session, acting.playbook, encoder)
    found = ask(acting, index, question.q, limit=question.limit)
    views = CaseViews(acting, locale)
    return CaseAnswers(
        items=views.found(found.hits) if question.with_weak or not found.abstained else [],
        methods=[views.method(code) for code in found.methods],
        confidence=round(found.confidence, 3),
        not_in_library=found.abstained,
        is_degraded=found.degraded,
    )


@router.post("", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def capture_win(told: CaseCapture, acting: ActingDep, locale: LocaleDep) -> CaseDetail:
    """Tell a won lead as a case; it is a draft until somebody accepts it into the library."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, told.lead_id)
    methods = list(told.methods)
    if told.proposed_method:
        proposed = told.proposed_method
        methods.append(propose(acting, proposed.name, proposed.definition, proposed.typical_situations).code)
    return _detail(acting, capture(acting, lead, _telling(told, methods)), locale)


@router.get("/{case_id}", response_model_exclude_unset=True)
def show(case_id: UUID, acting: ActingDep, locale: LocaleDep) -> CaseDetail:
    """One case with its evidence and how often it was used."""
    acting.policy.require_readable(acting.viewer, "case", ["title"])
    return _detail(acting, find_case(acting.session, acting.viewer, acting.policy, case_id), locale)


@router.put("/{case_id}", response_model_exclude_unset=True)
def change(case_id: UUID, told: CaseTelling, acting: ActingDep, locale: LocaleDep) -> CaseDetail:
    """Tell a case anew."""
    case = find_case(acting.session, acting.viewer, acting.policy, case_id)
    _require_own(acting, case)
    tell_again(acting, case, _telling(told, told.methods))
    return _detail(acting, case, locale)


@router.post("/{case_id}/evidence", status_code=status.HTTP_201_CREATED)
def upload_evidence(
    case_id: UUID, file: Annotated[UploadFile, File()], acting: ActingDep, resources: ResourcesDep
) -> EvidenceFacts:
    """Hand in a file that proves the case: a redacted bill, a calculation, a photograph."""
    case = find_case(acting.session, acting.viewer, acting.policy, case_id)
    _require_own(acting, case)
    limit = resources.settings.upload_limit_megabytes << 20
    upload = EvidenceUpload(file.file, file.filename or "evidence", limit)
    return CaseViews.evidence([add_evidence(acting, resources.files, case, upload)])[0]


@router.get("/{case_id}/evidence/{evidence_id}/content", response_class=FileResponse)
def download_evidence(case_id: UUID, evidence_id: UUID, acting: ActingDep, resources: ResourcesDep) -> FileResponse:
    """The file itself, always as a download."""
    case = find_case(acting.session, acting.viewer, acting.policy, case_id)
    acting.policy.require_readable(acting.viewer, "case", ["evidence"])
    wanted = select(CaseEvidence).where(CaseEvidence.id == evidence_id, CaseEvidence.case_id == case.id)
    evidence = acting.session.scalar(wanted)
    if evidence is None:
        raise FileMissing(sha256="")
    path = resources.files.path(evidence.sha256)
    return FileResponse(path, media_type="application/octet-stream", filename=evidence.name)


@router.post("/{case_id}/publish", response_model_exclude_unset=True)
def publish(case_id: UUID, acting: ActingDep, locale: LocaleDep) -> CaseDetail:
    """Accept a case into the library, or hear everything that it lacks."""
    case = find_case(acting.session, acting.viewer, acting.policy, case_id)
    publish_case(acting, case)
    return _detail(acting, case, locale)


@router.post("/{case_id}/verify", response_model_exclude_unset=True)
def verify(case_id: UUID, acting: ActingDep, locale: LocaleDep) -> CaseDetail:
    """Say that a published case still holds."""
    case = find_case(acting.session, acting.viewer, acting.policy, case_id)
    verify_case(acting, case)
    return _detail(acting, case, locale)


@router.post("/{case_id}/retire", response_model_exclude_unset=True)
def retire(case_id: UUID, acting: ActingDep, locale: LocaleDep) -> CaseDetail:
    """Take a case out of search and recommendation."""
    case = find_case(acting.session, acting.viewer, acting.policy, case_id)
    retire_case(acting, case)
    return _detail(acting, case, locale)


def _require_own(acting: Acting, case: Case) -> None:
    """The winner and the owner change a case; others need the right to publish."""
    if acting.person_id not in {case.rep_id, case.owner_id}:
        acting.policy.require_right(acting.viewer, "case.publish")


def _telling(told: CaseTelling, methods: list[str]) -> Telling:
    return Telling(
        title=told.title,
        story=told.story,
        key_actions=tuple(told.key_actions),
        methods=tuple(methods),
        situation=told.situation,
        size=told.size,
        industry=told.industry,
        pain_points=None if told.pain_points is None else tuple(told.pain_points),
    )


def _detail(acting: Acting, case: Case, locale: Locale) -> CaseDetail:
    views = CaseViews(acting, locale)
    counts = use_counts(acting.session, [case.id]).get(case.id, UseCount())
    further = {
        "evidence": views.evidence(evidence_of(acting.session, case.id)),
        "missing": missing_for_publication(acting, case) if case.status == "draft" else [],
        "times_shown": counts.shown,
        "times_used": counts.used,
    }
    shown = acting.policy.present(acting.viewer, "case", further)
    return CaseDetail(**views.facts([case])[0].model_dump(exclude_unset=True), **shown)
