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

_BLANK = re.compile(
    r"[\s\-—–－_/\\|.·…*?？]*|n\s*/?\s*a\.?|nil|none|null|空|暂无数据|无数据|未提供|未填|缺|#n/a", re.IGNORECASE
)
_VAGUE = re.compile(
    r"详见|参见|见附|见样|另附|附件|待定|待测|待补|待确认|待提供|tbd|tba|面议|可?选配|咨询|符合|满足|同上|标准配置|常规"
    r"|领先|优异|优秀|优良|良好|卓越|出色|一流|先进|充足|足够|正常|合格|达标|占优|好于|稳定可靠|国家?标准?$|国家标准|行业"
    r"|较[高低好快长短强小大]|[极很更][高低快小好佳长]|超[低高长强快](?!功率)|低[噪能功]|高[精效速性帧耐]|静音|快速|高速|长续航"
    r"|优于(?:行业|同类|国家|国标|标准|竞品)|[毫微纳]?秒级|[百千万亿]+级|分钟级|小时级"
    r"|按[需照]|[视依]\S{0,8}而定|取决于|支持|具备|可调|可?定制|自适应|灵活|不限"
)
_MEASURED = re.compile(
    r"实测|压测|实验室测|第三方(?:检测|测试)|检测报告|测试报告|型式试验|出厂逐台|现场测|经测试|测得|实际测试"
    r"|线上统计|试运行统计|measured|tested|test report"
)
_CLAIMED = re.compile(
    r"宣称|标称值|设计值|理论值|取自\S{0,6}样本|样本值|厂家样本|产品样本|彩页|官网|公开资料|目标值|预估|估算|仿真"
    r"|未经\S{0,6}(?:验证|测试)|未实测|非实测|承诺值|手册值|规格书"
    r"|claimed|nominal value|datasheet|design value|theoretical"
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
    measured = is_measured(entry)
    quantities = tuple(_with_unit(quantity, entry, requested) for quantity in _plain_quantities(entry, requested))
    if requested.unit is None:
        return _unitless(candidate, text, quantities, measured=measured)
    return _with_kind(candidate, requested.unit, quantities, measured=measured)


def _with_kind(
    candidate: Candidate, wanted: Unit, quantities: tuple[Quantity, ...], *, measured: bool | None
) -> Reading:
    """The reading where a unit of a certain kind is expected."""
    is_prose = candidate.entry.is_prose
    fitting = [each for each in quantities if each.unit and are_compatible(each.unit, wanted)]
    bare = [each for each in quantities if each.unit is None and not is_prose and dimension(wanted) == "[count]"]
    if fitting or bare:
        return _covered(candidate, (fitting or bare)[0], measured=measured)
    if quantities and not (is_prose and candidate.recall < 0.99):
        return replace(_covered(candidate, quantities[0], measured=measured), verdict="unit_mismatch")
    vague = not is_prose or _VAGUE.search(candidate.entry.text)
    return Reading(candidate, "vague" if vague else "missing")


def _plain_quantities(entry: Entry, requested: RequestedParameter) -> tuple[Quantity, ...]:
    """Quantities outside brackets first: brackets hold test conditions."""
    text = entry.text
    bare = re.sub(r"[(（][^()（）]*[)）]", lambda match: " " * len(match.group()), text)
    outside = find_quantities(bare, requested.unit_words)
    inside = tuple(
        each for each in find_quantities(text, requested.unit_words) if each.start not in {o.start for o in outside}
    )
    vague = re.search(r"详见|参见|见附|待定|面议|附件", text)
    return () if vague and not any(each.unit for each in outside) else (*outside, *inside)


def _with_unit(quantity: Quantity, entry: Entry, requested: RequestedParameter) -> Quantity:
    """A number without unit takes the one from its column, header or row label: the fitting one if there is one."""
    if quantity.unit is not None or not entry.units or entry.is_prose:
        return quantity
    wanted = requested.unit
    fitting = [unit for unit in entry.units if wanted is None or are_compatible(unit, wanted)]
    return replace(quantity, unit=(fitting or list(entry.units))[0])


def _unitless(candidate: Candidate, text: str, quantities: tuple[Quantity, ...], *, measured: bool | None) -> Reading:
    grade = find_grade(text)
    if grade:
        return Reading(candidate, "covered", None, grade, None, measured)
    if quantities:
        return _covered(candidate, quantities[0], measured=measured)
    if candidate.entry.is_prose:
        return Reading(candidate, "vague" if _VAGUE.search(text) else "missing")
    if _VAGUE.search(text) or text in (
        "有",
        "无",
        "是",
        "否",
        "含",
        "优",
        "良",
        "好",
        "高",
        "低",
        "快",
        "√",
        "✓",
        "✔",
        "○",
        "●",
    ):
        return Reading(candidate, "vague")
    return Reading(candidate, "covered", None, text, None, measured)


def _covered(candidate: Candidate, quantity: Quantity, *, measured: bool | None) -> Reading:
    return Reading(candidate, "covered", quantity, quantity.value, quantity.symbol, measured)


def is_measured(entry: Entry) -> bool | None:
    """Measured, claimed or unsaid: the cell and its footnotes first, then its header, then remarks for the table."""
    for text in (entry.text, *entry.notes, entry.heading, entry.label):
        verdict = said(text)
        if verdict is not None:
            return verdict
    return None


def said(text: str) -> bool | None:
    """True for words of measuring, False for words of claiming, None for neither."""
    if _CLAIMED.search(text.lower()):
        return False
    return True if _MEASURED.search(text.lower()) else None
