"""Imports: upload, map the columns, rehearse, look at the bad rows, run."""

import json
from collections.abc import Iterator
from typing import IO, Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, UploadFile, status
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from api.acting import ActingDep
from api.contracts.imports import (
    ImportChoices,
    ImportFacts,
    Imports,
    ImportTarget,
    RowProblems,
    RowQuery,
    RowResult,
    RowResults,
)
from api.contracts.paging import Page
from api.dependencies import LocaleDep, ResourcesDep
from api.import_views import ImportViews
from crm_core.intake import jobs, runs
from crm_core.intake.error_files import as_csv, as_workbook, bad_rows
from crm_core.intake.errors import ImportMappingInvalid
from crm_core.intake.results import count_of, results_of
from crm_core.intake.tables import ImportRun

router = APIRouter(prefix="/api/imports", tags=["imports"])

_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CHUNK_BYTES = 1 << 16


def incoming(
    file: UploadFile,
    target: Annotated[ImportTarget, Form()],
    resources: ResourcesDep,
    mapping: Annotated[
        str,
        Form(description="JSON object of column → field; null leaves a column out", examples=['{"客户全称": "name"}']),
    ] = "{}",
) -> runs.Incoming:
    limit_bytes = resources.settings.upload_limit_megabytes << 20
    choices = _choices(_mapping(mapping))
    return runs.Incoming(file.file, file.filename or "table", target, limit_bytes, choices)


@router.post("", status_code=status.HTTP_202_ACCEPTED)
def upload_table(
    upload: Annotated[runs.Incoming, Depends(incoming)],
    acting: ActingDep,
    resources: ResourcesDep,
    locale: LocaleDep,
    rehearse: Annotated[bool, Form(description="false: the columns are mapped first")] = True,  # noqa: FBT002
) -> ImportFacts:
    """Take a CSV (UTF-8, UTF-16, GB18030) or xlsx and offer a mapping of its columns: that of the last file with the
    same columns, else by their names. By default it is rehearsed at once, which keeps nothing but the list of bad rows.
    """
    run = runs.receive(acting, resources.files, upload)
    if rehearse:
        _promise_rehearsal(acting, run.id)
    return ImportViews(acting, locale).facts(run)


@router.get("")
def list_imports(wanted: Annotated[Page, Query()], acting: ActingDep, locale: LocaleDep) -> Imports:
    """Imports, latest first."""
    items, total = runs.list_runs(acting, limit=wanted.limit, offset=wanted.offset)
    views = ImportViews(acting, locale)
    return Imports(items=[views.facts(run) for run in items], total=total)


@router.get("/{import_id}")
def show_import(import_id: UUID, acting: ActingDep, locale: LocaleDep) -> ImportFacts:
    """How far an import is, and what came of it."""
    return ImportViews(acting, locale).facts(runs.find_run(acting, import_id))


@router.put("/{import_id}/mapping")
def map_columns(import_id: UUID, wished: ImportChoices, acting: ActingDep, locale: LocaleDep) -> ImportFacts:
    """Say which column is which field, what values mean, and what happens to records that are there."""
    return ImportViews(acting, locale).facts(runs.prepare(acting, import_id, _choices(wished)))


@router.post("/{import_id}/rehearsal", status_code=status.HTTP_202_ACCEPTED)
def rehearse_import(import_id: UUID, acting: ActingDep, locale: LocaleDep) -> ImportFacts:
    """Judge every row and keep nothing but what was found."""
    return ImportViews(acting, locale).facts(_promise_rehearsal(acting, import_id))


@router.post("/{import_id}/run", status_code=status.HTTP_202_ACCEPTED)
def run_import(import_id: UUID, acting: ActingDep, locale: LocaleDep) -> ImportFacts:
    """Bring in what was rehearsed."""
    run = runs.start(acting, import_id)
    jobs.run_import.defer(acting.session, key=str(run.id), run_id=run.id)
    return ImportViews(acting, locale).facts(run)


@router.post("/{import_id}/cancel")
def cancel_import(import_id: UUID, acting: ActingDep, locale: LocaleDep) -> ImportFacts:
    """Stop; what a run has kept stays, and the same file brings in the rest later."""
    return ImportViews(acting, locale).facts(runs.cancel(acting, import_id))


@router.get("/{import_id}/problems")
def list_problems(
    import_id: UUID, wanted: Annotated[Page, Query()], acting: ActingDep, resources: ResourcesDep, locale: LocaleDep
) -> RowProblems:
    """Bad rows with row, column, what is wrong and what to do; a page counts rows."""
    run = runs.find_run(acting, import_id)
    views = ImportViews(acting, locale)
    items = views.problems(resources.files, run, limit=wanted.limit, offset=wanted.offset)
    return RowProblems(items=items, total=run.rows_refused + len(run.problems))


@router.get("/{import_id}/rows")
def list_rows(
    import_id: UUID, wanted: Annotated[RowQuery, Query()], acting: ActingDep, resources: ResourcesDep
) -> RowResults:
    """What came of each row, with the record that it is."""
    run = runs.find_run(acting, import_id)
    rows = results_of(resources.files, run, (wanted.fate,), offset=wanted.offset, limit=wanted.limit)
    is_kept = run.status != "rehearsed"
    items = [
        RowResult(
            row=row.number,
            fate=row.fate,
            record_id=row.record_id if is_kept or row.fate != "created" else None,
            name=row.name,
        )
        for row in rows
    ]
    return RowResults(items=items, total=count_of(run, (wanted.fate,)))


@router.get("/{import_id}/bad-rows.{form}", response_class=StreamingResponse)
def download_bad_rows(
    import_id: UUID, form: Literal["csv", "xlsx"], acting: ActingDep, resources: ResourcesDep, locale: LocaleDep
) -> StreamingResponse:
    """The bad rows as they came, with what is wrong and what to do; corrected, the file is uploaded again."""
    run = runs.find_run(acting, import_id)
    if form == "csv":
        content: Iterator[bytes] = as_csv(bad_rows(resources.files, run, locale))
    else:
        content = _chunks(as_workbook(resources.files, run, locale))
    name = quote(f"{run.file_name.rsplit('.', 1)[0]}-bad-rows.{form}", safe="")
    disposition = f"attachment; filename=bad-rows.{form}; filename*=UTF-8''{name}"
    return StreamingResponse(content, media_type=_MEDIA_TYPES[form], headers={"Content-Disposition": disposition})


def _promise_rehearsal(acting: ActingDep, import_id: UUID) -> ImportRun:
    run = runs.begin_rehearsal(acting, import_id)
    jobs.rehearse_import.defer(acting.session, key=str(run.id), run_id=run.id)
    return run


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def _mapping(text: str) -> ImportChoices:
    try:
        return ImportChoices(mapping=json.loads(text))
    except (ValidationError, RecursionError):
        raise ImportMappingInvalid(problem="not an object of column → field") from None
    except ValueError:
        raise ImportMappingInvalid(problem="not JSON") from None


def _choices(wished: ImportChoices) -> runs.Choices:
    return runs.Choices(
        mapping=wished.mapping,
        value_mapping=wished.value_mapping,
        when_exists=wished.when_exists,
        creates_missing=wished.creates_missing,
        date_order=wished.date_order,
    )
