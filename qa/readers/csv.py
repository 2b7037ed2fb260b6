"""Delimited text in any of the encodings that office programs write."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from charset_normalizer import from_bytes
from openpyxl.utils import get_column_letter

from qa.documents import Address, Cell, Document, Table
from qa.errors import DocumentDamaged
from qa.readers.grids import MAX_COLUMNS, MAX_ROWS

_SHEET = "Sheet1"


def decode(content: bytes) -> str:
    """Text from UTF-8 and UTF-16 with or without mark, GB18030 or what the bytes look like."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    best = from_bytes(content).best()
    if best is None:
        raise DocumentDamaged(reason="encoding")
    return str(best)


def read(path: Path) -> Document:
    """One table; the delimiter is the one that divides the first lines most evenly."""
    text = decode(path.read_bytes())
    delimiter = _delimiter(text)
    rows = []
    width = 0
    for number, fields in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), start=1):
        if number > MAX_ROWS:
            break
        kept = fields[:MAX_COLUMNS]
        width = max(width, len(kept))
        rows.append([_cell(value, number, column) for column, value in enumerate(kept, start=1)])
    padded = tuple(
        tuple(row + [_cell("", number, column) for column in range(len(row) + 1, width + 1)])
        for number, row in enumerate(rows, start=1)
        if any(cell.text for cell in row)
    )
    return Document("csv", (Table(rows=padded, name=_SHEET),) if padded else (), pages=1)


def _cell(value: str, row: int, column: int) -> Cell:
    return Cell(text=value.strip(), address=Address(sheet=_SHEET, cell=f"{get_column_letter(column)}{row}"), raw=value)


def _delimiter(text: str) -> str:
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:20] if line.strip()]

    def evenness(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines]
        return (min(counts, default=0), sum(counts))

    return max(",;\t|", key=evenness) if any(any(evenness(mark)) for mark in ",;\t|") else ","
