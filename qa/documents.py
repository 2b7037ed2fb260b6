"""One model of a document, whatever file it came from: tables of cells and paragraphs, each with an address.

What a reader of the file cannot see (hidden rows, notes, comments ...) is kept in `hidden_text`, never in `text`.
Text that is struck through or deleted is in neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

DocumentKind = Literal["xlsx", "xls", "csv", "pptx", "docx", "pdf", "image"]
Box = tuple[float, float, float, float]
Location = dict[str, object]


@dataclass(frozen=True, slots=True)
class Address:
    """Where something stands in a document; only the parts that the kind of document has are filled."""

    sheet: str | None = None
    cell: str | None = None
    cell_range: str | None = None
    shape: str | None = None
    slide: int | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None
    nested: tuple[int, int] | None = None
    paragraph: int | None = None
    nonempty_paragraph: int | None = None
    page: int | None = None
    box: Box | None = None

    def as_location(self, text: str = "") -> Location:
        """The address as plain data with the names that the evaluation sets use."""
        location: Location = {}
        for key, value in (
            ("sheet", self.sheet),
            ("cell", self.cell),
            ("range", self.cell_range),
            ("shape", self.shape),
            ("slide", self.slide),
            ("table", self.table),
            ("row", self.row),
            ("col", self.column),
            ("nested", list(self.nested) if self.nested else None),
            ("paragraph", self.paragraph),
            ("paragraph_nonempty", self.nonempty_paragraph),
            ("page", self.page),
            ("bbox", [round(edge) for edge in self.box] if self.box else None),
        ):
            if value is not None:
                location[key] = value
        if self.paragraph is not None and text:
            location["text"] = text
        return location


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: `text` as displayed, what is hidden apart; `notes` are the footnotes that its marks point to."""

    text: str
    address: Address
    hidden_text: str = ""
    raw: float | str | None = None
    number_format: str | None = None
    formula: str | None = None
    notes: tuple[str, ...] = ()

    def concealed(self) -> Cell:
        """The same cell, with everything moved to its hidden side."""
        return replace(self, text="", hidden_text=_joined(self.text, self.hidden_text))

    def revealed(self) -> Cell:
        """The same cell as somebody sees it who unhides everything."""
        return replace(self, text=_joined(self.text, self.hidden_text), hidden_text="")


@dataclass(frozen=True, slots=True)
class Table:
    """A rectangular grid; merged cells are repeated over their range; `captions` stand above it, nearest last."""

    rows: tuple[tuple[Cell, ...], ...]
    name: str = ""
    captions: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def revealed(self) -> Table:
        return replace(self, rows=tuple(tuple(cell.revealed() for cell in row) for row in self.rows))

    def concealed(self) -> Table:
        return replace(self, rows=tuple(tuple(cell.concealed() for cell in row) for row in self.rows))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or text box; `scope` holds the headings it stands under, nearest last."""

    text: str
    address: Address
    hidden_text: str = ""
    scope: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def concealed(self) -> Paragraph:
        return replace(self, text="", hidden_text=_joined(self.text, self.hidden_text))

    def revealed(self) -> Paragraph:
        return replace(self, text=_joined(self.text, self.hidden_text), hidden_text="")


@dataclass(frozen=True, slots=True)
class Document:
    """What the readers found; `warnings` are codes (macros, external_links, recognised_text, ...); `name` is the
    file's own name without extension."""

    kind: DocumentKind
    tables: tuple[Table, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    pages: int = 0
    name: str = ""

    def revealed(self) -> Document:
        """The document with everything unhidden; to tell "only in hidden parts" from "missing", never to be shown."""
        return replace(
            self,
            tables=tuple(table.revealed() for table in self.tables),
            paragraphs=tuple(paragraph.revealed() for paragraph in self.paragraphs),
        )

    def visible_text(self) -> str:
        """Everything a reader of the file sees, one cell or paragraph a line."""
        lines = [paragraph.text for paragraph in self.paragraphs]
        lines += [cell.text for table in self.tables for row in table.rows for cell in row]
        return "\n".join(line for line in lines if line.strip())


def _joined(first: str, second: str) -> str:
    return f"{first} {second}".strip() if second not in first else first
