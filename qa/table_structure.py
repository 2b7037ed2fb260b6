"""What the columns of a table are: parameter names, units, our product, other products, demands, remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qa.documents import Cell, Table
from qa.owners import Owners, is_requirement
from qa.quantities import find_quantities, normalise
from qa.units import Unit, parse_unit

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
        return [_region(_turned(rows), 0, {row for row, _ in places}, captions, remarks)]
    regions = []
    starts = sorted({row for row, _ in places if _is_header(rows[row])} or {first[0]})
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        own = {column for row, column in places if row == start}
        if end > start + 1 and min(own) > 0:
            regions.append(_region(rows[:end], start, own, captions, remarks))
    return regions


def _body(table: Table) -> tuple[Grid, tuple[str, ...], tuple[str, ...]]:
    """Rows that hold something beside each other; lone texts become captions (above) or remarks (below)."""
    rows: list[tuple[Cell, ...]] = []
    captions, remarks = list(table.captions), list(table.remarks)
    for row in table.rows:
        texts = [cell.text.strip() for cell in row if cell.text.strip()]
        if not texts:
            continue
        is_spread = (
            len(set(texts)) == 1
            and len(row) > 1
            and (len(texts) == len(row) or (len(texts) > 1 and bool(row[0].address.cell_range)))
        )
        is_lone = len(texts) == 1 and (
            bool(row[0].text.strip()) or (not rows and len(row) > 2) or len(texts[0]) > _LONGEST_HEADER
        )
        if _NOTE.match(texts[0]) and len(set(texts)) == 1:
            remarks.append(texts[0])
        elif is_spread or (is_lone and len(row) > 1):
            (remarks if rows and len(texts[0]) > 12 else captions).append(texts[0])
        else:
            rows.append(row)
    width = max((len(row) for row in rows), default=0)
    padded = tuple(
        row + tuple(replace(row[-1], text="", hidden_text="") for _ in range(width - len(row))) for row in rows
    )
    return padded, tuple(captions), tuple(remarks)


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
    columns = _columns(rows, start, own)
    body = tuple(row for row in rows[start + 1 :])
    return Region(body, tuple(columns), remarks, captions)


def _columns(rows: Grid, start: int, own: set[int]) -> list[Column]:
    """Roles from the header row; what stands left of the first product is a name unless it says otherwise."""
    headers = [_header_text(rows, start, column) for column in range(len(rows[start]))]
    roles: list[Role] = []
    for index, header in enumerate(headers):
        roles.append("own" if index in own else _role(header))
    products = [index for index, role in enumerate(roles) if role == "own"]
    named = [index for index, role in enumerate(roles) if role == "label"]
    first_product = min(products)
    if not [index for index in named if index < first_product]:
        left = [index for index in range(first_product) if roles[index] == "rival"]
        if left:
            roles[left[0]] = "label"
            named = [left[0]]
    first_label = min(named, default=0)
    for index, role in enumerate(roles):
        if role == "rival" and index < max((n for n in named if n < first_product), default=first_label):
            roles[index] = "label"
        if role == "label" and index > first_product and any(n < first_product for n in named):
            roles[index] = "rival"
        if role == "rival" and not headers[index].strip() and index > first_product:
            roles[index] = "remark"
    return [Column(index, role, headers[index]) for index, role in enumerate(roles)]


def _header_text(rows: Grid, start: int, column: int) -> str:
    return re.sub(r"\s+", " ", rows[start][column].text).strip()


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
    headers = [_header_text(rows, 0, column) for column in range(len(rows[0]))]
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
