"""The table in a CSV file or workbook: one header row, then rows of text."""

import csv
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from crm_core.customers.media_types import media_type_of
from crm_core.intake.encodings import detect_encoding
from crm_core.intake.errors import ImportUnreadable, ImportWithoutRows

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SNIFFED_CHARACTERS = 1 << 16
_LARGEST_UNPACKED_BYTES = 1 << 30
_LONGEST_CELL = 100_000
#: what the reader of workbooks raises for broken ones; malformed XML is a SyntaxError to it
_BROKEN_WORKBOOK = (zipfile.BadZipFile, KeyError, ValueError, IndexError, SyntaxError, EOFError)

csv.field_size_limit(_LONGEST_CELL)


@dataclass(frozen=True, slots=True)
class FileShape:
    """How to read a file; encoding is None for a workbook."""

    path: Path
    encoding: str | None
    header: tuple[str, ...]


def look_into(path: Path, name: str) -> FileShape:
    """Read the header. Raises ImportUnreadable, ImportUndecodable, ImportWithoutRows."""
    media_type = media_type_of(path, name)
    is_text_name = name.lower().endswith((".csv", ".txt", ".tsv"))
    if media_type != _WORKBOOK and not is_text_name and not media_type.startswith("text/"):
        raise ImportUnreadable(found=media_type)
    encoding = None if media_type == _WORKBOOK else detect_encoding(path)
    shape = FileShape(path, encoding, ())
    with _lines(shape) as lines:
        header = next((line for line in lines if any(line)), None)
    if header is None:
        raise ImportWithoutRows
    return FileShape(path, encoding, tuple(header))


def rows_of(shape: FileShape) -> Iterator[tuple[int, dict[str, str]]]:
    """Every row that is not blank, with its number as a spreadsheet shows it (the first line is 1)."""
    with _lines(shape) as lines:
        seen_header = False
        for number, line in enumerate(lines, start=1):
            if not any(line):
                continue
            if not seen_header:
                seen_header = True
                continue
            yield number, dict(zip(shape.header, line, strict=False))


@contextmanager
def _lines(shape: FileShape) -> Iterator[Iterator[Sequence[str]]]:
    if shape.encoding is None:
        with _opened_workbook(shape.path) as sheet:
            yield _sheet_lines(sheet)
        return
    with shape.path.open(encoding=shape.encoding, newline="") as stream:
        delimiter = _delimiter(stream.read(_SNIFFED_CHARACTERS))
        stream.seek(0)
        yield _csv_lines(csv.reader(stream, delimiter=delimiter))


def _csv_lines(reader: Any) -> Iterator[Sequence[str]]:
    try:
        for line in reader:
            yield [cell.strip() for cell in line]
    except csv.Error as failure:
        raise ImportUnreadable(found=f"line {reader.line_num}: {failure}") from failure


@contextmanager
def _opened_workbook(path: Path) -> Iterator[Any]:
    from openpyxl import load_workbook

    # a stream, because files in the store have no extension, and openpyxl believes extensions
    with path.open("rb") as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > _LARGEST_UNPACKED_BYTES:
                raise ImportUnreadable(found=f"{unpacked >> 20} MB unpacked")
            workbook = load_workbook(stream, read_only=True, data_only=True)
        except _BROKEN_WORKBOOK as failure:
            raise ImportUnreadable(found=str(failure)) from failure
        try:
            yield workbook.worksheets[0]
        finally:
            workbook.close()


def _sheet_lines(sheet: Any) -> Iterator[Sequence[str]]:
    try:
        for row in sheet.iter_rows(values_only=True):
            yield [_cell_text(value) for value in row]
    except _BROKEN_WORKBOOK as failure:
        raise ImportUnreadable(found=str(failure)) from failure


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _delimiter(sample: str) -> str:
    """Of comma, semicolon and tab, the one that the first line has most of."""
    first = next((line for line in sample.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)
