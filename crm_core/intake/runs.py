"""An import from file to result: received, rehearsed without keeping anything, then run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, get_args
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.database import Origin, state_origin
from crm_core.foundation.errors import ProductError
from crm_core.foundation.files import FileStore
from crm_core.foundation.resources import Resources
from crm_core.intake.errors import ImportNotFound, ImportNotRehearsed
from crm_core.intake.mapping import Target, complete_mapping
from crm_core.intake.rows import Outcome, bring_in
from crm_core.intake.tables import ImportRun
from crm_core.intake.tables_in_files import look_into, rows_of
from crm_core.people.memberships import viewer_of
from crm_core.people.rights import access_policy
from crm_core.process.publication import published_playbook


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that somebody wants brought in, and what they know of its columns."""

    stream: BinaryIO
    name: str
    target: Target
    mapping: Mapping[str, str | None]
    limit_bytes: int


def receive(acting: Acting, files: FileStore, incoming: Incoming) -> ImportRun:
    """Keep the file and understand its header; what its rows are worth is for the rehearsal.

    Raises ImportUnreadable, ImportUndecodable, ImportWithoutRows, ImportColumnsMissing, ImportMappingInvalid.
    """
    acting.policy.require_right(acting.viewer, "import.run")
    stored = files.store(incoming.stream, limit_bytes=incoming.limit_bytes)
    shape = look_into(files.path(stored.sha256), incoming.name)
    run = ImportRun(
        target=incoming.target,
        file_name=incoming.name[-200:],
        file_sha256=stored.sha256,
        encoding=shape.encoding,
        mapping=complete_mapping(incoming.target, shape.header, incoming.mapping),
        status="waiting",
        started_by=acting.person_id,
    )
    acting.session.add(run)
    acting.session.flush()
    return run


def rehearse(resources: Resources, run_id: UUID) -> None:
    """Do everything and keep nothing but the result."""
    with resources.database.reading() as session:
        run = session.get(ImportRun, run_id)
        if run is None or run.status != "waiting":
            return
        outcome = _outcome(resources, session, run)
    with resources.database.transaction(Origin(channel="import", actor_id=run.started_by)) as session:
        _note(session.get_one(ImportRun, run_id), outcome, "rehearsed")


def start(acting: Acting, run_id: UUID) -> ImportRun:
    """Say that a rehearsed import is to be run; once. Raises ImportNotFound, ImportNotRehearsed."""
    run = find_run(acting, run_id)
    acting.session.refresh(run, with_for_update=True)
    if run.status != "rehearsed":
        raise ImportNotRehearsed(state=run.status)
    run.status = "running"
    acting.session.flush()
    return run


def carry_out(resources: Resources, run_id: UUID) -> None:
    """Keep every row that can be kept, in one transaction with the result."""
    with resources.database.reading() as session:
        run = session.get(ImportRun, run_id)
        if run is None or run.status != "running":
            return
    with resources.database.transaction(Origin(channel="import", actor_id=run.started_by)) as session:
        held = session.get_one(ImportRun, run_id, with_for_update=True)
        if held.status != "running":
            return
        outcome = _outcome(resources, session, held)
        _note(session.get_one(ImportRun, run_id), outcome, "done")


def find_run(acting: Acting, run_id: UUID) -> ImportRun:
    """Raises RightMissing, ImportNotFound."""
    acting.policy.require_right(acting.viewer, "import.run")
    run = acting.session.get(ImportRun, run_id)
    if run is None:
        raise ImportNotFound(import_id=run_id)
    return run


def list_runs(acting: Acting, *, limit: int, offset: int) -> tuple[Sequence[ImportRun], int]:
    """A page of imports, latest first, and how many there are."""
    acting.policy.require_right(acting.viewer, "import.run")
    total = acting.session.scalar(select(func.count()).select_from(ImportRun)) or 0
    statement = select(ImportRun).order_by(ImportRun.created_at.desc(), ImportRun.id.desc())
    return acting.session.scalars(statement.limit(limit).offset(offset)).all(), total


def _outcome(resources: Resources, session: Session, run: ImportRun) -> Outcome | ProductError:
    """What comes of the rows, or why the file as a whole is refused."""
    assert run.started_by is not None
    state_origin(session, Origin(channel="import", actor_id=run.started_by))
    playbook = published_playbook(session)
    acting = Acting(session, viewer_of(session, run.started_by), access_policy(playbook), playbook)
    target = next(known for known in get_args(Target) if known == run.target)
    wished = dict(run.mapping)
    try:
        shape = look_into(resources.files.path(run.file_sha256), run.file_name)
        mapping = {column: wished[column] for column in shape.header if column in wished}
        limit_rows = resources.settings.import_limit_rows
        with session.begin_nested():
            return bring_in(acting, target, mapping, rows_of(shape), limit_rows=limit_rows)
    except ProductError as refusal:
        return refusal


def _note(run: ImportRun, outcome: Outcome | ProductError, status: str) -> None:
    run.finished_at = clock.now()
    if isinstance(outcome, ProductError):
        parameters = {name: str(value) for name, value in outcome.parameters.items()}
        run.status = "refused"
        run.problems = [{"row": None, "column": None, "code": outcome.code, "parameters": parameters}]
        return
    run.status, run.problems = status, outcome.problems
    run.rows_total, run.rows_created = outcome.total, outcome.created
    run.rows_unchanged, run.rows_refused = outcome.unchanged, outcome.refused
