"""What the columns of a table are: parameter names, units, our product, other products, demands, remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qa.documents import Address, Cell, Table
from qa.owners import Owners, is_requirement
from qa.quantities import find_quantities, normalise
from qa.units import Unit, known_unit, parse_unit

Role = Literal["sequence", "label", "unit", "own", "rival", "requirement", "remark"]
Grid = tuple[tuple[Cell, ...], ...]

_LABEL = re.compile(
    r"参数|指标|项目|规格|名称|能力项|功能|性能|类别|分类|模块|条款|卖点|对比项|比较项|机型|型号|产品|厂[家商]|方案|配置|特性|维度|内容|属性|测试项|检测项|评价项|条目|子项|大类"
    r"|^(?:parameters?|items?|specs?|specifications?|features?|metrics?|category|model|product|vendor|name)\b"
)
_UNIT = re.compile(r"^(?:单位|计量单位|units?|uom)(?:\s*/\s*\w+)?$")
_REMARK = re.compile(r"备注|说明|注释|结论|优势|评价|点评|差异|remarks?|notes?|comments?|来源|出处|测试条件|条件")
_SEQUENCE = re.compile(r"^(?:序号|编号|no\.?|#|№|项次|序)$")
_NOTE = re.compile(r"^\s*(?:注|备注|说明|note|\*|※|①|②|③|\d\)|\[\d\])")
_LONGEST_HEADER = 40
_LONGEST_SECTION = 20


@dataclass(frozen=True, slots=True)
class Column:
    index: int
    role: Role
    header: str


@dataclass(frozen=True, slots=True)
class Region:
    """The rows under one header; for a table with products in rows the grid has been turned round."""

    rows: Grid
    columns: tuple[Column, ...]
    remarks: tuple[str, ...]
    captions: tuple[str, ...]

    @property
    def has_owner(self) -> bool:
        return any(column.role == "own" for column in self.columns)

    @property
    def has_names(self) -> bool:
        return any(column.role == "label" for column in self.columns)

    def header_line(self) -> str:
        return " | ".join(column.header for column in self.columns)

    def common_unit(self) -> Unit | None:
        """A unit given once for the whole table: "单位：mm"."""
        texts = [*self.captions, *(column.header for column in self.columns if column.role in ("label", "own"))]
        for text in texts:
            match = re.search(r"单位\s*[::]\s*([^\s,，;；)）]{1,10})", normalise(text))
            if match:
                return parse_unit(match.group(1))
        return None

    def notes_for(self, text: str) -> tuple[str, ...]:
        """The remarks that a cell's marks (*, ①, [1]) point to."""
        marks = re.findall(r"[*※†‡]+|[①-⑩]|[¹²³⁴⁵]|\[\d\]|\(注\s*\d?\)", text.replace("（", "(").replace("）", ")"))
        return tuple(
            remark
            for mark in marks
            for remark in self.remarks
            if remark.strip().startswith((mark, f"注{mark}", f"注：{mark}"))
        )


def regions_of(table: Table, owners: Owners) -> list[Region]:
    """The readable parts of a table; empty when it does not say which of its columns is ours."""
    rows, captions, remarks = _body(table)
    if len(rows) < 2 or max(len(row) for row in rows) < 2:
        return []
    ranked = {
        (r, c): owners.rank(cell.text)
        for r, row in enumerate(rows)
        for c, cell in enumerate(row)
        if 0 < len(cell.text) <= _LONGEST_HEADER
    }
    best = max(ranked.values(), default=0)
    if best == 0:
        return _unnamed(rows, captions, remarks, owners)
    places = [place for place, rank in ranked.items() if rank == best]
    first = min(places)
    if _is_row_label(rows, first):
        regions = [_region(_turned(rows), 0, {row for row, _ in places}, captions, remarks)]
        return [region for region in regions if region.has_names]
    regions = []
    starts = sorted({row for row, _ in places if _is_header(rows[row])} or {first[0]})
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        own = {column for row, column in places if row == start}
        if end > start + 1:
            regions.append(_region(rows[:end], start, own, captions, remarks))
    return [region for region in regions if region.has_names]


def _body(table: Table) -> tuple[Grid, tuple[str, ...], tuple[str, ...]]:
    """Rows that hold something beside each other, each led by the section it stands under if the table has sections.

    Texts across the whole width become captions (above the rows), sections (between them) or remarks.
    """
    rows: list[tuple[Cell, ...]] = []
    sections: list[str] = []
    captions, remarks, section = list(table.captions), list(table.remarks), ""
    for row in table.rows:
        texts = [cell.text.strip() for cell in row if cell.text.strip()]
        if not texts:
            continue
        is_alone = len(set(texts)) == 1 and len(row) > 1
        is_spread = is_alone and (len(texts) == len(row) or (len(texts) > 1 and bool(row[0].address.cell_range)))
        if is_alone and (_NOTE.match(texts[0]) or (rows and len(texts) == 1 and len(texts[0]) > _LONGEST_HEADER)):
            remarks.append(texts[0])
        elif is_alone and not rows and (is_spread or len(row) > 2 or bool(row[0].text.strip())):
            captions.append(texts[0])
        elif is_spread:
            section = texts[0]
            remarks += [section] if len(section) > _LONGEST_SECTION else []
        else:
            rows.append(row)
            sections.append(section if len(section) <= _LONGEST_SECTION else "")
    width = max((len(row) for row in rows), default=0)
    padded = [row + tuple(replace(row[-1], text="", hidden_text="") for _ in range(width - len(row))) for row in rows]
    if any(sections):
        padded = [(Cell(text=name, address=Address()), *row) for name, row in zip(sections, padded, strict=True)]
    return tuple(padded), tuple(captions), tuple(remarks)


def _is_header(row: Sequence[Cell]) -> bool:
    texts = [cell.text for cell in row if cell.text.strip()]
    numbers = sum(bool(find_quantities(text)) and not re.search(r"[\u4e00-\u9fffA-Za-z]{2}", text) for text in texts)
    return len(texts) >= 2 and numbers <= 0.34 * len(texts)


def _is_row_label(rows: Grid, place: tuple[int, int]) -> bool:
    """Whether our name stands at the left of a row of values instead of over a column."""
    row, column = place
    leading = next(
        (index for index, cell in enumerate(rows[row]) if cell.text.strip() and not _is_number(cell.text)), 0
    )
    values = sum(bool(find_quantities(cell.text)) for cell in rows[row][column + 1 :])
    titles = sum(bool(find_quantities(cell.text)) for cell in rows[0][column + 1 :])
    return row > 0 and column <= leading and (values > titles or not _is_header(rows[row])) and _has_titles(rows[0])


def _has_titles(row: Sequence[Cell]) -> bool:
    """Words over the values, not further values."""
    texts = [cell.text for cell in row[1:] if cell.text.strip()]
    return bool(texts) and sum(bool(re.search(r"[\u4e00-\u9fffA-Za-z]{2}", text)) for text in texts) >= 0.6 * len(texts)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\s*\d+\s*", text))


def _turned(rows: Grid) -> Grid:
    return tuple(tuple(row[column] for row in rows) for column in range(len(rows[0])))


def _region(rows: Grid, start: int, own: set[int], captions: tuple[str, ...], remarks: tuple[str, ...]) -> Region:
    headers = [_squeezed(cell.text) for cell in rows[start]]
    body = start + 1
    while body < len(rows) - 1 and _is_second_header(rows[start], rows[body]):
        lower = [_squeezed(cell.text) for cell in rows[body]]
        headers = [
            above if above == below else f"{above} {below}".strip() for above, below in zip(headers, lower, strict=True)
        ]
        body += 1
    return Region(rows[body:], tuple(_columns(headers, rows[body:], own)), remarks, captions)


def _is_second_header(first: tuple[Cell, ...], row: tuple[Cell, ...]) -> bool:
    """A row under the header whose own name is blank or merged with the one above, and that holds no values."""
    lead, above = row[0], first[0]
    is_merged = bool(lead.text) and lead.text == above.text
    texts = [cell.text for cell in row[1:] if cell.text.strip()]
    has_values = any(find_quantities(text) for text in texts)
    return bool(texts) and not has_values and (is_merged or not lead.text.strip()) and row[1:] != first[1:]


def _columns(headers: list[str], body: Grid, own: set[int]) -> list[Column]:
    """Roles from the headers; what stands left of the first product is a name unless it says otherwise."""
    roles: list[Role] = ["own" if index in own else _role(header) for index, header in enumerate(headers)]
    first_product = min(own)
    for index, role in enumerate(roles):
        if role in ("rival", "label") and _holds_units([row[index].text for row in body]):
            roles[index] = "unit"
    named = [index for index, role in enumerate(roles) if role == "label" and index < first_product]
    if not named:
        named = [index for index, role in enumerate(roles) if role == "rival" and index < first_product][:1]
    if not named:
        named = [index for index, role in enumerate(roles) if role == "label"][:1]
    for index, role in enumerate(roles):
        if role in ("rival", "label") and index not in named:
            is_category = bool(named) and index < max(named) and index < first_product
            roles[index] = "label" if is_category else "rival" if headers[index] else "remark"
    for index in named:
        roles[index] = "label"
    return [Column(index, role, headers[index]) for index, role in enumerate(roles)]


def _holds_units(texts: list[str]) -> bool:
    filled = [text for text in texts if text.strip() not in ("", "/", "-", "—")]
    return len(filled) >= 2 and sum(known_unit(text) is not None for text in filled) >= 0.6 * len(filled)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _role(header: str) -> Role:
    plain = re.sub(r"\s+", " ", normalise(header).lower()).strip()
    if _SEQUENCE.match(plain):
        return "sequence"
    if _UNIT.match(plain):
        return "unit"
    if is_requirement(plain):
        return "requirement"
    if _REMARK.search(plain):
        return "remark"
    if _LABEL.search(plain) and not re.search(r"[甲乙丙丁a-z\d]$|竞品|对手|友商|同行|同类|其他", plain):
        return "label"
    return "rival"


def _unnamed(rows: Grid, captions: tuple[str, ...], remarks: tuple[str, ...], owners: Owners) -> list[Region]:
    """A plain list of names and values is about us, unless its title names somebody else."""
    if any(owners.is_rival(caption) for caption in captions[-1:]):
        return []
    headers = [_squeezed(cell.text) for cell in rows[0]]
    roles = [_role(header) for header in headers]
    values = [index for index, role in enumerate(roles) if role == "rival"]
    labels = [index for index, role in enumerate(roles) if role == "label"]
    if len(values) == 2 and not labels:
        roles[values.pop(0)] = "label"
    if len(values) != 1 or "label" not in roles or roles.index("label") > values[0]:
        return []
    if owners.is_rival(headers[values[0]]):
        return []
    columns = [Column(index, "own" if index == values[0] else role, headers[index]) for index, role in enumerate(roles)]
    return [Region(rows[1:], tuple(columns), remarks, captions)]
