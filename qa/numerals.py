"""Numbers as text: Chinese numerals before a unit become digits, 万 and 亿 are expanded."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from qa.units import spellings

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MULTIPLIERS = {"万亿": 10**12, "千万": 10**7, "百万": 10**6, "亿": 10**8, "万": 10**4, "千": 10**3, "百": 10**2}
NUMERAL = "[零〇一二两三四五六七八九十百千]"
_HALF_AFTER = {"个半月": "月", "年半": "年", "个半小时": "小时", "小时半": "小时", "天半": "天"}
# "级", "一次性" and the like name things, they do not count
_NOT_COUNTED = r"(?!级|性|体|键|致|站|种|款|般|样|些|直|定|旦|并|切|律|类|流|代|层楼)"


def chinese_number(text: str) -> int:
    """The number that e.g. 两千三百 or 十五万 stands for."""
    total = section = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _TENS:
            section += (digit or 1) * _TENS[character]
            digit = 0
        else:
            total = (total + section + digit) * _MULTIPLIERS[character]
            section = digit = 0
    return total + section + digit


@cache
def _counted() -> re.Pattern[str]:
    units = "|".join(re.escape(name) for name in sorted(spellings(), key=len, reverse=True) if _is_word(name))
    number = rf"[零〇一二两三四五六七八九十](?:{NUMERAL}|[万亿])*"
    return re.compile(
        rf"(?P<half>(?P<count>{NUMERAL}+)(?P<word>个半月|年半|个半小时|小时半|天半))"
        rf"|(?<![第每])(?P<number>{number}){_NOT_COUNTED}(?=(?:个)?(?:{units})(?!化|性))"
        rf"|半(?P<halved>年|个月|小时|天|分钟)"
        rf"|百分之(?P<percent>{NUMERAL}+(?:点{NUMERAL}+)?)"
    )


def _is_word(name: str) -> bool:
    return bool(re.fullmatch(r"[\u4e00-\u9fff]+", name)) or name in {"%", "kW", "mm", "h", "s"}


def expand_numerals(text: str) -> str:
    """Chinese numerals written as digits where a unit follows; everything else is left as it is."""
    return _counted().sub(_as_digits, text)


def _as_digits(match: re.Match[str]) -> str:
    groups = match.groupdict()
    if groups["half"]:
        return f"{chinese_number(groups['count'])}.5{_HALF_AFTER[groups['word']]}"
    if groups["halved"]:
        return f"0.5{groups['halved']}"
    if groups["percent"]:
        whole, _, decimals = groups["percent"].partition("点")
        tail = "." + "".join(str(_DIGITS[digit]) for digit in decimals) if decimals else ""
        return f"{chinese_number(whole)}{tail}%"
    return str(chinese_number(groups["number"]))


def plain_number(text: str) -> tuple[str, float]:
    """Canonical text and magnitude: separators dropped, 万 and 亿 expanded, scientific notation kept as written."""
    compact = re.sub(r"[\s,]+", "", text).lstrip("+")
    multiplier = re.search(r"(万亿|千万|百万|亿|万|千|百)$", compact)
    if multiplier:
        number = Decimal(compact[: multiplier.start()]) * _MULTIPLIERS[multiplier.group()]
        return _plain(number), float(number)
    if re.fullmatch(r"-?\d+(?:\.\d+)?", compact):
        return compact, float(compact)
    return compact, _scientific(compact)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_SUPERSCRIPTS = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")


def _scientific(text: str) -> float:
    plain = re.sub(r"[×xX*]10\^?", "e", text.translate(_SUPERSCRIPTS))
    try:
        return float(plain)
    except ValueError:
        return float("nan")
