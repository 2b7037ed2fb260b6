"""Compares plain facts of customers: how big they are and where they are."""

import re

from knowledge.retrieval.tokens import normalise

COUNTED = re.compile(
    r"([\d,]+(?:\.\d+)?)\s*(万|千|百)?\s*(家|所|人|间|台|辆|座|个|套|张|席|位|平米|㎡|m2|吨|度|根|亩|km|公里)"
)
MULTIPLES = {"万": 10_000.0, "千": 1_000.0, "百": 100.0, None: 1.0}
#: sizes within this ratio of each other count as alike
ALIKE_WITHIN = 3.0
MUNICIPALITIES_AND_PROVINCES = re.compile(
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)


def counted_size(size: str) -> tuple[str, float] | None:
    """Return the unit and the number of a size such as 门店67家 or 6万平米, None when it names no number."""
    match = COUNTED.search(normalise(size))
    if match is None:
        return None
    number, multiple, unit = match.groups()
    return unit, float(number.replace(",", "")) * MULTIPLES[multiple]


def sizes_alike(first: tuple[str, float] | None, second: tuple[str, float] | None) -> bool:
    """Tell whether two sizes are counted in the same unit and are of the same order."""
    if first is None or second is None or first[0] != second[0] or not first[1] or not second[1]:
        return False
    return 1 / ALIKE_WITHIN <= first[1] / second[1] <= ALIKE_WITHIN


def province(region: str) -> str:
    """Return the province or municipality that a region names; the region itself when it names none."""
    match = MUNICIPALITIES_AND_PROVINCES.search(region)
    return match.group() if match else region.strip()
