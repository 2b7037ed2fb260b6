"""A rehearsal judges every row and keeps nothing; a run keeps batch after batch, and goes on where it broke off."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.database import Origin, state_origin
from crm_core.foundation.errors import ProductError, Unavailable
from crm_core.foundation.resources import Resources
from crm_core.intake.cells import CellReader
from crm_core.intake.customer_rows import CustomerRows
from crm_core.intake.errors import ImportTooManyRows
from crm_core.intake.history_rows import HistoryRows
from crm_core.intake.lead_rows import LeadRows
from crm_core.intake.mapping import recognised_columns
from crm_core.intake.names import read_names
from crm_core.intake.people_rows import PeopleRows
from crm_core.intake.results import keep_results
from crm_core.intake.rows import FATES, Problem, RowReader, RowTaker, TableRow
from crm_core.intake.tables import ImportRun
from crm_core.intake.tables_in_files import Row, look_into, rows_of
from crm_core.intake.targets import Target, fields_of
from crm_core.people.memberships import viewer_of
from crm_core.people.rights import access_policy
from crm_core.process.publication import published_playbook

#: fewer only where the rows of a target belong together
BATCH_ROWS: int | None = None


class _Work:
    """One import at work: what it has understood of its file, and what it remembers between its batches."""

    def __init__(self, resources: Resources, acting: Acting, run: ImportRun) -> None:
        self._resources = resources
        self._target = cast(Target, run.target)
        fields = fields_of(self._target, acting.playbook)
        path = resources.files.path(run.file_sha256)
        self._shape = look_into(path, run.file_name, lambda line: recognised_columns(line, fields))
        # a field that has left the playbook since is left out
        mapping = {column: code for column, code in run.mapping.items() if code in fields}
        self.reader = RowReader(self._target, fields, mapping, self._shape.header)
        self.taker = _taker(self._target, acting, list(mapping.values()), run.options)
        self.cells = CellReader(
            read_names(acting.session), run.options.get("date_order", "year_first"), run.value_mapping
        )
        self._limit_rows = min(resources.settings.import_limit_rows, self.taker.limit_rows or 10**9)

    def batches(self) -> Iterator[list[Row]]:
        """Raises ImportTooManyRows as soon as there are."""
        rows, total = rows_of(self._shape), 0
        size = min(BATCH_ROWS or self.taker.batch_rows, self.taker.batch_rows)
        while batch := list(islice(rows, size)):
            total += len(batch)
            if total > self._limit_rows:
                raise ImportTooManyRows(limit_rows=self._limit_rows)
            yield batch

    def judge(self, acting: Acting, batch: Sequence[Row]) -> list[TableRow]:
        """What comes of each row of a batch."""
        rows = [self.reader.read(self.cells, row) for row in batch]
        self.reader.refuse_repeated(self.taker, rows)
        self.taker.judge(acting, rows)
        return rows

    def pass_by(self, batch: Sequence[Row]) -> None:
        """Rows that were kept before: what they were is remembered, so that a later repetition is found."""
        self.reader.refuse_repeated(self.taker, [self.reader.read(self.cells, row) for row in batch])

    def note(self, run: ImportRun, rows: Sequence[TableRow]) -> None:
        """Count a batch that is done."""
        part = keep_results(self._resources.files, rows)
        run.rows_done += len(rows)
        run.result_files = [*run.result_files, part]
        for fate in FATES:
            setattr(run, f"rows_{fate}", getattr(run, f"rows_{fate}") + part[fate])


def rehearse(resources: Resources, run_id: UUID) -> None:
    """Judge every row and keep nothing but what was found."""
    with resources.database.reading() as session:
        run = session.get(ImportRun, run_id)
        if run is None or run.status != "waiting":
            return
        try:
            acting = _acting(session, run)
            work = _Work(resources, acting, run)
            _forget(resources, run_id)
            for batch in work.batches():
                rows = work.judge(acting, batch)
                session.expunge_all()
                if not _noted(resources, run_id, work, rows):
                    return
        except ProductError as refusal:
            _refuse(resources, run_id, refusal)
            return
    with _writing(resources, run_id) as changed:
        changed.rows_total, changed.status, changed.finished_at = changed.rows_done, "rehearsed", clock.now()


def carry_out(resources: Resources, run_id: UUID) -> None:
    """Keep every row that can be kept, each batch with the note that it is done."""
    try:
        if _carried_out(resources, run_id):
            _finish(resources, run_id)
    except ProductError as refusal:
        if isinstance(refusal, Unavailable):
            raise
        _refuse(resources, run_id, refusal)


def _carried_out(resources: Resources, run_id: UUID) -> bool:
    """Whether all of it is done; not when it is cancelled, or somebody else goes on with it."""
    with resources.database.reading() as session:
        run = session.get(ImportRun, run_id)
        if run is None or run.status != "running":
            return False
        work = _Work(resources, _acting(session, run), run)
        done = run.rows_done
    passed = 0
    for batch in work.batches():
        passed += len(batch)
        if passed <= done:
            work.pass_by(batch)
        elif not _kept(resources, run_id, work, batch, passed - len(batch)):
            return False
    return True


def _kept(resources: Resources, run_id: UUID, work: _Work, batch: Sequence[Row], done: int) -> bool:
    with resources.database.transaction(Origin(channel="import")) as session:
        run = session.get_one(ImportRun, run_id, with_for_update=True)
        if run.status != "running" or run.rows_done != done:
            return False
        acting = _acting(session, run)
        rows = work.judge(acting, batch)
        work.taker.keep(acting)
        work.note(run, rows)
    return True


def _noted(resources: Resources, run_id: UUID, work: _Work, rows: Sequence[TableRow]) -> bool:
    """Show how far a rehearsal is; false when it has been cancelled."""
    with _writing(resources, run_id) as run:
        if run.status != "waiting":
            return False
        work.note(run, rows)
    return True


def _forget(resources: Resources, run_id: UUID) -> None:
    with _writing(resources, run_id) as run:
        begin_anew(run)


def begin_anew(run: ImportRun) -> None:
    """Nothing of its rows is done yet."""
    run.rows_done, run.result_files, run.problems = 0, [], []
    for fate in FATES:
        setattr(run, f"rows_{fate}", 0)


def _finish(resources: Resources, run_id: UUID) -> None:
    with _writing(resources, run_id) as run:
        if run.status == "running":
            run.status, run.finished_at = "done", clock.now()


def _refuse(resources: Resources, run_id: UUID, refusal: ProductError) -> None:
    """The file as a whole; what was kept of it before stays."""
    problem = Problem.of(refusal)
    with _writing(resources, run_id) as run:
        if run.status in {"waiting", "running"}:
            run.status, run.finished_at = "refused", clock.now()
            run.problems = [{"row": None, **asdict(problem)}]


@contextmanager
def _writing(resources: Resources, run_id: UUID) -> Iterator[ImportRun]:
    with resources.database.transaction(Origin(channel="import")) as session:
        yield session.get_one(ImportRun, run_id, with_for_update=True)


def _acting(session: Session, run: ImportRun) -> Acting:
    """Whoever asked for the import, with what they may do by now."""
    assert run.started_by is not None
    playbook = published_playbook(session)
    state_origin(session, Origin(channel="import", actor_id=run.started_by, playbook_version=playbook.version))
    return Acting(session, viewer_of(session, run.started_by), access_policy(playbook), playbook)


def _taker(target: Target, acting: Acting, fields: Sequence[str], options: Mapping[str, Any]) -> RowTaker:
    when_exists, creates_missing = options.get("when_exists", "leave"), bool(options.get("creates_missing"))
    if target == "people":
        return PeopleRows(acting, creates_missing=creates_missing)
    if target == "customers":
        return CustomerRows(acting, fields, when_exists)
    if target == "leads":
        return LeadRows(acting, fields, when_exists, creates_customers=creates_missing)
    return HistoryRows(acting)
