"""The old binary Excel format, by xlrd (which keeps results, not formulas)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import xlrd
from openpyxl.utils import get_column_letter

from qa.documents import Address, Cell, Document, Table
from qa.errors import DocumentDamaged, DocumentEncrypted
from qa.readers.grids import grid_of, spread
from qa.readers.number_formats import display


def read(path: Path) -> Document:
    """Every sheet as one table; hidden sheets, rows, columns and cell notes kept apart."""
    try:
        book = xlrd.open_workbook(path, formatting_info=True)
    except xlrd.XLRDError as fault:
        raise DocumentEncrypted() if "encrypted" in str(fault).lower() else DocumentDamaged() from fault
    tables = []
    for sheet in book.sheets():
        table = _read_sheet(book, sheet)
        tables.append(table if sheet.visibility == 0 else table.concealed())
    return Document("xls", tuple(tables), pages=book.nsheets)


def _read_sheet(book: Any, sheet: Any) -> Table:
    hidden_rows = {row for row, info in sheet.rowinfo_map.items() if info.hidden or info.height == 0}
    hidden_columns = {column for column, info in sheet.colinfo_map.items() if info.hidden or info.width == 0}
    cells: dict[tuple[int, int], Cell] = {}
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            cell = _cell(book, sheet, row, column)
            is_hidden = row in hidden_rows or column in hidden_columns
            cells[row + 1, column + 1] = cell.concealed() if is_hidden else cell
    for top, bottom, left, right in sheet.merged_cells:
        area = f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right)}{bottom}"
        spread(cells, (top + 1, left + 1, bottom, right), area)
    return grid_of(cells, name=sheet.name)


def _cell(book: Any, sheet: Any, row: int, column: int) -> Cell:
    source = sheet.cell(row, column)
    style = book.xf_list[source.xf_index]
    number_format = book.format_map[style.format_key].format_str if style.format_key in book.format_map else "General"
    note = sheet.cell_note_map.get((row, column))
    value: object = source.value
    if source.ctype == xlrd.XL_CELL_DATE:
        value = datetime(*xlrd.xldate_as_tuple(source.value, book.datemode)) if source.value >= 61 else source.value  # noqa: DTZ001
    elif source.ctype == xlrd.XL_CELL_BOOLEAN:
        value = bool(source.value)
    elif source.ctype == xlrd.XL_CELL_ERROR:
        value = None
    shown = display(value, number_format) if value != "" else ""
    is_struck = bool(book.font_list[style.font_index].struck_out)
    unseen = str(source.value) if source.value != "" and not shown and not is_struck else ""
    return Cell(
        text="" if is_struck else shown.strip(),
        address=Address(sheet=sheet.name, cell=f"{get_column_letter(column + 1)}{row + 1}"),
        hidden_text=f"{unseen} {note.text if note else ''}".strip(),
        raw=source.value if isinstance(source.value, int | float | str) else None,
        number_format=number_format,
    )
