"""Rehearsals: a draft replayed on real history, its figures, and the lists behind them."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from api.acting import ActingDep
from api.contracts.rehearsals import FindingQuery, Findings, RehearsalFacts, Rehearsals, RehearsalWish
from api.dependencies import LocaleDep
from api.rehearsal_lists import FindingLists, as_csv, as_workbook, table_of
from api.rehearsal_views import RehearsalViews
from crm_core.rehearsal import jobs
from crm_core.rehearsal.reading import FindingSearch, find_findings, find_rehearsal, mark_seen, rehearsals_of
from crm_core.rehearsal.running import ask_for

router = APIRouter(tags=["rehearsals"])

_MOST_EXPORTED = 1_000_000
_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.post("/api/playbook/drafts/{draft_id}/rehearsals", status_code=status.HTTP_202_ACCEPTED)
def rehearse_draft(draft_id: UUID, wish: RehearsalWish, acting: ActingDep, locale: LocaleDep) -> RehearsalFacts:
    """Replay the draft on the last days; nothing but the result is written. Needs the right playbook.edit."""
    rehearsal = ask_for(acting, draft_id, wish.days or acting.playbook.rehearsal.days)
    jobs.rehearse_draft.defer(acting.session, key=str(rehearsal.id), rehearsal_id=rehearsal.id)
    return RehearsalViews(acting, locale).facts(rehearsal, with_result=False)


@router.get("/api/playbook/drafts/{draft_id}/rehearsals")
def list_rehearsals(draft_id: UUID, acting: ActingDep, locale: LocaleDep) -> Rehearsals:
    """Rehearsals of a draft, latest first, without their results."""
    views = RehearsalViews(acting, locale)
    items = [views.facts(rehearsal, with_result=False) for rehearsal in rehearsals_of(acting, draft_id)]
    return Rehearsals(items=items, total=len(items))


@router.get("/api/rehearsals/{rehearsal_id}")
def show_rehearsal(rehearsal_id: UUID, acting: ActingDep, locale: LocaleDep) -> RehearsalFacts:
    """How far a rehearsal is, and once it is done what the draft would have changed."""
    return RehearsalViews(acting, locale).facts(find_rehearsal(acting, rehearsal_id), with_result=True)


@router.post("/api/rehearsals/{rehearsal_id}/seen")
def confirm_seen(rehearsal_id: UUID, acting: ActingDep, locale: LocaleDep) -> RehearsalFacts:
    """Say that one has looked at the finished result; publishing asks for it."""
    return RehearsalViews(acting, locale).facts(mark_seen(acting, rehearsal_id), with_result=True)


@router.get("/api/rehearsals/{rehearsal_id}/findings")
def list_findings(
    rehearsal_id: UUID, wanted: Annotated[FindingQuery, Query()], acting: ActingDep, locale: LocaleDep
) -> Findings:
    """The leads, moves or alarms behind a figure, with both sides; of leads within reach."""
    search = FindingSearch(
        kind=wanted.kind,
        changes=tuple(wanted.change),
        codes=tuple(wanted.code),
        old_owner_id=wanted.old_owner_id,
        new_owner_id=wanted.new_owner_id,
        is_changed=wanted.changed,
        limit=wanted.limit,
        offset=wanted.offset,
    )
    found, total = find_findings(acting, rehearsal_id, search)
    lists = FindingLists(acting, locale, find_rehearsal(acting, rehearsal_id))
    return Findings(items=lists.findings(found), total=total)


@router.get("/api/rehearsals/{rehearsal_id}/leads.{form}", response_class=Response)
def export_leads(rehearsal_id: UUID, form: Literal["csv", "xlsx"], acting: ActingDep, locale: LocaleDep) -> Response:
    """Every lead of the window as a table: what happened, and both sides."""
    found, _ = find_findings(acting, rehearsal_id, FindingSearch("assignment", limit=_MOST_EXPORTED))
    lists = FindingLists(acting, locale, find_rehearsal(acting, rehearsal_id))
    table = table_of(lists.findings(found), locale)
    content = as_csv(table) if form == "csv" else as_workbook(table)
    headers = {"Content-Disposition": f'attachment; filename="rehearsal.{form}"'}
    return Response(content, media_type=_MEDIA_TYPES[form], headers=headers)
