"""What floats over the cells of an xlsx sheet: text boxes, charts and pictures."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from openpyxl.utils import get_column_letter

from qa.documents import Address, Paragraph, Table
from qa.readers.charts import read_chart
from qa.readers.pictures import read_picture

_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass
class SheetDrawings:
    tables: list[Table] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)


def read_drawings(path: Path) -> dict[str, SheetDrawings]:
    """The drawings of each sheet, by the sheet's name."""
    found: dict[str, SheetDrawings] = {}
    with zipfile.ZipFile(path) as archive:
        for name, part in _sheets(archive):
            drawings = SheetDrawings()
            for kind, target in _relations(archive, part).values():
                if kind.endswith("/drawing"):
                    _read_drawing(archive, target, name, drawings)
            found[name] = drawings
    return found


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    relations = _relations(archive, "xl/workbook.xml")
    if "xl/workbook.xml" not in archive.namelist():
        return
    for sheet in fromstring(archive.read("xl/workbook.xml")).iter(f"{_S}sheet"):
        relation = relations.get(sheet.get(f"{_R}id", ""))
        if relation:
            yield sheet.get("name", ""), relation[1]


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relation id -> (type, part name) of the internal relations of a part."""
    folder, _, name = part.rpartition("/")
    path = f"{folder}/_rels/{name}.rels"
    if path not in archive.namelist():
        return {}
    found = {}
    for relation in fromstring(archive.read(path)):
        if relation.get("TargetMode") != "External":
            target = relation.get("Target", "")
            absolute = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            found[relation.get("Id", "")] = (relation.get("Type", ""), absolute)
    return found


def _read_drawing(archive: zipfile.ZipFile, part: str, sheet: str, drawings: SheetDrawings) -> None:
    if part not in archive.namelist():
        return
    relations = _relations(archive, part)
    for anchor in fromstring(archive.read(part)):
        address = _anchored(anchor, sheet)
        for shape in anchor.iter(f"{_XDR}sp"):
            paragraph = _text_box(shape, address)
            if paragraph:
                drawings.paragraphs.append(paragraph)
        for chart in anchor.iter(f"{_C}chart"):
            target = relations.get(chart.get(f"{_R}id", ""), ("", ""))[1]
            table = read_chart(archive.read(target), address) if target in archive.namelist() else None
            drawings.tables += [table] if table else []
        for picture in anchor.iter(f"{_A}blip"):
            target = relations.get(picture.get(f"{_R}embed", ""), ("", ""))[1]
            if target in archive.namelist():
                drawings.tables += read_picture(archive.read(target), address).tables


def _anchored(anchor: Element, sheet: str) -> Address:
    start = anchor.find(f"{_XDR}from")
    if start is None:
        return Address(sheet=sheet, shape="textbox")
    column = int(start.findtext(f"{_XDR}col") or 0) + 1
    row = int(start.findtext(f"{_XDR}row") or 0) + 1
    return Address(sheet=sheet, cell=f"{get_column_letter(column)}{row}", shape="textbox")


def _text_box(shape: Element, address: Address) -> Paragraph | None:
    properties = next(shape.iter(f"{_XDR}cNvPr"), None)
    lines = []
    for paragraph in shape.iter(f"{_A}p"):
        runs = [run for run in paragraph.iter(f"{_A}r") if not _is_struck(run)]
        lines.append("".join(run.findtext(f"{_A}t") or "" for run in runs))
    text = "\n".join(line for line in lines if line.strip())
    if not re.sub(r"\s", "", text):
        return None
    paragraph_of_box = Paragraph(text=text, address=address)
    hidden = properties is not None and properties.get("hidden") in ("1", "true")
    return paragraph_of_box.concealed() if hidden else paragraph_of_box


def _is_struck(run: Element) -> bool:
    properties = run.find(f"{_A}rPr")
    return properties is not None and properties.get("strike", "noStrike") != "noStrike"
