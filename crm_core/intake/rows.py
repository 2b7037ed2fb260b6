"""Rows of a table on their way in: read, judged, then kept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from crm_core.customers.acting import Acting
from crm_core.foundation.errors import ProductError
from crm_core.intake.cells import CellReader
from crm_core.intake.errors import CellMissing, RowRepeated, RowTooWide
from crm_core.intake.tables_in_files import Row
from crm_core.intake.targets import REQUIRED, Field, Target

Fate = Literal["created", "changed", "unchanged", "refused"]
FATES: tuple[Fate, ...] = ("created", "changed", "unchanged", "refused")
#: what happens to a record that is there already
WhenExists = Literal["leave", "fill_empty", "overwrite"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row; without a column: with the row as a whole."""

    column: str | None
    code: str
    parameters: Mapping[str, str]

    @classmethod
    def of(cls, refusal: ProductError, column: str | None = None) -> "Problem":
        return cls(column, refusal.code, {name: str(value) for name, value in refusal.parameters.items()})


@dataclass(slots=True)
class TableRow:
    """A row of the file, and what has become of it so far."""

    number: int
    cells: Sequence[str]
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    fate: Fate = "refused"
    #: of the record that it is or becomes
    record_id: UUID | None = None
    name: str = ""

    def refuse(self, refusal: ProductError, column: str | None = None) -> None:
        self.fate = "refused"
        self.problems.append(Problem.of(refusal, column))

    def settle(self, fate: Fate, record_id: UUID | None, name: str) -> None:
        self.fate, self.record_id, self.name = fate, record_id, name


class RowTaker(Protocol):
    """Knows what a row of its target is, whether it is there already, and how it is kept."""

    #: how many rows are judged and kept together, and how many a file may have at most
    batch_rows: int
    limit_rows: int | None

    def identity(self, values: Mapping[str, Any], /) -> str | None:
        """What makes two rows the same record; None where a record has several rows."""

    def judge(self, acting: Acting, rows: Sequence[TableRow]) -> None:
        """Settle or refuse the rows that are readable; the others are there to be known of."""

    def keep(self, acting: Acting) -> None:
        """Write what the latest judgement found to be written."""


class RowReader:
    """Reads rows by the mapping, and finds those that say what an earlier row said."""

    def __init__(
        self, target: Target, fields: Mapping[str, Field], mapping: Mapping[str, str], header: Sequence[str]
    ) -> None:
        wanted = [(header.index(column), column, fields[code]) for column, code in mapping.items()]
        self._columns = sorted(wanted, key=lambda column: column[0])
        self._required = [[column for column in self._columns if column[2].code in group] for group in REQUIRED[target]]
        self._width = len(header)
        self._first_rows: dict[int, int] = {}

    def read(self, cells: CellReader, row: Row) -> TableRow:
        """The values of a row, or what is wrong with its cells."""
        number, texts = row
        read = TableRow(number, texts)
        if any(texts[self._width :]):
            read.refuse(RowTooWide(cells=len(texts), columns=self._width))
            return read
        for position, column, wanted in self._columns:
            text = texts[position] if position < len(texts) else ""
            if text:
                try:
                    read.values[wanted.code] = cells.value(wanted, text)
                except ProductError as refusal:
                    read.refuse(refusal, column)
        self._demand(read)
        return read

    def refuse_repeated(self, taker: RowTaker, rows: Iterable[TableRow]) -> None:
        """A row that says again what an earlier one said is refused."""
        for row in readable(rows):
            self._refuse_repetition(taker, row)

    def _demand(self, read: TableRow) -> None:
        """One field of each required group is there, or is known to be wrong."""
        refused = {problem.column for problem in read.problems}
        for group in self._required:
            if all(wanted.code not in read.values and column not in refused for _, column, wanted in group):
                _, column, wanted = group[0]
                read.refuse(CellMissing(field=wanted.code), column)

    def _refuse_repetition(self, taker: RowTaker, row: TableRow) -> None:
        identity = taker.identity(row.values)
        if identity is None:
            return
        # of a million rows only the hashes are remembered
        first = self._first_rows.setdefault(hash(identity), row.number)
        if first != row.number:
            row.refuse(RowRepeated(first_row=first))


def readable(rows: Iterable[TableRow]) -> list[TableRow]:
    """Rows with which nothing is wrong so far."""
    return [row for row in rows if not row.problems]


def differences(given: Mapping[str, Any], held: Callable[[str], Any], when_exists: WhenExists) -> dict[str, Any]:
    """What a row changes of a record that is there; `held` says what stands there under a code."""
    if when_exists == "leave":
        return {}
    different = {code: value for code, value in given.items() if held(code) != value}
    if when_exists == "overwrite":
        return different
    return {code: value for code, value in different.items() if held(code) in (None, "", [])}
