"""What a document is to a gate: a solution deck, a cost sheet, a comparison sheet; and whose name it bears."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa.documents import Document
from qa.quantities import find_quantities, normalise

GateKind = Literal["solution_deck", "cost_sheet", "comparison_sheet", "other"]

_TITLES: dict[GateKind, re.Pattern[str]] = {
    "solution_deck": re.compile(
        r"解决方案|定制化?方案|建设方案|技术方案|项目方案|方案汇报|方案建议|实施方案|proposal|solution"
    ),
    "cost_sheet": re.compile(
        r"成本测算|成本核算|成本估算|成本分析|成本明细|测算表|毛利测算|cost (?:estimate|sheet|breakdown)"
    ),
    "comparison_sheet": re.compile(
        r"对比|比较|对标|竞品分析|选型|对照|比对|comparison|versus|(?<![a-z])vs\.?(?![a-z])"
    ),
}
_CONTENT: dict[GateKind, re.Pattern[str]] = {
    "solution_deck": re.compile(
        r"需求|现状|痛点|目标|架构|实施|方案|计划|里程碑|收益|价值|服务|交付|案例|团队|风险|培训"
    ),
    "cost_sheet": re.compile(
        r"成本|毛利|单价|人工|材料|物料|费用|小计|合计|总计|税|利润|采购价|数量|人天|折旧|运费|cost|total|margin"
    ),
    "comparison_sheet": re.compile(r"参数|指标|规格|我方|本公司|竞品|友商|品牌|型号|对手|同行"),
}
_LIKELY_FILES: dict[GateKind, frozenset[str]] = {
    "solution_deck": frozenset({"pptx", "pdf"}),
    "cost_sheet": frozenset({"xlsx", "xls", "csv"}),
    "comparison_sheet": frozenset({"xlsx", "xls", "csv", "pptx", "docx", "pdf", "image"}),
}
_TITLE_POINTS, _ENOUGH = 4, 7
_LEGAL_FORM = re.compile(
    r"(?:股份)?(?:有限)?(?:责任)?公司$|集团(?:股份)?(?:有限公司)?$|[（(][^()（）]{2,6}[)）]|,?\s*(?:co\.?|ltd\.?|inc\.?|limited|llc)+\.?$",
    re.IGNORECASE,
)
_REGION = re.compile(
    r"^(?:中国|[\u4e00-\u9fff]{2,3}?(?:省|市|自治区)|北京|上海|天津|重庆|广东|江苏|浙江|山东|四川|湖北|深圳|广州|杭州|苏州)"
)


@dataclass(frozen=True, slots=True)
class DocumentNature:
    """The most likely kind, and what spoke for it (points by kind)."""

    kind: GateKind
    points: dict[GateKind, int]


def detect_document_kind(document: Document) -> DocumentNature:
    """Judged by title, words, shape and file type together; "other" when nothing is likely enough."""
    text = normalise(document.visible_text()).lower()
    heading = normalise(f"{document.name}\n{_opening(document)}").lower()
    points: dict[GateKind, int] = {}
    for kind, title in _TITLES.items():
        words = len({match.group() for match in _CONTENT[kind].finditer(text)})
        likely = document.kind in _LIKELY_FILES[kind]
        points[kind] = _TITLE_POINTS * bool(title.search(heading)) + min(words, 5) + 2 * likely + _shape(kind, document)
    best = max(points, key=lambda kind: points[kind])
    is_enough = points[best] >= _ENOUGH and document.kind in _LIKELY_FILES[best] and len(text) >= 20
    return DocumentNature(best if is_enough else "other", points)


def _opening(document: Document) -> str:
    lines = [table.name for table in document.tables]
    lines += [caption for table in document.tables for caption in table.captions]
    lines += [cell.text for table in document.tables for row in table.rows[:2] for cell in row]
    return "\n".join([*lines, *(paragraph.text for paragraph in document.paragraphs[:6])])


def _shape(kind: GateKind, document: Document) -> int:
    """Amounts add up in a cost sheet; a deck has pages; a comparison has at least two products side by side."""
    if kind == "solution_deck":
        return 2 if document.kind == "pptx" and document.pages >= 3 else 0
    cells = [cell for table in document.tables for row in table.rows for cell in row]
    numbers = sum(bool(find_quantities(cell.text)) for cell in cells[:2000])
    if kind == "cost_sheet":
        return 2 if numbers >= 4 and numbers >= 0.2 * len(cells[:2000]) else 0
    return 2 if any(len(table.rows) >= 3 and len(table.rows[0]) >= 3 for table in document.tables) else 0


def names_customer(document: Document, customer: str, aliases: Sequence[str] = ()) -> bool:
    """Whether the visible text (or the file's own name) bears the customer's name, its core or one of its aliases."""
    text = _squeezed(f"{document.name}\n{document.visible_text()}")
    wanted = {_squeezed(name) for name in (customer, *aliases)}
    wanted |= {_squeezed(core) for name in (customer, *aliases) if len(core := name_core(name)) >= 3}
    return any(name and name in text for name in wanted)


def name_core(name: str) -> str:
    """The name without legal form and leading region: 华辰光伏科技 for 上海华辰光伏科技有限公司."""
    core = name.strip()
    while (shorter := _LEGAL_FORM.sub("", core).strip()) != core:
        core = shorter
    without_region = _REGION.sub("", core)
    return without_region if len(without_region) >= 3 else core


def _squeezed(text: str) -> str:
    return re.sub(r"[\s()（）·\-_]+", "", normalise(text).lower())
