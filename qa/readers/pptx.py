"""pptx: tables, text boxes, groups, charts, diagrams and pictures, slide by slide; notes and comments are hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from defusedxml.ElementTree import fromstring
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from qa.documents import Address, Cell, Document, Paragraph, Table
from qa.readers.charts import read_chart
from qa.readers.grids import grid_of
from qa.readers.pictures import read_picture

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MAX_HEADING = 30


def read(path: Path) -> Document:
    """Every slide; hidden slides keep their number and are hidden throughout."""
    with path.open("rb") as stream:
        deck = Presentation(stream)
    tables: list[Table] = []
    paragraphs: list[Paragraph] = []
    slides = list(deck.slides)
    for number, slide in enumerate(slides, start=1):
        reader = _SlideReader(slide, Address(slide=number), (deck.slide_width or 0, deck.slide_height or 0))
        reader.read()
        hidden = slide._element.get("show") in ("0", "false")  # noqa: SLF001  (python-pptx names its element so)
        tables += [table.concealed() for table in reader.tables] if hidden else reader.tables
        paragraphs += [text.concealed() for text in reader.paragraphs] if hidden else reader.paragraphs
        paragraphs += _unseen(slide, number)
    names = [str(part.partname) for part in deck.part.package.iter_parts()]
    warnings = ("macros",) if any("vbaProject" in name for name in names) else ()
    return Document("pptx", tuple(tables), tuple(paragraphs), warnings, len(slides))


def _unseen(slide: Any, number: int) -> list[Paragraph]:
    """Speaker notes and comments."""
    texts = []
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        texts.append(slide.notes_slide.notes_text_frame.text)
    for relation in slide.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(("/comments", "/comment")):
            root = fromstring(relation.target_part.blob)
            texts.append(" ".join(node.text or "" for node in root.iter() if node.tag.endswith(("}text", "}t"))))
    return [Paragraph(text, Address(slide=number)).concealed() for text in texts if text.strip()]


@dataclass
class _SlideReader:
    slide: Any
    address: Address
    size: tuple[int, int]
    tables: list[Table] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)

    def read(self) -> None:
        title = self.slide.shapes.title
        heading = _frame_text(title.text_frame).strip() if title is not None and title.has_text_frame else ""
        scope = (heading,) if heading else ()
        self._read_shapes(self.slide.shapes, scope, is_group=False)
        texts = tuple(text.text for text in self.paragraphs if text.text)
        self.tables = [replace(table, captions=(*scope, *table.captions), remarks=texts) for table in self.tables]

    def _read_shapes(self, shapes: Iterable[Any], scope: tuple[str, ...], *, is_group: bool) -> None:
        ordered = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
        boxes = [shape for shape in ordered if shape.has_text_frame and _frame_text(shape.text_frame).strip()]
        inner = scope
        if is_group and boxes:
            first = _frame_text(boxes[0].text_frame).strip().splitlines()[0]
            inner = (*scope, first)
        for shape in ordered:
            before = len(self.tables), len(self.paragraphs)
            above = inner if is_group else (*scope, *_heading_above(shape, boxes))
            self._read_shape(shape, above)
            if self._is_hidden(shape):
                self.tables[before[0] :] = [table.concealed() for table in self.tables[before[0] :]]
                self.paragraphs[before[1] :] = [text.concealed() for text in self.paragraphs[before[1] :]]

    def _is_hidden(self, shape: Any) -> bool:
        properties = next(iter(shape._element.xpath(".//p:cNvPr")), None)  # noqa: SLF001
        if properties is not None and properties.get("hidden") in ("1", "true"):
            return True
        if None in (shape.left, shape.top, shape.width, shape.height) or not all(self.size):
            return False
        beside = shape.left >= self.size[0] or shape.left + shape.width <= 0
        return bool(beside or shape.top >= self.size[1] or shape.top + shape.height <= 0)

    def _read_shape(self, shape: Any, scope: tuple[str, ...]) -> None:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            self._read_shapes(shape.shapes, scope, is_group=True)
        elif getattr(shape, "has_table", False) and shape.has_table:
            self.tables.append(_table(shape.table, self.address, scope))
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            chart = read_chart(shape.chart.part.blob, self.address, scope)
            self.tables += [chart] if chart else []
        elif shape.has_text_frame:
            lines = [_paragraph_text(line).strip() for line in shape.text_frame.paragraphs]
            self.paragraphs += [Paragraph(line, self.address, scope=scope) for line in lines if line]
        else:
            self._read_media(shape, scope)

    def _read_media(self, shape: Any, scope: tuple[str, ...]) -> None:
        for blip in shape._element.iter(f"{_A}blip"):  # noqa: SLF001
            target = blip.get(f"{_R}embed")
            if target in self.slide.part.rels:
                found = read_picture(self.slide.part.related_part(target).blob, self.address)
                self.tables += found.tables
                self.paragraphs += [replace(text, scope=scope) for text in found.paragraphs]
        for diagram in shape._element.iter(f"{_DGM}relIds"):  # noqa: SLF001
            data = self.slide.part.related_part(diagram.get(f"{_R}dm"))
            for paragraph in fromstring(data.blob).iter(f"{_A}p"):
                text = "".join(node.text or "" for node in paragraph.iter(f"{_A}t")).strip()
                self.paragraphs += [Paragraph(text, self.address, scope=scope)] if text else []


def _heading_above(shape: Any, boxes: list[Any]) -> tuple[str, ...]:
    """The short text box at the head of the column in which `shape` stands."""
    if not shape.has_text_frame or shape.left is None or shape.width is None:
        return ()
    middle = shape.left + shape.width / 2
    column = [
        box
        for box in boxes
        if box.left is not None
        and box.width is not None
        and box.left <= middle <= box.left + box.width
        and not box.is_placeholder
        and box.width < 2.5 * shape.width
    ]
    if len(column) < 2 or column[0] is shape or column[0].shape_id == shape.shape_id:
        return ()
    text = _frame_text(column[0].text_frame).strip()
    return (text,) if len(text) <= _MAX_HEADING else ()


def _frame_text(frame: Any) -> str:
    return "\n".join(_paragraph_text(paragraph) for paragraph in frame.paragraphs)


def _paragraph_text(paragraph: Any) -> str:
    pieces = []
    for node in paragraph._p:  # noqa: SLF001  (runs, fields and breaks in order; python-pptx offers runs only)
        if node.tag == f"{_A}br":
            pieces.append("\n")
        elif node.tag in (f"{_A}r", f"{_A}fld"):
            look = node.find(f"{_A}rPr")
            struck = look is not None and look.get("strike", "noStrike") != "noStrike"
            pieces += [] if struck else [node.findtext(f"{_A}t") or ""]
        else:
            pieces += [item.text or "" for item in node.iter() if str(item.tag).endswith("/math}t")]
    return "".join(pieces)


def _table(source: Any, address: Address, scope: tuple[str, ...]) -> Table:
    cells: dict[tuple[int, int], Cell] = {}
    for row, line in enumerate(source.rows, start=1):
        for column, item in enumerate(line.cells, start=1):
            if item.is_spanned:
                continue
            cell = Cell(text=_frame_text(item.text_frame).strip(), address=replace(address, row=row, column=column))
            height = item.span_height if item.is_merge_origin else 1
            width = item.span_width if item.is_merge_origin else 1
            for below in range(height):
                for beside in range(width):
                    cells[row + below, column + beside] = cell
    return grid_of(cells, captions=scope)
