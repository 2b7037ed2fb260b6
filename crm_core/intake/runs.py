"""An import from file to result: received, mapped, rehearsed without keeping anything, then run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, cast
from uuid import UUID

from sqlalchemy import func, select

from crm_core.customers.acting import Acting
from crm_core.foundation.files import FileStore
from crm_core.intake.dates import DateOrder, likely_order
from crm_core.intake.errors import ImportAtWork, ImportNotFound, ImportNotRehearsed
from crm_core.intake.mapping import checked_mapping, header_digest, recognised_columns, suggested_mapping
from crm_core.intake.rows import WhenExists
from crm_core.intake.running import begin_anew
from crm_core.intake.tables import ImportRun
from crm_core.intake.tables_in_files import FileShape, look_into, rows_of
from crm_core.intake.targets import Field, Target, fields_of, plain

_ROWS_LOOKED_AT = 5_000
_SAMPLES = 3
#: a column with more different values than this is not one of choices
_MOST_VALUES = 60
_LONGEST_SAMPLE = 80
#: names of the two columns that our own files of bad rows add
REMARK_COLUMNS = frozenset(map(plain, ("问题", "怎么办", "Problem", "What to do")))
_AT_WORK = frozenset({"waiting", "running"})


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever imports has decided; what they have not said is as it was last time, or as it suggests itself."""

    #: column → field, None leaves it out
    mapping: Mapping[str, str | None] = field(default_factory=dict)
    #: field → {text of the file: what it means here}
    value_mapping: Mapping[str, Mapping[str, str]] | None = None
    when_exists: WhenExists | None = None
    creates_missing: bool | None = None
    date_order: DateOrder | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that somebody wants brought in."""

    stream: BinaryIO
    name: str
    target: Target
    limit_bytes: int
    choices: Choices = field(default_factory=Choices)


def receive(acting: Acting, files: FileStore, incoming: Incoming) -> ImportRun:
    """Keep the file, understand its header and offer a mapping.

    Raises ImportUnreadable, ImportUndecodable, ImportWithoutRows, ImportTooManyColumns, ImportMappingInvalid.
    """
    acting.policy.require_right(acting.viewer, "import.run")
    stored = files.store(incoming.stream, limit_bytes=incoming.limit_bytes)
    fields = fields_of(incoming.target, acting.playbook)
    shape = look_into(files.path(stored.sha256), incoming.name, lambda line: recognised_columns(line, fields))
    run = ImportRun(
        target=incoming.target,
        file_name=incoming.name[-200:],
        file_sha256=stored.sha256,
        encoding=shape.encoding,
        header_sha256=header_digest([name for name in shape.header if plain(name) not in REMARK_COLUMNS]),
        columns=_look_at_columns(shape),
        status="received",
        started_by=acting.person_id,
    )
    _offer(acting, run, fields)
    _choose(run, fields, incoming.choices)
    acting.session.add(run)
    acting.session.flush()
    return run


def prepare(acting: Acting, run_id: UUID, choices: Choices) -> ImportRun:
    """Say which column is which field, what values mean, and what happens to what is there.

    Raises ImportNotFound, ImportAtWork, ImportMappingInvalid.
    """
    run = _held(acting, run_id)
    if run.status in _AT_WORK or run.status == "done":
        raise ImportAtWork(state=run.status)
    _choose(run, fields_of(cast(Target, run.target), acting.playbook), choices)
    run.status = "received"
    begin_anew(run)
    run.rows_total = 0
    acting.session.flush()
    return run


def begin_rehearsal(acting: Acting, run_id: UUID) -> ImportRun:
    """Say that a mapped file is to be rehearsed. Raises ImportNotFound, ImportAtWork, ImportColumnsMissing."""
    run = _held(acting, run_id)
    if run.status in _AT_WORK or run.status == "done":
        raise ImportAtWork(state=run.status)
    target = cast(Target, run.target)
    checked_mapping(target, header_of(run), fields_of(target, acting.playbook), run.mapping)
    run.status = "waiting"
    acting.session.flush()
    return run


def start(acting: Acting, run_id: UUID) -> ImportRun:
    """Say that a rehearsed import is to be run; once. Raises ImportNotFound, ImportNotRehearsed."""
    run = _held(acting, run_id)
    if run.status != "rehearsed":
        raise ImportNotRehearsed(state=run.status)
    run.status = "running"
    begin_anew(run)
    acting.session.flush()
    return run


def cancel(acting: Acting, run_id: UUID) -> ImportRun:
    """Stop before the next batch; batches that are kept stay. Raises ImportNotFound, ImportAtWork."""
    run = _held(acting, run_id)
    if run.status in {"done", "cancelled", "refused"}:
        raise ImportAtWork(state=run.status)
    run.status = "cancelled"
    acting.session.flush()
    return run


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


def header_of(run: ImportRun) -> list[str]:
    return [str(column["name"]) for column in run.columns]


def _held(acting: Acting, run_id: UUID) -> ImportRun:
    run = find_run(acting, run_id)
    acting.session.refresh(run, with_for_update=True)
    return run


def _offer(acting: Acting, run: ImportRun, fields: Mapping[str, Field]) -> None:
    """As it was decided for the latest file with the same columns, else by the columns' names."""
    last = acting.session.scalar(
        select(ImportRun)
        .where(
            ImportRun.header_sha256 == run.header_sha256,
            ImportRun.target == run.target,
            ImportRun.status.in_(("rehearsed", "running", "done")),
        )
        .order_by(ImportRun.created_at.desc())
        .limit(1)
    )
    if last is not None:
        run.mapping = {column: code for column, code in last.mapping.items() if code in fields}
        run.value_mapping, run.options = dict(last.value_mapping), dict(last.options)
        return
    run.mapping = suggested_mapping([name for name in header_of(run) if plain(name) not in REMARK_COLUMNS], fields)
    run.options = {"when_exists": "leave", "creates_missing": False, "date_order": _date_order(run, fields)}


def _date_order(run: ImportRun, fields: Mapping[str, Field]) -> DateOrder:
    dated = [column for column in run.columns if fields_kind(run, fields, column["name"]) in {"date", "moment"}]
    orders = (likely_order(column["values"]) for column in dated)
    return next((order for order in orders if order), "year_first")


def fields_kind(run: ImportRun, fields: Mapping[str, Field], column: str) -> str | None:
    """The kind of field that a column is mapped to."""
    found = fields.get(run.mapping.get(column, ""))
    return found.kind if found else None


def _choose(run: ImportRun, fields: Mapping[str, Field], choices: Choices) -> None:
    wished = {**run.mapping, **choices.mapping}
    # a field that has been given to another column is taken from the one that had it
    given = {code for code in choices.mapping.values() if code is not None}
    kept = {
        column: code
        for column, code in wished.items()
        if code is not None and (column in choices.mapping or code not in given)
    }
    run.mapping = checked_mapping(cast(Target, run.target), header_of(run), fields, kept, is_complete=False)
    if choices.value_mapping is not None:
        run.value_mapping = {code: dict(meanings) for code, meanings in choices.value_mapping.items() if meanings}
    said: dict[str, Any] = {
        "when_exists": choices.when_exists,
        "creates_missing": choices.creates_missing,
        "date_order": choices.date_order,
    }
    run.options = run.options | {name: value for name, value in said.items() if value is not None}


def _look_at_columns(shape: FileShape) -> list[dict[str, Any]]:
    """Of each column what it is called, a few samples, and its different values where they are few."""
    seen: list[dict[str, int]] = [{} for _ in shape.header]
    for _, cells in islice(rows_of(shape), _ROWS_LOOKED_AT):
        for values, cell in zip(seen, cells, strict=False):
            if cell and (cell in values or len(values) <= _MOST_VALUES):
                values[cell] = values.get(cell, 0) + 1
    return [
        {
            "name": name,
            "samples": [value[:_LONGEST_SAMPLE] for value in islice(values, _SAMPLES)],
            "values": [value[:_LONGEST_SAMPLE] for value in islice(values, _MOST_VALUES)],
            "has_few_values": len(values) <= _MOST_VALUES,
        }
        for name, values in zip(shape.header, seen, strict=True)
    ]
