"""What a document says about our product: one entry per table row, card line or clause, with all that explains it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from qa.documents import Address, Cell, Document, Paragraph
from qa.names import split_label
from qa.owners import Owners, looks_like_rival
from qa.quantities import find_quantities, normalise
from qa.table_structure import Column, Region, regions_of
from qa.units import Unit, parse_unit

_MARGIN = " ，；;,、。•▍■◆●·\t\n"
_CARD_NAME = re.compile(
    r"^(?:\d{1,2}[.、)）]\s*)?(?P<name>[A-Za-z\u4e00-\u9fff][A-Za-z\u4e00-\u9fff ()（）/·%+-]{1,15}?)\s*[:：]?\s*$"
)
_NOT_A_NAME = re.compile(r"备注|说明|^注|支持|采用|为$|达|仅|可|最多|最高可|提供|从|已|近|约|超过|时$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement on our product. `text` is ours, `peers` the competitors' entries for the same parameter."""

    label: str
    text: str
    address: Address
    is_prose: bool
    context: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()
    peers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    heading: str = ""
    excerpt: tuple[str, ...] = ()
    group: int = 0


@dataclass(frozen=True, slots=True)
class Statements:
    """All entries of a document; `owner_found` is False when nothing in it says which product is ours."""

    entries: tuple[Entry, ...]
    owner_found: bool
    names: tuple[str, ...] = field(default=())


def statements_of(document: Document, own_product: str | None) -> Statements:
    """Entries from the tables first, then from running text."""
    owners = Owners.of(document, own_product)
    regions = [(number, region) for number, table in enumerate(document.tables) for region in regions_of(table, owners)]
    rivals = frozenset(
        name
        for _, region in regions
        for column in region.columns
        if column.role == "rival"
        for name in _rival_names(column)
    )
    owners = owners.with_rivals(rivals)
    entries: list[Entry] = []
    for number, region in regions:
        entries += _table_entries(region, number)
    has_cards = any(len(each.scope) >= 2 and owners.rank(each.scope[-1]) for each in document.paragraphs)
    for paragraph in document.paragraphs:
        entries += _prose_entries(paragraph, owners, has_cards=has_cards)
    found = any(region.has_owner for _, region in regions) or any(
        owners.rank(text) for paragraph in document.paragraphs for text in (paragraph.text, *paragraph.scope)
    )
    return Statements(tuple(entries), found, owners.names)


def _rival_names(column: Column) -> list[str]:
    name = re.sub(r"\s+", " ", normalise(column.header).lower()).strip()
    return [name] if 2 <= len(name) <= 20 and not find_quantities(name) else []


def _table_entries(region: Region, number: int) -> Iterator[Entry]:
    labels = [column for column in region.columns if column.role == "label"]
    units = [column for column in region.columns if column.role == "unit"]
    rivals = [column for column in region.columns if column.role == "rival"]
    carried: dict[int, str] = {}
    for row in region.rows:
        names = _names_of_row(row, labels, carried)
        if not names:
            continue
        for own in (column for column in region.columns if column.role == "own"):
            cell = row[own.index]
            stated = _units_of(names[-1], row, units, own, region)
            entry = Entry(
                label=names[-1],
                text=cell.text,
                address=_address(cell, row, labels),
                is_prose=False,
                context=tuple(names[:-1]),
                units=stated,
                peers=tuple(row[column.index].text for column in rivals),
                notes=(*cell.notes, *region.notes_for(cell.text)),
                heading=own.header,
                excerpt=(region.header_line(), " | ".join(_shown(each) for each in row)),
                group=number + 1,
            )
            yield entry
            if re.search(r"[\u4e00-\u9fff]{2}", cell.text) and find_quantities(cell.text):
                yield replace(entry, label=cell.text, context=(*entry.context, entry.label), is_prose=True)


def _names_of_row(row: tuple[Cell, ...], labels: list[Column], carried: dict[int, str]) -> list[str]:
    """The row's names, widest first; a merged or blank category is carried down."""
    names: list[str] = []
    for position, column in enumerate(labels):
        text = row[column.index].text.strip()
        is_last = position == len(labels) - 1
        if text:
            carried[column.index] = text
        elif not is_last:
            text = carried.get(column.index, "")
        if text and text not in names:
            names.append(text)
    return names if row[labels[-1].index].text.strip() else names[-1:]


def _units_of(label: str, row: tuple[Cell, ...], units: list[Column], own: Column, region: Region) -> tuple[Unit, ...]:
    """Units that stand beside the number rather than with it, nearest first."""
    found = [parse_unit(row[column.index].text) for column in units]
    found.append(split_label(label).unit)
    found.append(split_label(own.header).unit if re.search(r"[(（/]", own.header) else None)
    found.append(region.common_unit())
    return tuple(unit for unit in found if unit is not None)


def _address(cell: Cell, row: tuple[Cell, ...], labels: list[Column]) -> Address:
    """The cell's own place; a blank place on a page is shown by its row's name."""
    if cell.address != Address() or not labels:
        return cell.address
    return row[labels[-1].index].address


def _shown(cell: Cell) -> str:
    return re.sub(r"\s+", " ", cell.text).strip()


def _prose_entries(paragraph: Paragraph, owners: Owners, *, has_cards: bool) -> Iterator[Entry]:
    """The clauses of a paragraph that speak of our product or of nobody in particular."""
    default = _scope_owner(paragraph.scope, owners, has_cards=has_cards)
    for sentence in re.split(r"(?<=[。！？!?\n])", paragraph.text):
        speaker = default
        before = ""
        for clause in _clauses(sentence):
            for piece, ours in _attributed(clause, owners, speaker=speaker):
                if ours is not False and piece.strip(_MARGIN):
                    entry = _prose_entry(piece.strip(_MARGIN), before.strip(_MARGIN), sentence, paragraph)
                    card = _card_line(entry)
                    yield from (entry, card) if card else (entry,)
                before = piece if ours is not False else ""
                speaker = ours


def _clauses(sentence: str) -> list[str]:
    """Cut after commas and the like, but not within brackets or numbers."""
    return [
        match.group()
        for match in re.finditer(r"(?:[(（][^()（）]*[)）]|\d,(?=\d{3})|[^，；;,、])+[，；;,、]*", sentence)
    ]


def _prose_entry(clause: str, before: str, sentence: str, paragraph: Paragraph) -> Entry:
    return Entry(
        label=clause,
        text=clause,
        address=paragraph.address,
        is_prose=True,
        context=(before,) if before else (),
        notes=paragraph.notes,
        excerpt=(sentence.strip(),),
        heading=paragraph.scope[-1] if paragraph.scope else "",
    )


def _card_line(entry: Entry) -> Entry | None:
    """ "功率：380V 三相" or "最大抓取 50 kg" as a row of its own; None for ordinary sentences."""
    head, mark, tail = entry.text.partition("：") if "：" in entry.text else entry.text.partition(":")
    quantities = find_quantities(entry.text)
    if quantities and (not mark or quantities[0].start < len(head)):
        head, tail = entry.text[: quantities[0].start], entry.text[quantities[0].start :]
        mark = " " if head.endswith((" ", "\u3000")) else ""
    name = _CARD_NAME.match(head)
    if not mark or not tail.strip() or not name or _NOT_A_NAME.search(name.group("name")):
        return None
    return replace(entry, label=name.group("name").strip(), text=tail.strip(), is_prose=False)


def _attributed(clause: str, owners: Owners, *, speaker: bool | None) -> list[tuple[str, bool | None]]:
    """The clause cut where it changes from one product to another."""
    marks = owners.mentions(clause)
    pieces: list[tuple[str, bool | None]] = []
    start, current = 0, speaker
    for position, ours in marks:
        if ours is not current and clause[start:position].strip():
            pieces.append((clause[start:position], current))
            start = position
        current = ours
    pieces.append((clause[start:], current))
    return pieces


def _scope_owner(scope: tuple[str, ...], owners: Owners, *, has_cards: bool) -> bool | None:
    """Whose heading the text stands under: ours, somebody else's (as every card beside ours is), or nobody's."""
    for heading in reversed(scope):
        if owners.rank(heading):
            return True
        if len(heading) <= 16 and (owners.is_rival(heading) or looks_like_rival(heading)) and "对比" not in heading:
            return False
    return False if len(scope) >= 2 and has_cards else None
