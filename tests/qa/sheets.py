"""Comparison sheets written the way people write them, and the check run over them as an upload would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from qa.check import Finding, RequestedParameter, check_document
from qa.reading import read_document

Row = Sequence[object]


def save_sheet(path: Path, rows: Sequence[Row], dress: Callable[[Worksheet], None] = lambda _sheet: None) -> Path:
    """An xlsx file with one sheet named 对比; `dress` hides, merges and formats."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "对比"
    for row in rows:
        sheet.append(list(row))
    dress(sheet)
    book.save(path)
    return path


def check(path: Path, *requested: tuple[str, str | None], own: str | None = "我方") -> tuple[Finding, ...]:
    """Read the file and check it for (name, expected unit) pairs."""
    return check_document(read_document(path, path.name), [RequestedParameter(*each) for each in requested], own)
