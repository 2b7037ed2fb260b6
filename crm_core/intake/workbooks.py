"""The lines of the first worksheet that has any, read as a stream; hostile workbooks are refused before they unfold."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from crm_core.intake.errors import ImportUnreadable

_LARGEST_UNPACKED_BYTES = 1 << 30
#: texts are tabulated beside the sheets and held in memory as a whole
_LARGEST_TEXTS_BYTES = 256 << 20
_TEXTS = "xl/sharedStrings.xml"
#: a table packs ten to thirty times; nothing honest packs five hundred times
_STEEPEST_PACKING = 500
_SUSPICIOUS_FROM_BYTES = 16 << 20
_MOST_PARTS = 2_000
_SHEETS_LOOKED_AT = 20
#: what the reader of workbooks raises for broken ones; malformed XML is a SyntaxError to it, a password a RuntimeError
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, KeyError, ValueError, IndexError, SyntaxError, EOFError,
    TypeError, RuntimeError,
)  # fmt: skip


@contextmanager
def opened_workbook(path: Path) -> Iterator[Iterator[Sequence[str]]]:
    """Raises ImportUnreadable, also from within the lines."""
    from openpyxl import load_workbook

    # a stream, because files in the store have no extension, and openpyxl believes extensions
    with path.open("rb") as stream:
        try:
            _refuse_hostile(stream)
            workbook = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        except _BROKEN as failure:
            raise ImportUnreadable(found=str(failure)[:200]) from failure
        try:
            yield _lines(_sheet_with_content(workbook))
        finally:
            workbook.close()


def _refuse_hostile(stream: IO[bytes]) -> None:
    with zipfile.ZipFile(stream) as archive:
        parts = archive.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    texts = sum(part.file_size for part in parts if part.filename == _TEXTS)
    if len(parts) > _MOST_PARTS:
        raise ImportUnreadable(found=f"{len(parts)} parts")
    is_bomb = unpacked > _SUSPICIOUS_FROM_BYTES and unpacked > packed * _STEEPEST_PACKING
    if is_bomb or unpacked > _LARGEST_UNPACKED_BYTES or texts > _LARGEST_TEXTS_BYTES:
        raise ImportUnreadable(found=f"{unpacked >> 20} MB unpacked")


def _sheet_with_content(workbook: Any) -> Any:
    """The first worksheet with a line, for some begin with an empty or a hidden one."""
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"] or workbook.worksheets
    if not sheets:
        raise ImportUnreadable(found="no worksheet")
    for sheet in sheets[:_SHEETS_LOOKED_AT]:
        # what a sheet says of its own size is not to be relied on
        sheet.reset_dimensions()
        if next((True for line in _lines(sheet) if any(line)), False):
            return sheet
    return sheets[0]


def _lines(sheet: Any) -> Iterator[Sequence[str]]:
    try:
        for row in sheet.iter_rows(values_only=True):
            yield [_cell_text(value) for value in row]
    except _BROKEN as failure:
        raise ImportUnreadable(found=str(failure)[:200]) from failure


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return str(value)
