"""From lines of text with boxes (recognised pictures, PDF pages without ruling) back to tables and paragraphs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from qa.documents import Address, Box, Cell, Paragraph, Table

_PROSE_LENGTH = 16


@dataclass(frozen=True, slots=True)
class TextBox:
    """A line of text and its four corners, clockwise from the top left, in page units."""

    text: str
    corners: tuple[tuple[float, float], ...]

    @property
    def box(self) -> Box:
        xs, ys = [x for x, _ in self.corners], [y for _, y in self.corners]
        return (min(xs), min(ys), max(xs), max(ys))

    @property
    def slope(self) -> float:
        (x0, y0), (x1, y1) = self.corners[0], self.corners[1]
        return math.atan2(y1 - y0, x1 - x0)


@dataclass(slots=True)
class _Placed:
    """A text box on the straightened page."""

    source: TextBox
    left: float
    right: float
    middle: float
    height: float


Row = list[_Placed]


def arrange(boxes: Sequence[TextBox], page: int) -> tuple[list[Table], list[Paragraph]]:
    """At most one table (the aligned rows) and the paragraphs around it."""
    if not boxes:
        return [], []
    rows = _rows(_straightened(boxes))
    if _is_two_column_prose(rows):
        gutter = median(row[-1].left for row in rows if len(row) == 2)
        left = [item for row in rows for item in row if item.left < gutter - 2]
        right = [item for row in rows for item in row if item.left >= gutter - 2]
        return [], [*_paragraphs([[item] for item in left], page), *_paragraphs([[item] for item in right], page)]
    aligned = [index for index, row in enumerate(rows) if len(row) >= 2]
    if len(aligned) < 2:
        return [], _paragraphs(rows, page)
    above, body, below = rows[: aligned[0]], rows[aligned[0] : aligned[-1] + 1], rows[aligned[-1] + 1 :]
    captions, remarks = _paragraphs(above, page), _paragraphs(below, page)
    table = Table(
        rows=_grid(body, page),
        captions=tuple(paragraph.text for paragraph in captions),
        remarks=tuple(paragraph.text for paragraph in remarks),
    )
    return [table], [*captions, *remarks]


def _straightened(boxes: Sequence[TextBox]) -> list[_Placed]:
    wide = [box for box in boxes if len(box.text) >= 2]
    tilt = median(box.slope for box in wide) if wide else 0.0
    placed = []
    for box in boxes:
        turned = [
            (x * math.cos(tilt) + y * math.sin(tilt), y * math.cos(tilt) - x * math.sin(tilt)) for x, y in box.corners
        ]
        xs, ys = [x for x, _ in turned], [y for _, y in turned]
        placed.append(_Placed(box, min(xs), max(xs), sum(ys) / len(ys), max(ys) - min(ys)))
    return placed


def _rows(placed: list[_Placed]) -> list[Row]:
    height = median(item.height for item in placed)
    rows: list[Row] = []
    for item in sorted(placed, key=lambda each: each.middle):
        if rows and item.middle - sum(each.middle for each in rows[-1]) / len(rows[-1]) < 0.5 * height:
            rows[-1].append(item)
        else:
            rows.append([item])
    return [sorted(row, key=lambda each: each.left) for row in rows]


def _is_two_column_prose(rows: list[Row]) -> bool:
    pairs = [row for row in rows if len(row) == 2]
    if len(pairs) < 4 or len(pairs) < 0.5 * len(rows):
        return False
    return median(len(item.source.text) for row in pairs for item in row) >= _PROSE_LENGTH


def _grid(rows: list[Row], page: int) -> tuple[tuple[Cell, ...], ...]:
    columns = _columns(rows)
    height = median(item.height for row in rows for item in row)
    grid: list[list[list[_Placed]]] = []
    last_middle = -math.inf
    for row in rows:
        cells: list[list[_Placed]] = [[] for _ in columns]
        for item in row:
            cells[_nearest(item, columns)].append(item)
        middle = sum(item.middle for item in row) / len(row)
        wraps = grid and not cells[0] and len(row) < len(columns) and middle - last_middle < 1.25 * height
        if wraps:
            grid[-1] = [first + second for first, second in zip(grid[-1], cells, strict=True)]
        else:
            grid.append(cells)
        last_middle = middle
    return tuple(tuple(_cell(items, page) for items in cells) for cells in grid)


def _columns(rows: list[Row]) -> list[tuple[float, float]]:
    """The extents of the columns: from the fullest row, widened by everything that falls into one of them alone."""
    fullest = max(rows, key=len)
    columns = [(item.left, item.right) for item in fullest]
    for row in rows:
        if len(row) != len(fullest):
            continue
        columns = [(min(low, item.left), max(high, item.right)) for (low, high), item in zip(columns, row, strict=True)]
    return columns


def _nearest(item: _Placed, columns: list[tuple[float, float]]) -> int:
    def distance(index: int) -> tuple[float, float]:
        low, high = columns[index]
        overlap = min(item.right, high) - max(item.left, low)
        return (-max(overlap, 0.0), abs((item.left + item.right) / 2 - (low + high) / 2))

    return min(range(len(columns)), key=distance)


def _cell(items: list[_Placed], page: int) -> Cell:
    text = " ".join(item.source.text for item in items)
    return Cell(text=text, address=Address(page=page, box=_union(items) if items else None))


def _union(items: list[_Placed]) -> Box:
    boxes = [item.source.box for item in items]
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _paragraphs(rows: list[Row], page: int) -> list[Paragraph]:
    """Lines joined while the one above runs to the edge of its column without ending a sentence."""
    if not rows:
        return []
    edge = max(row[-1].right for row in rows)
    groups: list[Row] = []
    open_line = False
    for row in rows:
        if groups and open_line and _follows(groups[-1][-1], row[0]):
            groups[-1] = groups[-1] + row
        else:
            groups.append(list(row))
        reaches_edge = row[-1].right > edge - 2.5 * row[-1].height
        open_line = reaches_edge and not re.search(r"[。！？：；.!?:;]\s*$", row[-1].source.text)
    return [_paragraph(group, page) for group in groups]


def _follows(above: _Placed, below: _Placed) -> bool:
    """Letters of the same size at the usual distance."""
    similar = 0.87 < above.height / max(below.height, 1e-6) < 1.15
    return similar and below.middle - above.middle < 2.0 * above.height


def _paragraph(items: Row, page: int) -> Paragraph:
    text = ""
    for item in items:
        piece = item.source.text
        needs_space = text and re.search(r"[\w,.;]$", text) and re.match(r"[A-Za-z0-9]", piece)
        text += (" " if needs_space else "") + piece
    return Paragraph(text=text, address=Address(page=page, box=_union(items)))
