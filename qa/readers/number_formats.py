"""Numbers as a spreadsheet program shows them (ECMA-376 part 1, 18.8.31, the part that occurs in practice)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<pad>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<digits>[#0?][#0?,]*(?:\.[#0?]*)?,*(?:[eE][+-][0#?]+)?|\.[#0?]+)|(?P<other>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Section:
    prefix: str
    digits: str
    suffix: str
    percents: int


def display(value: object, number_format: str | None) -> str:
    """`value` as shown under `number_format`; text is shown as it is, `;;;` shows nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time | timedelta):
        return _displayed_date(value)
    sections = _split_sections(number_format or "General")
    if isinstance(value, int | float):
        return _displayed_number(value, sections)
    if len(sections) >= 4:
        return _literal(sections[3]).replace("@", str(value)) if sections[3].strip() else ""
    return str(value)


def _displayed_date(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    return str(value)


def _split_sections(number_format: str) -> list[str]:
    parts = re.findall(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\])+|(?<=;)(?=;|$)|^(?=;)', number_format)
    return parts or ["General"]


def _displayed_number(value: float, sections: list[str]) -> str:
    if value < 0 and len(sections) > 1:
        section, value = sections[1], -value
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    else:
        section = sections[0]
    if not section.strip():
        return ""
    if re.search(r"general|@", section, re.IGNORECASE):
        return re.sub(r"(?i)general|@", lambda _: general(value), _literal(section), count=1)
    parsed = _parsed(section)
    if not parsed.digits:
        return parsed.prefix
    shown = _with_digits(value * 100**parsed.percents, parsed.digits)
    return f"{parsed.prefix}{shown}{parsed.suffix}"


def general(value: float) -> str:
    """The General format: up to eleven significant digits."""
    if isinstance(value, int) or float(value).is_integer():
        return str(int(value)) if abs(value) < 1e15 else f"{value:.5E}"
    return f"{value:.10g}"


def _literal(section: str) -> str:
    return "".join(_text_of(match) or match.group("digits") or "" for match in _TOKEN.finditer(section))


def _text_of(match: re.Match[str]) -> str:
    groups = match.groupdict()
    if groups["bracket"] is not None:
        currency = re.match(r"\$([^-\]]+)", groups["bracket"])
        return currency.group(1) if currency else ""
    if groups["pad"] or groups["fill"]:
        return " " if groups["pad"] else ""
    return groups["quoted"] or groups["escaped"] or groups["other"] or ""


def _parsed(section: str) -> _Section:
    prefix, digits, suffix, percents = "", "", "", 0
    for match in _TOKEN.finditer(section):
        if match.group("digits"):
            digits = digits or match.group("digits")
            continue
        percents += match.group("other") == "%"
        if digits:
            suffix += _text_of(match)
        else:
            prefix += _text_of(match)
    return _Section(prefix, digits, suffix.rstrip(), percents)


def _with_digits(value: float, digits: str) -> str:
    if re.search(r"[eE]", digits):
        decimals = len(re.search(r"\.?([0#?]*)[eE]", digits).group(1)) if "." in digits else 0  # type: ignore[union-attr]
        return f"{value:.{decimals}E}"
    thousands = len(digits) - len(digits.rstrip(","))
    whole, _, fraction = digits.rstrip(",").partition(".")
    scaled = value / 1000**thousands
    exact = Decimal(repr(float(f"{scaled:.12g}"))).quantize(Decimal(1).scaleb(-len(fraction)), rounding=ROUND_HALF_UP)
    text = f"{exact:f}"
    if "," in whole:
        text = f"{exact:,f}"
    integer, _, decimal = text.partition(".")
    optional = len(fraction) - len(fraction.rstrip("#?"))
    while optional and decimal.endswith("0"):
        decimal, optional = decimal[:-1], optional - 1
    sign = "-" if integer.startswith("-") else ""
    integer = sign + integer.lstrip("-").rjust(whole.count("0"), "0")
    return f"{integer}.{decimal}" if decimal else integer
