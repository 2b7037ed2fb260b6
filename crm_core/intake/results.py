"""What came of each row, kept as files: of a million rows the database holds only where to look."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from io import BytesIO
from typing import Any
from uuid import UUID

from crm_core.foundation.files import FileStore
from crm_core.intake.rows import FATES, Fate, Problem, TableRow
from crm_core.intake.tables import ImportRun

_LARGEST_PART_BYTES = 1 << 30


def keep_results(files: FileStore, rows: Sequence[TableRow]) -> dict[str, Any]:
    """Write one batch down; what the import remembers of it."""
    lines = "".join(f"{json.dumps(_as_json(row), ensure_ascii=False)}\n" for row in rows)
    # half a character is none that a file keeps
    stored = files.store(BytesIO(lines.encode(errors="replace")), limit_bytes=_LARGEST_PART_BYTES)
    return {"sha256": stored.sha256, **{fate: sum(row.fate == fate for row in rows) for fate in FATES}}


def results_of(
    files: FileStore, run: ImportRun, fates: Iterable[Fate], *, offset: int = 0, limit: int | None = None
) -> Iterator[TableRow]:
    """The rows of these fates, in the order of the file; parts that are jumped over are not opened."""
    wanted = frozenset(fates)
    left = limit
    for part in run.result_files:
        count = sum(part[fate] for fate in wanted)
        if offset >= count:
            offset -= count
            continue
        for row in _rows_of(files, part, wanted):
            if offset:
                offset -= 1
            elif left == 0:
                return
            else:
                left = left - 1 if left is not None else None
                yield row


def count_of(run: ImportRun, fates: Iterable[Fate]) -> int:
    return sum(part[fate] for part in run.result_files for fate in fates)


def _rows_of(files: FileStore, part: Mapping[str, Any], wanted: frozenset[Fate]) -> Iterator[TableRow]:
    with files.path(part["sha256"]).open(encoding="utf-8") as stream:
        for line in stream:
            told = json.loads(line)
            if told["fate"] in wanted:
                yield TableRow(
                    number=told["row"],
                    cells=told.get("cells", ()),
                    problems=[Problem(**problem) for problem in told.get("problems", ())],
                    fate=told["fate"],
                    record_id=UUID(told["record_id"]) if told.get("record_id") else None,
                    name=told.get("name", ""),
                )


def _as_json(row: TableRow) -> dict[str, Any]:
    """A refused row with everything that it said, any other with the record that it is."""
    told: dict[str, Any] = {"row": row.number, "fate": row.fate}
    if row.fate == "refused":
        return {**told, "cells": row.cells, "problems": [asdict(problem) for problem in row.problems]}
    return {**told, "record_id": str(row.record_id) if row.record_id else None, "name": row.name}
