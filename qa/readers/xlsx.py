"""xlsx and xlsm: sheets as spreadsheet programs show them."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from qa.documents import Address, Cell, Document, Paragraph, Table
from qa.readers.formulas import FormulaEvaluator, FormulaUnsupported, Value
from qa.readers.grids import grid_of, spread
from qa.readers.number_formats import display
from qa.readers.sheet_drawings import read_drawings

_MAX_DEPTH = 40


def read(path: Path) -> Document:
    """Every sheet as one table; drawings as paragraphs and tables; hidden sheets, rows and columns kept apart."""
    with path.open("rb") as stream, path.open("rb") as again:
        formulas = load_workbook(stream, rich_text=True)
        values = load_workbook(again, data_only=True)
    tables: list[Table] = []
    paragraphs: list[Paragraph] = []
    pictures = read_drawings(path)
    for sheet in formulas.worksheets:
        table = _SheetReader(formulas, values, sheet).read()
        shown = sheet.sheet_state == "visible"
        drawn = pictures.get(sheet.title)
        found = [table, *(drawn.tables if drawn else [])]
        texts = drawn.paragraphs if drawn else []
        tables += found if shown else [each.concealed() for each in found]
        paragraphs += texts if shown else [each.concealed() for each in texts]
    with zipfile.ZipFile(path) as archive:
        warnings = _warnings(archive.namelist())
    return Document(
        kind="xlsx",
        tables=tuple(tables),
        paragraphs=tuple(paragraphs),
        warnings=warnings,
        pages=len(formulas.worksheets),
    )


def _warnings(names: list[str]) -> tuple[str, ...]:
    found = []
    if any(name.lower().endswith("vbaproject.bin") or "macrosheets/" in name for name in names):
        found.append("macros")
    if any("externallinks/" in name.lower() for name in names):
        found.append("external_links")
    return tuple(found)


@dataclass
class _SheetReader:
    formulas: Workbook
    values: Workbook
    sheet: Worksheet

    def read(self) -> Table:
        hidden_rows = {row for row, size in self.sheet.row_dimensions.items() if size.hidden or size.height == 0}
        hidden_columns = self._hidden_columns()
        cells: dict[tuple[int, int], Cell] = {}
        # the mapping of existing cells: iterating the sheet would visit every position up to XFD1048576
        for (row, column), source in self.sheet._cells.items():  # noqa: SLF001
            if isinstance(source, SheetCell):
                cell = self._cell(source)
                is_hidden = row in hidden_rows or column in hidden_columns
                cells[row, column] = cell.concealed() if is_hidden else cell
        for area in self.sheet.merged_cells.ranges:
            if (area.min_row in hidden_rows) == (area.max_row in hidden_rows):
                spread(cells, (area.min_row, area.min_col, area.max_row, area.max_col), area.coord)
        return grid_of(cells, name=self.sheet.title)

    def _hidden_columns(self) -> set[int]:
        hidden: set[int] = set()
        for size in self.sheet.column_dimensions.values():
            if size.hidden or size.width == 0:
                hidden.update(range(size.min or 0, min(size.max or 0, 16384) + 1))
        return hidden

    def _cell(self, source: SheetCell) -> Cell:
        address = Address(sheet=self.sheet.title, cell=source.coordinate)
        comment = source.comment.text if source.comment else ""
        value = source.value
        formula = value if isinstance(value, str) and source.data_type == "f" else None
        shown, struck = _visible_text(value, source.number_format)
        if formula is not None:
            value = self._computed(source.row, source.column, self.sheet.title)
            shown = display(value, source.number_format)
        if (source.font and source.font.strike) or struck:
            shown = "" if source.font and source.font.strike else shown
        unseen = ""
        if value is not None and not isinstance(value, CellRichText) and not shown and not source.font.strike:
            unseen = str(value)
        if shown and _is_white_on_white(source):
            shown, unseen = "", shown
        return Cell(
            text=shown.strip(),
            address=address,
            hidden_text=f"{unseen} {comment}".strip(),
            raw=value if isinstance(value, int | float | str) else None,
            number_format=source.number_format,
            formula=formula,
        )

    def _computed(self, row: int, column: int, sheet: str, depth: int = 0) -> Value:
        """The stored result of a formula, or our own where the writing program stored none."""
        if sheet not in self.values.sheetnames or depth > _MAX_DEPTH:
            return None
        stored = self.values[sheet].cell(row, column).value
        source = self.formulas[sheet].cell(row, column)
        if stored is not None or source.data_type != "f" or not isinstance(source.value, str):
            return stored if isinstance(stored, int | float | str | bool) else None
        evaluator = FormulaEvaluator(sheet, lambda name, line, place: self._computed(line, place, name, depth + 1))
        try:
            return evaluator.evaluate(source.value)
        except FormulaUnsupported:
            return None


def _visible_text(value: object, number_format: str) -> tuple[str, bool]:
    """The text that is not struck through, and whether some was."""
    if not isinstance(value, CellRichText):
        return display(value, number_format), False
    kept = [part for part in value if not (isinstance(part, TextBlock) and part.font.strike)]
    return "".join(str(part) for part in kept), len(kept) < len(value)


def _is_white_on_white(cell: SheetCell) -> bool:
    colour = cell.font.color.rgb if cell.font and cell.font.color is not None else None
    return colour in ("FFFFFFFF", "00FFFFFF") and (cell.fill is None or cell.fill.fill_type is None)


def column_letter(column: int) -> str:
    """The letters of a 1-based column number."""
    return str(get_column_letter(column))
