"""From one entry to a reading: is there a concrete value, in a unit of the right kind, measured or claimed?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from qa.entries import Entry
from qa.parameters import Candidate, RequestedParameter
from qa.quantities import Quantity, find_grade, find_quantities, normalise
from qa.units import Unit, are_compatible, dimension

Verdict = Literal["covered", "missing", "vague", "unit_mismatch", "conflict", "hidden_only", "unreadable"]

_BLANK = re.compile(r"[\s\-—–－_/\\|.·…*?？]*|n\s*/?\s*a\.?|nil|none|null|空|暂无数据|无数据|未提供|未填|缺|#n/a", re.IGNORECASE)
_VAGUE = re.compile(
    r"详见|参见|见附|见样|另附|附件|待定|待测|待补|待确认|待提供|tbd|tba|面议|可选配|选配|咨询|领先|优异|优秀|优良|良好|较[高低好快长短强小大]|极[低高快小好佳]|很[高低好快]|更[高低快好]"
    r"|卓越|出色|一流|先进|超[低高长强快](?!功率)|符合|满足|按[需照]|视\S{0,8}而定|取决于|依\S{0,8}而定|[毫微纳]?秒级|[百千万亿]+级|分钟级|小时级|支持|具备|可调|可定制|定制|自适应|灵活|不限"
    r"|占优|好于|优于(?:行业|同类|国家|国标|标准|竞品)|行业|充足|足够|正常|合格|达标|低[噪能功]|高[精效速性帧耐]|静音|快速|高速|长续航|稳定可靠|同上|标准配置|常规|国标|国家标准"
)
_MEASURED = re.compile(
    r"实测|压测|实验室测|第三方检测|第三方测试|检测报告|测试报告|出厂逐台|现场测|measured|tested|test report|型式试验|经测试|测得|实际测试|线上统计|试运行统计"
)
_CLAIMED = re.compile(
    r"宣称|标称值|设计值|理论值|取自\S{0,6}样本|样本值|厂家样本|产品样本|彩页|官网|公开资料|目标值|预估|估算|仿真|claimed|nominal value|datasheet|design value|theoretical|未经\S{0,6}(?:验证|测试)|未实测|非实测|承诺值|手册值|规格书"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an entry says about the requested parameter."""

    candidate: Candidate
    verdict: Verdict
    quantity: Quantity | None = None
    value: str | None = None
    unit: str | None = None
    measured: bool | None = None


def read_entry(candidate: Candidate, requested: RequestedParameter) -> Reading:
    """The verdict on one entry alone: covered, missing, vague or unit_mismatch."""
    entry = candidate.entry
    text = normalise(entry.text).strip()
    if _BLANK.fullmatch(text):
        return Reading(candidate, "missing")
    measured = is_measured(entry, requested)
    quantities = tuple(_with_unit(quantity, entry, requested) for quantity in _plain_quantities(entry, requested))
    if requested.unit is None:
        return _unitless(candidate, text, quantities, measured)
    fitting = [each for each in quantities if each.unit and are_compatible(each.unit, requested.unit)]
    if fitting:
        return _covered(candidate, fitting[0], measured)
    bare = [each for each in quantities if each.unit is None]
    if bare and (_is_number_alone(text, bare[0]) or not entry.is_prose) and dimension(requested.unit) == "[count]":
        return _covered(candidate, bare[0], measured)
    if quantities and not (entry.is_prose and candidate.recall < 0.99):
        return replace(_covered(candidate, quantities[0], measured), verdict="unit_mismatch")
    if entry.is_prose and not _VAGUE.search(text):
        return Reading(candidate, "missing")
    return Reading(candidate, "vague")


def _plain_quantities(entry: Entry, requested: RequestedParameter) -> tuple[Quantity, ...]:
    """Quantities outside brackets first: brackets hold test conditions."""
    text = entry.text
    bare = re.sub(r"[(（][^()（）]*[)）]", lambda match: " " * len(match.group()), text)
    outside = find_quantities(bare, requested.unit_words)
    inside = tuple(each for each in find_quantities(text, requested.unit_words) if each.start not in {o.start for o in outside})
    vague = re.search(r"详见|参见|见附|待定|面议|附件", text)
    return () if vague and not any(each.unit for each in outside) else (*outside, *inside)


def _with_unit(quantity: Quantity, entry: Entry, requested: RequestedParameter) -> Quantity:
    """A number without unit takes the one from its column, header or row label: the fitting one if there is one."""
    if quantity.unit is not None or not entry.units or entry.is_prose:
        return quantity
    wanted = requested.unit
    fitting = [unit for unit in entry.units if wanted is None or are_compatible(unit, wanted)]
    return replace(quantity, unit=(fitting or list(entry.units))[0])


def _unitless(candidate: Candidate, text: str, quantities: tuple[Quantity, ...], measured: bool | None) -> Reading:
    grade = find_grade(text)
    if grade:
        return Reading(candidate, "covered", None, grade, None, measured)
    if quantities:
        return _covered(candidate, quantities[0], measured)
    if candidate.entry.is_prose:
        return Reading(candidate, "vague" if _VAGUE.search(text) else "missing")
    if _VAGUE.search(text) or text in ("有", "无", "是", "否", "含", "优", "良", "好", "高", "低", "快", "√", "✓", "✔", "○", "●"):
        return Reading(candidate, "vague")
    return Reading(candidate, "covered", None, text, None, measured)


def _covered(candidate: Candidate, quantity: Quantity, measured: bool | None) -> Reading:
    return Reading(candidate, "covered", quantity, quantity.value, quantity.symbol, measured)


def _is_number_alone(text: str, quantity: Quantity) -> bool:
    return len(re.sub(r"[\s*（）()\w]", "", text[: quantity.start])) == 0


def is_measured(entry: Entry, requested: RequestedParameter) -> bool | None:
    """Measured, claimed or unsaid: the cell and its footnotes first, then its header, then remarks for the table."""
    for text in (entry.text, *entry.notes, entry.heading, entry.label):
        verdict = _said(text)
        if verdict is not None:
            return verdict
    return None


def _said(text: str) -> bool | None:
    if _CLAIMED.search(text.lower()):
        return False
    return True if _MEASURED.search(text.lower()) else None


def said_by_remark(remark: str) -> bool | None:
    """What a remark about a whole table says of its values."""
    return _said(remark)


def unit_dimension(unit: Unit | None) -> str:
    return dimension(unit) if unit else ""
