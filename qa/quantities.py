"""The Chinese quantity grammar: comparators, ranges, tolerances, 万/亿, Chinese numerals, units, grades."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from qa.numerals import expand_numerals, plain_number
from qa.units import Unit, are_compatible, known_unit, parse_unit, scale, spellings

_NUMBER = (
    r"(?>\d{1,3}(?:[, ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s*[×xX*]\s*10\^?[-+]?[\d⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹]+|[eE][-+]?\d+)?"
)
_SCALE = r"(?:\s*(?:百万|千万|万亿|万|亿|千(?!瓦|克|米|帕|伏|安|赫|牛|卡|兆)|百(?!分)))?"
_SIGNED = rf"[-+]?{_NUMBER}{_SCALE}"
_BETWEEN = r"\s*(?:~|-|至|到|—|―|\.\.\.?)\s*"
_BEFORE = {
    "≥": r">=|≥|⩾|≧|不低于|不小于|不少于|不短于|不弱于|至少|大于等于|大于或等于|最低|min\.?(?=\s*\d)",
    "≤": r"<=|≤|⩽|≦|不高于|不大于|不超过|不多于|不长于|至多|小于等于|小于或等于|控制在|max\.?(?=\s*\d)|up to",
    "≈": r"≈|大约|大概|约为|约|近(?=\s*\d)|~(?=\s*\d)|approx\.?|about",
    ">": r">|大于|超过|高于|多于|优于(?=\s*\d)|over|more than",
    "<": r"<|小于|低于|少于|less than|under",
}
_AFTER = {
    "≥": r"\s*(?:及以上|或以上|以上|起(?!步)|\+(?![\d/]))",
    "≤": r"\s*(?:及以下|以下|以内|之内|内(?![容存置部外]))",
    "≈": r"\s*(?:左右|上下)",
}
_BODY = re.compile(
    rf"(?P<ratio>{_NUMBER}\s*:\s*{_NUMBER}(?!\d*:))"
    rf"|(?P<product>{_NUMBER}(?:\s*[a-zA-Z]{{0,2}}\s*[×xX*]\s*{_NUMBER}){{1,2}})(?!\s*[A-Z]{{2}}|\s*\^)"
    rf"|(?P<list>\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)+)"
    rf"|(?P<plusminus>(?:±|\+/-|\+-)\s*{_NUMBER}{_SCALE})"
    rf"|(?P<low>{_SIGNED})(?P<lowunit>\s*[%℃°VAWmkKMGg秒天年月小时分钟]{{1,3}})?{_BETWEEN}(?P<high>{_SIGNED})"
    rf"|(?P<base>{_SIGNED})\s*±\s*(?P<tolerance>{_NUMBER})"
    rf"|(?P<single>{_SIGNED})"
)
# what looks like a number but is a name: standards, dates, attachments, models, IP grades
_NAMES = re.compile(
    r"(?:GB|YY|ISO|IEC|EN|IEEE|UL|ASTM|JB|DL|NB|JJG|JJF|QB|HJ|CJ|GMP|RFC)(?:\s*/\s*[A-Z]{1,2})?\s*[-—]?\s*\d[\d.\-—]*"
    r"|(?:附件|附录|附表|见表|见图|第|详见|版本|[Vv]er\.?|(?<![\u4e00-\u9fff])[图表])\s*\d+(?:\.\d+)*\s*(?:页|章|节|条|款)?"
    r"|(?:19|20)\d{2}\s*(?:年(?!限|以)(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*日)?|[-/.]\d{1,2}(?:[-/.]\d{1,2})?(?![\d.]))"
    r"|IP\s?[\dX][\dXK]{1,3}[A-DHMSW]?"
    r"|(?<![A-Za-z])[PpLTQ]\d{2,3}(?=\s*[≤<≥>:：,，)）]|\s|$)"
    r"|7\s*[×xX*]\s*24|5\s*[×xX*]\s*8"
)
_GRADE = re.compile(
    r"(?<![A-Za-z])IP\s?[\dX][\dXK]{1,3}[A-DHMSW]?(?![A-Za-z])|(?:Class|CLASS|CAT|Cat|Ex)\s?\.?[\dIVXA-Ea-z]{1,6}"
    r"|[A-FS一二三四五ⅠⅡⅢⅣVI\d]{1,3}\s?级(?:能效)?(?!别)"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written: `value` in canonical text, magnitudes in the order they stand, unit if one follows."""

    value: str
    comparator: str
    numbers: tuple[float, ...]
    unit: Unit | None
    start: int
    end: int

    @property
    def symbol(self) -> str | None:
        return self.unit.symbol if self.unit else None


def normalise(text: str) -> str:
    """Half-width letters, digits and signs; one kind of dash and tilde; same length as before."""
    return text.translate(_NORMAL)


_NORMAL = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ", 0xA0: " ", 0x2212: "-", 0x2013: "-", 0x2010: "-", 0x2011: "-", 0xFF5E: "~", 0x301C: "~", 0x223C: "~",
    0x3010: "(", 0x3011: ")", 0xB5: "µ", 0x3BC: "µ", 0xBA: "°", 0x2126: "Ω", 0x2715: "×", 0x2A2F: "×",
}  # fmt: skip


def find_quantities(text: str, extra_units: tuple[str, ...] = ()) -> tuple[Quantity, ...]:
    """Every quantity in `text`, left to right; `extra_units` are further unit words to know."""
    plain = expand_numerals(normalise(text))
    masked = _NAMES.sub(lambda match: "\u0001" * len(match.group()), plain)
    found: list[Quantity] = []
    position = 0
    while position < len(masked):
        match = _BODY.search(masked, position)
        if match is None:
            break
        position = max(match.end(), match.start() + 1)
        if not _stands_alone(masked, match):
            continue
        quantity = _quantity(masked, match, extra_units)
        position = max(position, quantity.end)
        found.append(quantity)
    return tuple(found)


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    before = text[: match.start()]
    if re.search(r"[A-Za-z_\u0001]$", before) and not re.search(r"(?:AC|DC|Max|max|min|to|RMB|CNY|Φ|φ|USD)$", before):
        return False
    return not re.search(r"[A-Za-z]\d*[-.]$", before)


def _quantity(text: str, match: re.Match[str], extra_units: tuple[str, ...]) -> Quantity:
    comparator, start = _comparator_before(text, match.start())
    end = match.end()
    unit, end = _unit_after(text, end, extra_units)
    for sign, pattern in _AFTER.items():
        after = re.compile(pattern).match(text, end)
        if after:
            comparator, end = comparator or sign, after.end()
            break
    if unit is None:
        unit, end = _unit_after(text, end, extra_units)
    if unit is None and match.group("lowunit"):
        unit = known_unit(match.group("lowunit"))
    value, numbers = _value(match)
    return Quantity(comparator + value, comparator, numbers, unit, start, end)


def _comparator_before(text: str, start: int) -> tuple[str, int]:
    before = text[:start]
    for sign, pattern in _BEFORE.items():
        match = re.search(rf"(?:{pattern})\s*(?:为|在|于|至|到|:)?\s*(?:Φ|AC|DC)?\s*$", before, re.IGNORECASE)
        if match:
            return sign, match.start()
    percent = re.search(r"百分之\s*$", before)
    return "", percent.start() if percent else start


def _value(match: re.Match[str]) -> tuple[str, tuple[float, ...]]:
    groups = match.groupdict()
    if groups["low"]:
        return _range(groups["low"], groups["high"])
    if groups["list"]:
        return groups["list"], tuple(float(part) for part in groups["list"].split("/"))
    sign, mark, parts = "", "", [match.group()]
    if groups["ratio"]:
        mark, parts = ":", groups["ratio"].split(":")
    elif groups["product"] and not re.search(r"[×xX*]\s*10\s*[\^⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹]", groups["product"]):
        mark, parts = "×", re.findall(_NUMBER, groups["product"])
    elif groups["plusminus"]:
        sign, parts = "±", [groups["plusminus"].lstrip("±+/- ")]
    elif groups["base"]:
        mark, parts = "±", [groups["base"], groups["tolerance"]]
    numbers = [plain_number(part) for part in parts]
    return sign + mark.join(text for text, _ in numbers), tuple(number for _, number in numbers)


def _range(low: str, high: str) -> tuple[str, tuple[float, ...]]:
    """ "1-3 万" means 10000-30000."""
    shared = re.search(r"(万亿|百万|千万|万|亿)$", high.strip())
    if shared and not re.search(r"[万亿]$", low.strip()):
        low += shared.group()
    parts = plain_number(low), plain_number(high)
    return "-".join(text for text, _ in parts), (parts[0][1], parts[1][1])


@cache
def _unit_pattern(extra_units: tuple[str, ...]) -> re.Pattern[str]:
    names = sorted({*spellings(), *extra_units}, key=len, reverse=True)
    spaced = {
        re.escape(name).replace("%", r"%\s*") if name.startswith("%") else re.escape(name) for name in names if name
    }
    known = "|".join(sorted(spaced, key=len, reverse=True))
    lower = r"(?:\d+\s*)?(?:(?:" + known + r")|[A-Za-z]{1,8}|[\u4e00-\u9fff]{1,2})"
    below = rf"(?:\s*(?:/|每)\s*(?:\([^()]{{1,12}}\)|{lower}))"
    return re.compile(
        rf"\s*(?P<known>(?:{known}){below}{{0,2}})(?![A-Za-z])|\s*(?P<counted>[\u4e00-\u9fff]{{1,3}}{below})"
        rf"|\s*(?P<unknown>[A-Za-zµΩ°%‰][A-Za-zµΩ%‰²³·]{{0,7}}{below}{{0,1}})(?![A-Za-z0-9])"
    )


def _unit_after(text: str, end: int, extra_units: tuple[str, ...]) -> tuple[Unit | None, int]:
    if re.search(r"百分之\s*[\d.]+$", text[:end]):
        return known_unit("%"), end
    match = _unit_pattern(extra_units).match(text, end)
    if match is None:
        return None, end
    unit = parse_unit(match.group().strip())
    if unit is None and match.group().strip() in extra_units:
        unit = Unit(match.group().strip(), "piece")
    return (unit, match.end()) if unit else (None, end)


def find_grade(text: str) -> str | None:
    """A grade such as IP67 or A级, or None."""
    match = _GRADE.search(normalise(text))
    return re.sub(r"\s+", "", match.group()) if match else None


def are_equal(first: Quantity, second: Quantity) -> bool:
    """The same numbers once converted; a rough value ("约") agrees within five per cent."""
    if first.unit and second.unit and not are_compatible(first.unit, second.unit):
        return False
    if len(first.numbers) != len(second.numbers):
        return False
    left = scale(first.unit) if first.unit else 1.0
    right = scale(second.unit) if second.unit else 1.0
    if first.unit is None or second.unit is None:
        left = right = 1.0
    slack = 0.05 if "≈" in (first.comparator, second.comparator) else 1e-6
    return all(
        abs(a * left - b * right) <= slack * max(abs(a * left), abs(b * right), 1e-12)
        for a, b in zip(first.numbers, second.numbers, strict=True)
    )


__all__ = ["Quantity", "are_equal", "find_grade", "find_quantities", "normalise"]
