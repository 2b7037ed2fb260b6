"""Finds the quantities in spoken or typed text: number, unit, comparison, with their place in the original words."""

import re
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from knowledge.diagnosis.spoken_numbers import DIGITS, NUMBER, spoken_number
from knowledge.diagnosis.spoken_text import SpokenText

Operator = Literal["<=", ">=", "=", "range"]
Value = float | str | tuple[float, float]

_AT_MOST = (
    r"(?:不能?超过|不得超过|不要超过|别超过|不许超过|不超|不能?大于|不能?高于|不能?多于|不能?晚于|不能?长于|控制在"
    r"|压到|降到|缩短到|缩到|减到|减少到|小于|低于|少于|最多|至多|顶多|最长|最高|最大|[<≤]=?)"
)
_AT_LEAST = (
    r"(?:至少|起码|最少|最低|不能?低于|不得低于|不能?少于|不得少于|不能?小于|不能?短于|大于等于"
    r"|提到|提高到|提升到|达到|做到|[>≥]=?)"
)
_ABOVE = r"(?:超过|大于|高于|多于)"
_FILLER = r"(?:要|是|得|到|在|为|个|有|能|跑|做|出|削|存|给)?"
_AFTER_AT_MOST = r"(?:以内|之内|以下|之下|内(?!容|部|存))"
_AFTER_AT_LEAST = r"(?:以上|往上|起步|及以上)"
_ROUGH = r"(?:多(?!久|少)|来(?=[个天万台年])|几)"
_PER = r"(?P<per>每(?:个)?|一(?:个)?)(?P<span>秒|分钟|小时|钟头|天|年|个?月|班|次)"


@dataclass(frozen=True)
class Quantity:
    """`operator` is None when the speaker compared nothing; `per` is the time unit of a rate."""

    value: Value
    unit: str
    operator: Operator | None
    start: int
    end: int
    per: str = ""
    above: bool = False
    """Said with 超过 or 大于: a wish when a wish is spoken of, otherwise a fact."""


@cache
def spoken_units() -> dict[str, str]:
    """Unit words as spoken, to symbols."""
    text = files("knowledge.diagnosis").joinpath("vocabulary", "units.yaml").read_text(encoding="utf-8")
    return {str(word): str(symbol) for symbol, words in yaml.safe_load(text).items() for word in str(words).split()}


def find_quantities(spoken: SpokenText) -> list[Quantity]:
    """All quantities and dates from left to right; money, ages and clock times are left out."""
    text = _with_standard_words(spoken)
    found = [*_dates(text), *_nines(text)]
    for match in _pattern().finditer(text):
        taken = any(match.start("number") < other.end and other.start < match.end() for other in found)
        quantity = None if taken else _read(match, text)
        if quantity:
            found.append(quantity)
    return _drop_rate_spans(sorted(found, key=lambda quantity: quantity.start), text)


def _with_standard_words(spoken: SpokenText) -> str:
    """Misheard unit words put right, character for character: 豪秒 is 毫秒."""
    characters = list(spoken.plain)
    for word in spoken_units():
        if len(word) > 1:
            for start, end in spoken.find(word):
                characters[start:end] = word
    return "".join(characters)


@cache
def _pattern() -> re.Pattern[str]:
    units = "|".join(re.escape(word) for word in sorted(spoken_units(), key=len, reverse=True))
    return re.compile(
        rf"(?P<atmost>{_AT_MOST}{_FILLER})?(?P<atleast>{_AT_LEAST}{_FILLER})?(?P<above>{_ABOVE}{_FILLER})?"
        rf"(?P<percent>百分之|千分之)?(?P<below>零下|(?<!正)负(?!责|载|荷)|(?<!\d)-(?=\d))?(?P<number>{NUMBER}|半)(?P<rough>{_ROUGH})?"
        rf"(?:(?P<lowunit>{units})?(?P<to>到|至|-|~|～)(?P<high>{NUMBER}))?"
        rf"个?(?P<half>半)?(?P<unit>{units})?(?P<more>半(?!天|年|小时|个|分))?(?P<rest>[一二两三四五六七八九\d](?![\d个十百千万点]))?"
        rf"(?P<per>/(?:s|min|h|秒|分钟|小时|天)|每(?:秒|分钟|小时|天))?"
        rf"(?P<after>(?P<afterless>{_AFTER_AT_MOST})|(?P<aftermore>{_AFTER_AT_LEAST}))?"
    )


def _read(match: re.Match[str], text: str) -> Quantity | None:
    part = match.groupdict()
    if part["rough"] or _names_something(match, text):
        return None
    number = 0.5 if part["number"] == "半" else spoken_number(part["number"])
    unit = _unit(part)
    end = match.end()
    if part["rest"] and unit in _TENTHS_FOLLOW:
        number += (DIGITS.get(part["rest"]) if part["rest"] in DIGITS else int(part["rest"])) / 10  # type: ignore[operator]
    elif part["rest"]:
        end = match.start("rest")
    number += 0.5 if part["half"] or part["more"] else 0
    number *= -1 if part["below"] else 1
    value: Value = (number, spoken_number(part["high"])) if part["high"] else number
    quantity = Quantity(value, unit, _operator(part), match.start(), end, (part["per"] or "").lstrip("/每"))
    return _in_usual_unit(replace(quantity, above=bool(part["above"])))


_TENTHS_FOLLOW = frozenset({"m", "cm", "km", "t", "kg", "成"})


def _names_something(match: re.Match[str], text: str) -> bool:
    """A number inside a word or a name counts nothing: 一下, 第三, 五年前, 十一点, 二十号."""
    before, after = text[: match.start("number")], text[match.end() :]
    unit = match.group("unit")
    if match.group("number") == "半" and unit is None:
        return True
    if re.search(r"(?:第|[a-z]|星期|周|礼拜|十几|几|从)$", before):
        return True
    if unit is None and not (match.group("percent") or _compared(match)):
        return not re.search(r"率|度", before[-8:])
    return bool(re.match(r"岁|块|元|号|点(?!\d)|前(?!置)|以前|万|之一|倍|折|楼|期(?!间)|代|级", after))


def _compared(match: re.Match[str]) -> bool:
    return any(match.group(name) for name in ("atmost", "atleast", "above", "afterless", "aftermore"))


def _unit(part: dict[str, str | None]) -> str:
    if part["percent"]:
        return "%" if part["percent"] == "百分之" else "‰"
    return spoken_units().get(part["unit"] or part["lowunit"] or "", "")


def _operator(part: dict[str, str | None]) -> Operator | None:
    if part["high"]:
        return "range"
    if part["atmost"] or part["afterless"]:
        return "<="
    if part["atleast"] or part["aftermore"]:
        return ">="
    return None


def _in_usual_unit(quantity: Quantity) -> Quantity | None:
    """Pixels are counted in millions and shares in per cent; money is not a parameter."""
    value = quantity.value
    if quantity.unit in {"元", "岁"}:
        return None
    if quantity.unit == "像素" and isinstance(value, float):
        return replace(quantity, value=value / 1_000_000, unit="百万像素")
    if quantity.unit == "成" and isinstance(value, float):
        return replace(quantity, value=value * 10, unit="%")
    if quantity.unit == "" and isinstance(value, float) and value >= 1_000:
        return None
    return quantity


_DATE = re.compile(
    rf"(?P<month>{NUMBER})月(?:份)?(?:(?P<day>{NUMBER})[号日]|(?P<end>底)|(?P<start>初))(?:之前|以前|前|必须|要|得|交|到货)"
)
_LAST_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _dates(text: str) -> list[Quantity]:
    found = []
    for match in _DATE.finditer(text):
        month = int(spoken_number(match["month"]))
        if 1 <= month <= 12:
            day = int(spoken_number(match["day"])) if match["day"] else _LAST_DAYS[month - 1] if match["end"] else 1
            found.append(Quantity(f"{month:02d}-{day:02d}", "日期", "<=", match.start(), match.end()))
    return found


def _nines(text: str) -> list[Quantity]:
    """四个九 is 99.99 %."""
    return [
        Quantity(float(f"{'9' * (count := DIGITS[match[1]])}e{2 - count}"), "%", ">=", match.start(), match.end())
        for match in re.finditer(r"([三四五六])个(?:九|9)", text)
    ]


def _drop_rate_spans(quantities: list[Quantity], text: str) -> list[Quantity]:
    """一天能出两百个 is 200 per day: the span is no quantity of its own but the denominator of the next one."""
    kept: list[Quantity] = []
    for number, quantity in enumerate(quantities):
        clause_end = re.compile(r"[，,。；;！？\n]|$").search(text, quantity.end)
        assert clause_end is not None
        follower = quantities[number + 1] if number + 1 < len(quantities) else None
        is_one = quantity.value == 1.0 and quantity.unit in _SHARED_AMONG and quantity.operator is None
        if is_one and follower and follower.start < clause_end.start():
            continue
        kept.append(replace(quantity, per=quantity.per or _span_before(quantity, text)))
    return kept


_SHARED_AMONG = frozenset({"s", "min", "h", *"天年月周台套个辆次人张块路户点单件片支条"})
_RATE_WORDS = {"秒": "s", "分钟": "min", "小时": "h", "钟头": "h", "天": "天"}


def _span_before(quantity: Quantity, text: str) -> str:
    clause = re.split(r"[，,。；;！？\n]", text[: quantity.start])[-1]
    spans = list(re.finditer(_PER, clause))
    return _RATE_WORDS.get(spans[-1]["span"], "") if spans else ""
