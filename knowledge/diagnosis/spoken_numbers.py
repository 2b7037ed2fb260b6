"""Numbers the way they are spoken: 两百八 is 280, 九十九点九 is 99.9, 三百二十万 is 3,200,000."""

import re

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}

NUMBER = (
    r"(?:\d+(?:,\d{3})*(?:\.\d+)?[百千万亿]*"
    r"|[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二两三四五六七八九]+)?[万亿]?)"
)


def spoken_number(text: str) -> float:
    """The value of a text that NUMBER matches."""
    arabic = re.fullmatch(r"([\d,]+(?:\.\d+)?)([百千万亿]*)", text)
    if arabic:
        return float(arabic[1].replace(",", "")) * _product(arabic[2])
    whole, point, rest = text.partition("点")
    if not point:
        return float(_whole(whole))
    decimals, scale = rest.rstrip("万亿"), rest[len(rest.rstrip("万亿")) :]
    return float(f"{_whole(whole)}.{''.join(str(DIGITS[digit]) for digit in decimals)}") * _product(scale)


def _product(scales: str) -> int:
    product = 1
    for scale in scales:
        product *= _TENS.get(scale) or _MYRIADS[scale]
    return product


def _whole(text: str) -> int:
    if len(text) > 1 and all(character in DIGITS for character in text):
        return int("".join(str(DIGITS[character]) for character in text))
    total = section = digit = 0
    last_scale = 1
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
            last_scale = 1 if digit == 0 else last_scale
        elif character in _TENS:
            last_scale = _TENS[character]
            section += (digit or 1) * last_scale
            digit = 0
        else:
            last_scale = _MYRIADS[character]
            total = (total + section + digit or 1) * last_scale
            section = digit = 0
    # a digit left over counts the next lower scale: 两百八 is 280, 一万五 is 15,000
    return total + section + digit * max(last_scale // 10, 1)
