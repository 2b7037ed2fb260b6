"""docx: paragraphs, tables (nested too), text boxes, footnotes, charts and pictures; deleted text is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import PartFactory
from docx.package import Package
from docx.parts.document import DocumentPart
from lxml import etree

from qa.documents import Address, Cell, Document, Paragraph, Table
from qa.readers.charts import read_chart
from qa.readers.grids import grid_of
from qa.readers.pictures import read_picture

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# documents with macros and templates are documents too, which python-docx would refuse
for _type in ("document.macroEnabled", "template.macroEnabledTemplate"):
    PartFactory.part_type_for[f"application/vnd.ms-word.{_type}.main+xml"] = DocumentPart
PartFactory.part_type_for["application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"] = (
    DocumentPart
)
_SKIPPED = {f"{_W}del", f"{_W}moveFrom", f"{_MC}Fallback", f"{_W}txbxContent", f"{_W}rPr", f"{_W}pPr"}


@dataclass(slots=True)
class _Text:
    visible: str = ""
    hidden: str = ""
    notes: tuple[str, ...] = ()


def read(path: Path) -> Document:
    """The body in reading order; comments, hidden text and hidden headers as hidden paragraphs."""
    with path.open("rb") as stream:
        source = Package.open(stream).main_document_part.document
    reader = _DocxReader(source)
    reader.read_body(source.element.body)
    reader.read_margins()
    names = [str(part.partname) for part in source.part.package.iter_parts()]
    warnings = ("macros",) if any("vbaProject" in name for name in names) else ()
    return Document("docx", tuple(reader.tables), tuple(reader.paragraphs), warnings, 0)


@dataclass
class _DocxReader:
    source: Any
    tables: list[Table] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    _all: int = 0
    _nonempty: int = 0
    _heading: tuple[str, ...] = ()
    _footnotes: dict[str, str] = field(default_factory=dict)
    _recent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for kind in (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES):
            root = self._related(kind)
            for note in root if root is not None else ():
                number = note.get(f"{_W}id", "")
                self._footnotes[f"{etree.QName(note).localname}{number}"] = self._text(note).visible.strip()

    def _related(self, kind: str) -> Any:
        for relation in self.source.part.rels.values():
            if relation.reltype == kind and not relation.is_external:
                return etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False))
        return None

    def read_body(self, body: Any) -> None:
        """Walk the block-level children, content controls opened."""
        count = 0
        for block in _blocks(body):
            if block.tag == f"{_W}p":
                self._read_paragraph(block)
            elif block.tag == f"{_W}tbl":
                count += 1
                if self.tables and self._recent:
                    self.tables[-1] = replace(self.tables[-1], remarks=tuple(self._recent[:4]))
                self._add_table(block, Address(table=count))

    def _add_table(self, element: Any, address: Address) -> None:
        table = self._grid(element, address)
        captions = (*self._heading, *self._recent[-3:])
        self._recent = []
        if table.rows:
            self.tables.append(replace(table, captions=captions))

    def _grid(self, element: Any, address: Address) -> Table:
        cells: dict[tuple[int, int], Cell] = {}
        for number, row in enumerate(element.findall(f"{_W}tr"), start=1):
            column = 1
            properties = row.find(f"{_W}trPr")
            is_deleted = properties is not None and properties.find(f"{_W}del") is not None
            for item in row.iter(f"{_W}tc"):
                if _parent_table(item) is not element:
                    continue
                span, continues = _spans(item)
                if continues and (number - 1, column) in cells:
                    cell = cells[number - 1, column]
                else:
                    cell = self._cell(item, replace(address, row=number, column=column))
                for offset in range(span):
                    if not is_deleted:
                        cells[number, column + offset] = cell
                column += span
        return grid_of(cells)

    def _cell(self, element: Any, address: Address) -> Cell:
        parts = [self._text(paragraph) for paragraph in element.findall(f"{_W}p")]
        for inner in element.findall(f"{_W}tbl"):
            place = (address.row or 0, address.column or 0)
            nested = self._grid(inner, Address(table=address.table, row=place[0], column=place[1], nested=(1, 1)))
            self.tables.append(_renumbered(nested, address))
        self._read_drawings(element, address)
        return Cell(
            text="\n".join(part.visible.strip() for part in parts if part.visible.strip()),
            address=address,
            hidden_text=" ".join(part.hidden for part in parts if part.hidden),
            notes=tuple(note for part in parts for note in part.notes),
        )

    def _read_paragraph(self, element: Any) -> None:
        text = self._text(element)
        self._all += 1
        self._nonempty += bool(text.visible.strip())
        address = Address(paragraph=self._all, nonempty_paragraph=self._nonempty)
        if _is_heading(element, text.visible):
            self._heading = (text.visible.strip(),)
            self._recent = []
        elif text.visible.strip():
            self._recent.append(text.visible.strip())
            if self.tables and len(self._recent) <= 4 and not self.tables[-1].remarks[3:]:
                self.tables[-1] = replace(self.tables[-1], remarks=(*self.tables[-1].remarks, text.visible.strip()))
        if text.visible.strip() or text.hidden.strip():
            self.paragraphs.append(
                Paragraph(text.visible.strip(), address, text.hidden.strip(), self._heading, text.notes)
            )
        for box in _outside_fallback(element, f"{_W}txbxContent"):
            for inner in box.iter(f"{_W}p"):
                boxed = self._text(inner)
                if boxed.visible.strip() or boxed.hidden.strip():
                    self.paragraphs.append(
                        Paragraph(boxed.visible.strip(), address, boxed.hidden.strip(), self._heading)
                    )
        self._read_drawings(element, address)

    def _read_drawings(self, element: Any, address: Address) -> None:
        parts = self.source.part.related_parts
        for chart in _outside_fallback(element, f"{_C}chart"):
            part = parts.get(chart.get(f"{_R}id"))
            table = read_chart(part.blob, address, self._heading) if part is not None else None
            self.tables += [table] if table else []
        for picture in _outside_fallback(element, f"{_A}blip"):
            part = parts.get(picture.get(f"{_R}embed"))
            if part is not None:
                self.tables += read_picture(part.blob, address).tables

    def read_margins(self) -> None:
        """Comments, which the reader of a printed page does not see; headers and footers, which one does."""
        comments = self._related(RELATIONSHIP_TYPE.COMMENTS)
        for comment in comments if comments is not None else ():
            text = self._text(comment).visible.strip()
            if text:
                self.paragraphs.append(Paragraph(text, Address(paragraph=0)).concealed())
        seen = set()
        for section in self.source.sections:
            for margin in (section.header, section.footer):
                for paragraph in margin.paragraphs if not margin.is_linked_to_previous else ():
                    text = self._text(paragraph._p).visible.strip()  # noqa: SLF001  (python-docx names its element so)
                    if text and text not in seen:
                        seen.add(text)
                        self.paragraphs.append(Paragraph(text, Address(paragraph=0, shape="margin")))

    def _text(self, element: Any) -> _Text:
        text = _Text()
        for node, run in _leaves(element, None):
            if node.tag in (f"{_W}footnoteReference", f"{_W}endnoteReference"):
                kind = "footnote" if node.tag == f"{_W}footnoteReference" else "endnote"
                note = self._footnotes.get(f"{kind}{node.get(f'{_W}id')}")
                text.notes += (note,) if note else ()
                continue
            piece = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}noBreakHyphen": "-"}.get(node.tag, node.text or "")
            look = _look(run)
            if look == "hidden":
                text.hidden += piece
            elif look == "visible":
                text.visible += piece
        return text


def _blocks(parent: Any) -> Iterator[Any]:
    for child in parent:
        if child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _blocks(child)
        else:
            yield child


def _leaves(element: Any, run: Any) -> Iterator[tuple[Any, Any]]:
    wanted = {
        f"{_W}t",
        f"{_M}t",
        f"{_W}tab",
        f"{_W}br",
        f"{_W}noBreakHyphen",
        f"{_W}footnoteReference",
        f"{_W}endnoteReference",
    }
    for child in element:
        if child.tag in wanted:
            yield child, run
        elif child.tag not in _SKIPPED and child.tag != f"{_W}tbl":
            yield from _leaves(child, child if child.tag == f"{_W}r" else run)


def _look(run: Any) -> str:
    """How a run appears: visible, hidden or struck."""
    properties = run.find(f"{_W}rPr") if run is not None else None
    if properties is None:
        return "visible"
    if _is_on(properties, "strike") or _is_on(properties, "dstrike"):
        return "struck"
    colour = properties.find(f"{_W}color")
    is_white = colour is not None and (colour.get(f"{_W}val") or "").upper() == "FFFFFF"
    if _is_on(properties, "vanish") or (is_white and not _is_shaded(run)):
        return "hidden"
    return "visible"


def _is_on(properties: Any, name: str) -> bool:
    flag = properties.find(f"{_W}{name}")
    return flag is not None and flag.get(f"{_W}val", "true") not in ("0", "false", "none")


def _is_shaded(run: Any) -> bool:
    """Whether anything around the run has a background of its own."""
    node = run
    while node is not None:
        for shade in node.iterfind(f"*/{_W}shd"):
            if (shade.get(f"{_W}fill") or "auto").lower() not in ("auto", "ffffff"):
                return True
        if node.tag == f"{_W}tbl":
            return node.find(f"{_W}tblPr/{_W}tblStyle") is not None
        node = node.getparent()
    return False


def _outside_fallback(element: Any, tag: str) -> Iterator[Any]:
    for found in element.iter(tag):
        if not any(parent.tag in (f"{_MC}Fallback", f"{_W}del") for parent in found.iterancestors()):
            yield found


def _parent_table(item: Any) -> Any:
    return next((parent for parent in item.iterancestors() if parent.tag == f"{_W}tbl"), None)


def _spans(item: Any) -> tuple[int, bool]:
    """Columns covered, and whether the cell continues the one above."""
    properties = item.find(f"{_W}tcPr")
    if properties is None:
        return 1, False
    span = properties.find(f"{_W}gridSpan")
    merge = properties.find(f"{_W}vMerge")
    width = min(int(span.get(f"{_W}val", "1")), 100) if span is not None else 1
    return width, merge is not None and merge.get(f"{_W}val") != "restart"


def _renumbered(nested: Table, outer: Address) -> Table:
    rows = tuple(
        tuple(
            replace(
                cell,
                address=replace(outer, nested=(cell.address.row or 1, cell.address.column or 1)),
            )
            for cell in row
        )
        for row in nested.rows
    )
    return replace(nested, rows=rows)


def _is_heading(element: Any, text: str) -> bool:
    style = element.find(f"{_W}pPr/{_W}pStyle")
    if style is not None and re.match(r"(?i)heading|title|标题|\d$", style.get(f"{_W}val") or ""):
        return bool(text.strip())
    return bool(re.match(r"\s*(?:[一二三四五六七八九十]+、|\d+(?:\.\d+)*[\s、.])\S{1,20}\s*$", text))
