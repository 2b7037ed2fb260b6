"""Imports: upload with a rehearsal, problems row by row, then the run."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, UploadFile, status

from api.acting import ActingDep
from api.contracts.imports import ImportFacts, Imports, ImportTarget, RowProblem, RowProblems
from api.contracts.paging import Page
from api.dependencies import LocaleDep, ResourcesDep
from crm_core.foundation.translations import Locale, translate
from crm_core.intake import jobs, runs
from crm_core.intake.errors import ImportMappingInvalid
from crm_core.intake.mapping import fields_of
from crm_core.intake.tables import ImportRun

router = APIRouter(prefix="/api/imports", tags=["imports"])


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
    return runs.Incoming(file.file, file.filename or "table", target, _mapping(mapping), limit_bytes)


@router.post("", status_code=status.HTTP_202_ACCEPTED)
def upload_table(
    upload: Annotated[runs.Incoming, Depends(incoming)], acting: ActingDep, resources: ResourcesDep
) -> ImportFacts:
    """Take a CSV (UTF-8, UTF-16, GB18030) or xlsx and rehearse it: nothing is kept but the list of bad rows."""
    run = runs.receive(acting, resources.files, upload)
    jobs.rehearse_import.defer(acting.session, key=str(run.id), run_id=run.id)
    return _facts(run)


@router.get("")
def list_imports(wanted: Annotated[Page, Query()], acting: ActingDep) -> Imports:
    """Imports, latest first."""
    items, total = runs.list_runs(acting, limit=wanted.limit, offset=wanted.offset)
    return Imports(items=[_facts(run) for run in items], total=total)


@router.get("/{import_id}")
def show_import(import_id: UUID, acting: ActingDep) -> ImportFacts:
    """How far an import is, and what came of it."""
    return _facts(runs.find_run(acting, import_id))


@router.get("/{import_id}/problems")
def list_problems(
    import_id: UUID, wanted: Annotated[Page, Query()], acting: ActingDep, locale: LocaleDep
) -> RowProblems:
    """Every bad row with row, column, what is wrong and what to do."""
    problems = runs.find_run(acting, import_id).problems
    page = problems[wanted.offset : wanted.offset + wanted.limit]
    return RowProblems(items=[_problem(problem, locale) for problem in page], total=len(problems))


@router.post("/{import_id}/run", status_code=status.HTTP_202_ACCEPTED)
def run_import(import_id: UUID, acting: ActingDep) -> ImportFacts:
    """Bring in what was rehearsed; rows that are there already stay as they are."""
    run = runs.start(acting, import_id)
    jobs.run_import.defer(acting.session, key=str(run.id), run_id=run.id)
    return _facts(run)


def _facts(run: ImportRun) -> ImportFacts:
    columns = {name: getattr(run, name) for name in ImportFacts.model_fields if hasattr(run, name)}
    return ImportFacts.model_validate({**columns, "fields": fields_of(run.target), "problems_total": len(run.problems)})


def _problem(problem: dict[str, Any], locale: Locale) -> RowProblem:
    parameters = problem["parameters"]
    return RowProblem(
        row=problem["row"],
        column=problem["column"],
        code=problem["code"],
        what=translate(f"error.{problem['code']}.what", locale, **parameters),
        remedy=translate(f"error.{problem['code']}.remedy", locale, **parameters),
    )


def _mapping(text: str) -> dict[str, str | None]:
    try:
        mapping = json.loads(text)
    except (ValueError, RecursionError):
        raise ImportMappingInvalid(problem="not JSON") from None
    if not isinstance(mapping, dict) or not all(isinstance(field, str | None) for field in mapping.values()):
        raise ImportMappingInvalid(problem="not an object of column → field")
    return mapping
