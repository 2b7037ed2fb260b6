"""PDF: ruled tables as drawn, other text by its place on the page; pages without text are recognised as pictures."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pdfplumber

from qa.documents import Address, Box, Cell, Document, Paragraph, Table
from qa.readers.layout import TextBox, arrange
from qa.readers.pictures import recognise

_MAX_PAGES = 60
# a scan of more pages than this is cut, so that a page takes its time and a file does not
_MAX_RECOGNISED_PAGES = 4
_MIN_CHARACTERS = 8
_RESOLUTION = 144


def read(path: Path) -> Document:
    """Tables and paragraphs page by page; comments and other annotations are hidden paragraphs."""
    tables: list[Table] = []
    paragraphs: list[Paragraph] = []
    recognised = 0
    with pdfplumber.open(path) as pdf:
        total = len(pdf.pages)
        for page in pdf.pages[:_MAX_PAGES]:
            found_tables, found_paragraphs = _read_page(page)
            if _is_picture(page) and recognised < _MAX_RECOGNISED_PAGES:
                recognised += 1
                found = _recognised_page(page)
                found_tables, found_paragraphs = found_tables + found[0], found_paragraphs + found[1]
            tables += found_tables
            paragraphs += found_paragraphs + _annotations(page)
            page.close()
    warnings = (["recognised_text"] if recognised else []) + (
        ["content_cut"] if total > _MAX_PAGES or recognised == _MAX_RECOGNISED_PAGES else []
    )
    return Document("pdf", tuple(_continued(tables)), tuple(_scoped(paragraphs)), tuple(warnings), total)


def _is_picture(page: Any) -> bool:
    if len(page.chars) < _MIN_CHARACTERS and (page.images or page.curves or page.rects):
        return True
    area = sum((image["x1"] - image["x0"]) * (image["bottom"] - image["top"]) for image in page.images)
    return bool(area > 0.12 * page.width * page.height)


def _recognised_page(page: Any) -> tuple[list[Table], list[Paragraph]]:
    """The pictures of a page that has text of its own, or the whole page."""
    rendered = page.to_image(resolution=_RESOLUTION).original
    factor = rendered.width / float(page.width)
    if len(page.chars) >= _MIN_CHARACTERS:
        found_tables: list[Table] = []
        found_paragraphs: list[Paragraph] = []
        for image in page.images[:4]:
            edges = (image["x0"], image["top"], image["x1"], image["bottom"])
            part = rendered.crop(tuple(round(max(0.0, float(edge)) * factor) for edge in edges))
            if min(part.size) >= 60:
                found = recognise(part, page.page_number)
                found_tables += [_unboxed(table) for table in found.tables]
                found_paragraphs += [replace(each, address=Address(page=page.page_number)) for each in found.paragraphs]
        return found_tables, found_paragraphs
    found = recognise(rendered, page.page_number)
    return found.tables, found.paragraphs


def _unboxed(table: Table) -> Table:
    rows = tuple(tuple(replace(cell, address=replace(cell.address, box=None)) for cell in row) for row in table.rows)
    return replace(table, rows=rows)


def _read_page(page: Any) -> tuple[list[Table], list[Paragraph]]:
    number = page.page_number
    visible = page.filter(_is_visible)
    tables, taken = [], []
    for found in visible.find_tables():
        rows = found.extract()
        if len(rows) < 2 or max(len(row) for row in rows) < 2:
            continue
        taken.append(found.bbox)
        tables.append(
            Table(rows=tuple(_row(line.cells, texts, number) for line, texts in zip(found.rows, rows, strict=True)))
        )
    words = visible.extract_words(keep_blank_chars=False, use_text_flow=False, x_tolerance=2, extra_attrs=["size"])
    outside = [word for word in words if not any(_is_inside(word, box) for box in taken)]
    loose, paragraphs = _loose_text(outside, page)
    captions = tuple(paragraph.text for paragraph in paragraphs)
    return [replace(table, captions=captions) for table in tables] + loose, paragraphs


def _is_visible(item: dict[str, Any]) -> bool:
    """Characters that leave ink: not white, not microscopic."""
    if item.get("object_type") != "char":
        return True
    return float(item.get("size", 10)) > 1.0


def _row(boxes: list[Box | None], texts: list[str | None], page: int) -> tuple[Cell, ...]:
    return tuple(
        Cell(text=re.sub(r"\s*\n\s*", "", text or "").strip(), address=Address(page=page, box=box))
        for box, text in zip(boxes, texts, strict=True)
    )


def _is_inside(word: dict[str, Any], box: Box) -> bool:
    x, y = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _loose_text(words: list[dict[str, Any]], page: Any) -> tuple[list[Table], list[Paragraph]]:
    phrases = _phrases(words)
    gutter = _gutter(phrases, float(page.width))
    if gutter is None:
        return arrange(phrases, page.page_number)
    left = [phrase for phrase in phrases if phrase.box[2] <= gutter]
    right = [phrase for phrase in phrases if phrase.box[0] >= gutter]
    across = [phrase for phrase in phrases if phrase.box[0] < gutter < phrase.box[2]]
    paragraphs: list[Paragraph] = []
    for part in (across, left, right):
        found = arrange(part, page.page_number)[1]
        if paragraphs and found and _breaks_off(paragraphs[-1].text):
            paragraphs[-1] = replace(paragraphs[-1], text=paragraphs[-1].text + found.pop(0).text)
        paragraphs += found
    return [], paragraphs


def _breaks_off(text: str) -> bool:
    return len(text) > 24 and not re.search(r"[。！？：；.!?:;]\s*$", text)


def _phrases(words: list[dict[str, Any]]) -> list[TextBox]:
    """Words of a line joined while the gap stays below the height of the letters."""
    lines: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=lambda each: (round(each["bottom"] / 3), each["x0"])):
        last = lines[-1][-1] if lines else None
        height = word["bottom"] - word["top"]
        if (
            last is not None
            and abs(last["bottom"] - word["bottom"]) < 0.4 * height
            and -1 <= word["x0"] - last["x1"] < 0.9 * height
        ):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_phrase(line) for line in lines]


def _phrase(words: list[dict[str, Any]]) -> TextBox:
    left, right = min(word["x0"] for word in words), max(word["x1"] for word in words)
    top, bottom = min(word["top"] for word in words), max(word["bottom"] for word in words)
    text = " ".join(word["text"] for word in words)
    return TextBox(text, ((left, top), (right, top), (right, bottom), (left, bottom)))


def _gutter(phrases: list[TextBox], width: float) -> float | None:
    """The middle of an empty strip that divides a page of prose into two columns."""
    long = [phrase for phrase in phrases if len(phrase.text) >= 8]
    if len(long) < 8:
        return None
    for place in sorted((width * step / 100 for step in range(35, 66)), key=lambda x: abs(x - width / 2)):
        crossing = sum(phrase.box[0] < place + 4 and phrase.box[2] > place - 4 for phrase in phrases)
        sides = sum(phrase.box[2] <= place for phrase in long), sum(phrase.box[0] >= place for phrase in long)
        if crossing <= 0.15 * len(phrases) and min(sides) >= 4:
            return place
    return None


def _annotations(page: Any) -> list[Paragraph]:
    notes = []
    for annotation in page.annots:
        text = annotation.get("contents") or ""
        if text.strip():
            notes.append(Paragraph(text=text, address=Address(page=page.page_number)).concealed())
    return notes


def _continued(tables: list[Table]) -> list[Table]:
    """Tables that run over a page break joined to one, where the columns agree."""
    joined: list[Table] = []
    for table in tables:
        previous = joined[-1] if joined else None
        if previous and _continues(previous, table):
            joined[-1] = replace(previous, rows=previous.rows + table.rows, captions=previous.captions + table.captions)
        else:
            joined.append(table)
    return joined


def _continues(previous: Table, table: Table) -> bool:
    last, first = previous.rows[-1][0].address, table.rows[0][0].address
    if last.page is None or first.page != last.page + 1 or len(previous.rows[0]) != len(table.rows[0]):
        return False
    edges = [cell.address.box for cell in previous.rows[0]], [cell.address.box for cell in table.rows[0]]
    return all(
        above is None or below is None or abs(above[0] - below[0]) < 6 for above, below in zip(*edges, strict=True)
    )


def _scoped(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Each paragraph under the last short line without end punctuation before it."""
    heading: tuple[str, ...] = ()
    scoped = []
    for paragraph in paragraphs:
        if paragraph.text and len(paragraph.text) <= 24 and not re.search(r"[。；;，,]$|\d", paragraph.text):
            heading = (paragraph.text,)
        scoped.append(replace(paragraph, scope=heading))
    return scoped
