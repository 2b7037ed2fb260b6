"""Charts as tables: categories down, one column per series (DrawingML charts are the same in xlsx, pptx and docx)."""

from __future__ import annotations

from defusedxml.ElementTree import fromstring

from qa.documents import Address, Cell, Table
from qa.readers.number_formats import display

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def read_chart(xml: bytes, address: Address, captions: tuple[str, ...] = ()) -> Table | None:
    """The data that a chart draws, or None when it draws nothing; its title and axis titles become captions."""
    root = fromstring(xml)
    columns: list[tuple[str, list[str]]] = []
    categories: list[str] = []
    for series in root.iter(f"{_C}ser"):
        categories = categories or _cached(series.find(f"{_C}cat"))
        values = _cached(series.find(f"{_C}val"))
        if values:
            columns.append((" ".join(_cached(series.find(f"{_C}tx"))), values))
    if not columns:
        return None
    titles = tuple("".join(run.text or "" for run in title.iter(f"{_A}t")) for title in root.iter(f"{_C}title"))
    height = max(len(values) for _, values in columns)
    rows = [["", *(name for name, _ in columns)]]
    for index in range(height):
        label = categories[index] if index < len(categories) else ""
        rows.append([label, *(values[index] if index < len(values) else "" for _, values in columns)])
    cells = tuple(tuple(Cell(text=text, address=address) for text in row) for row in rows)
    return Table(rows=cells, captions=(*captions, *(title for title in titles if title)))


def _cached(node: object) -> list[str]:
    """The cached points of a reference or the literal ones, in index order, gaps as empty text."""
    if node is None:
        return []
    code = next((item.text for item in node.iter(f"{_C}formatCode")), None)  # type: ignore[attr-defined]
    points: dict[int, str] = {}
    for point in node.iter(f"{_C}pt"):  # type: ignore[attr-defined]
        text = point.findtext(f"{_C}v") or ""
        points[int(point.get("idx", "0"))] = _shown(text, point.get("formatCode") or code)
    if not points:
        return [item.text or "" for item in node.iter(f"{_C}v")]  # type: ignore[attr-defined]
    return [points.get(index, "") for index in range(min(max(points) + 1, 1000))]


def _shown(text: str, code: str | None) -> str:
    try:
        return display(float(text), code)
    except ValueError:
        return text
