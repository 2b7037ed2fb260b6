"""Building tables out of cells that come with their row and column numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qa.documents import Address, Cell, Table

_EMPTY = Cell(text="", address=Address())
MAX_ROWS = 4000
MAX_COLUMNS = 200


def grid_of(cells: Mapping[tuple[int, int], Cell], name: str = "", captions: tuple[str, ...] = ()) -> Table:
    """A table of the rows and columns that hold anything at all (merged cells are given once per position)."""
    filled = {position for position, cell in cells.items() if cell.text or cell.hidden_text}
    rows = sorted({row for row, _ in filled})[:MAX_ROWS]
    columns = sorted({column for _, column in filled})[:MAX_COLUMNS]
    grid = tuple(tuple(cells.get((row, column), _EMPTY) for column in columns) for row in rows)
    return Table(rows=grid, name=name, captions=captions)


def spread(cells: dict[tuple[int, int], Cell], area: tuple[int, int, int, int], cell_range: str) -> None:
    """Repeat the top left cell of a merged area (top, left, bottom, right) over all of it."""
    top, left, bottom, right = area
    anchor = cells.get((top, left))
    if anchor is None or not (anchor.text or anchor.hidden_text):
        return
    merged = replace(anchor, address=replace(anchor.address, cell_range=cell_range))
    for row in range(top, min(bottom, top + MAX_ROWS) + 1):
        for column in range(left, min(right, left + MAX_COLUMNS) + 1):
            cells[row, column] = merged
