"""The table in a CSV file or workbook: one header line, then rows of text."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from crm_core.customers.media_types import media_type_of
from crm_core.intake.encodings import detect_encoding
from crm_core.intake.errors import ImportTooManyColumns, ImportUnreadable, ImportWithoutRows
from crm_core.intake.workbooks import opened_workbook

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SNIFFED_CHARACTERS = 1 << 16
_LONGEST_CELL = 100_000
_MOST_COLUMNS = 500
#: a title, a date, a merged line of groups may stand above the header
_LINES_ABOVE = 20
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff]")
#: what other systems write where there is nothing
_BLANKS = frozenset({"-", "--", "—", "——", "/", "\\N", "NULL", "null", "N/A", "n/a", "None"})
#: how our own error files keep a spreadsheet from running a cell
_SHIELDED = re.compile(r"'(?=[=+\-@])")

csv.field_size_limit(_LONGEST_CELL)

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class FileShape:
    """How to read a file; encoding is None for a workbook."""

    path: Path
    encoding: str | None
    #: the names of its columns, each once
    header: tuple[str, ...]
    #: on which line the header stands, from 1
    header_line: int


def look_into(path: Path, name: str, recognised: Callable[[Sequence[str]], int]) -> FileShape:
    """Find the header: of the first lines the one with the most names that are recognised.

    Raises ImportUnreadable, ImportUndecodable, ImportWithoutRows, ImportTooManyColumns.
    """
    media_type = media_type_of(path, name)
    is_text_name = name.lower().endswith((".csv", ".txt", ".tsv"))
    if media_type != _WORKBOOK and not is_text_name and not media_type.startswith("text/"):
        raise ImportUnreadable(found=media_type)
    encoding = None if media_type == _WORKBOOK else detect_encoding(path)
    with _lines(path, encoding) as lines:
        first = list(islice(((number, line) for number, line in enumerate(lines, 1) if any(line)), _LINES_ABOVE))
    if not first:
        raise ImportWithoutRows
    number, line = max(first, key=lambda numbered: (recognised(numbered[1]), _is_wide(numbered[1]), -numbered[0]))
    header = _trimmed(line)
    if len(header) > _MOST_COLUMNS:
        raise ImportTooManyColumns(columns=len(header), limit_columns=_MOST_COLUMNS)
    return FileShape(path, encoding, _each_once(header), number)


def rows_of(shape: FileShape) -> Iterator[Row]:
    """Every row that is not blank, with its number as a spreadsheet shows it (the first line is 1)."""
    with _lines(shape.path, shape.encoding) as lines:
        for number, line in enumerate(lines, start=1):
            if number > shape.header_line and any(line):
                yield number, list(line)


@contextmanager
def _lines(path: Path, encoding: str | None) -> Iterator[Iterator[list[str]]]:
    if encoding is None:
        with opened_workbook(path) as lines:
            yield ([_cleaned(cell) for cell in line] for line in lines)
        return
    with path.open(encoding=encoding, newline="") as stream:
        delimiter = _delimiter(stream.read(_SNIFFED_CHARACTERS))
        stream.seek(0)
        yield _csv_lines(csv.reader(stream, delimiter=delimiter))


def _csv_lines(reader: Any) -> Iterator[list[str]]:
    try:
        for line in reader:
            yield [_cleaned(cell) for cell in line]
    except csv.Error as failure:
        raise ImportUnreadable(found=f"line {reader.line_num}: {failure}") from failure


def _cleaned(cell: str) -> str:
    text = cell.strip()
    if not text or text in _BLANKS:
        return ""
    if not text.isascii():
        text = _INVISIBLE.sub("", text).strip()
    return _SHIELDED.sub("", text, count=1) if text.startswith("'") else text


def _is_wide(line: Sequence[str]) -> bool:
    """A line with one cell is a title, not a header, where there is another."""
    return sum(bool(cell) for cell in line) > 1


def _trimmed(line: Sequence[str]) -> list[str]:
    """Without the blank cells behind the last name."""
    filled = [position for position, cell in enumerate(line) if cell]
    return list(line[: filled[-1] + 1]) if filled else []


def _each_once(header: Sequence[str]) -> tuple[str, ...]:
    """A column without a name is called by its letter; the second of one name gets a number."""
    names: list[str] = []
    for position, cell in enumerate(header):
        name = " ".join(cell.split()) or f"({column_letters(position)})"
        number = sum(known == name or known.startswith(f"{name} (") for known in names) + 1
        names.append(name if number == 1 else f"{name} ({number})")
    return tuple(names)


def column_letters(position: int) -> str:
    """0 → A, 26 → AA, as spreadsheets call columns."""
    letters = ""
    position += 1
    while position:
        position, remainder = divmod(position - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def _delimiter(sample: str) -> str:
    """Of comma, semicolon, tab and bar, the one that the first lines have most of."""
    first = "\n".join(line for line in sample.splitlines() if line.strip())[: _SNIFFED_CHARACTERS // 4]
    outside_quotes = "".join(first.split('"')[::2])
    return max(",;\t|", key=outside_quotes.count)
