"""The requirements with a value that a customer named: parameter, comparator, value, unit, and the words."""

import re
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from knowledge.diagnosis.quantities import Operator, Quantity, Value, find_quantities
from knowledge.diagnosis.spoken_text import Quote, SpokenText

_WISH = re.compile(
    r"要求|必须|要能|得能|希望|想要|想装|想买|想上|想配|能不能|能否|可不可以|行不行|不能|不得|不许|最好|起码|至少|指定|标书|指标|需要|需求"
    r"|要(?!是|了|走|么|不然|跟|看|问|开会|去|来|找|钱|拆|停|等|花|涨|翻|亏|罚|倒|死|退|搬|账|货|过年)"
    r"|(?:说|讲)(?:是)?得(?!是|了)|得(?:有|在|到|保证)|保证|(?<![只不])能(?:爬|跑|扛|撑|存|顶)"
)
_FACT = re.compile(
    r"现在|目前|以前|原来|去年|前年|上个?月|今年|上次|每次|老是|已经|别家|人家|对手|竞品|同行|友商|欠|罚|账期|等了|停了|堆了|坏了|花了|用了|平均|亏"
    r"|损失|赔|回本|收回|回款|预算|首付|加班|排队排|才到|才来|拖了|干了|开了|过了|有过|历史|做了|搞了|谈了|聊了|来了|跑了|换了|涨了|多万|整改|意见|[要得](?:停|等|花|排|拖|耗|加班)"
)
_WISH_AFTER = re.compile(
    r"(?:是|检查|规定|标准|合同|标书|上面|领导|总部).{0,6}(?:要|要求|规定|定)的|这是(?:硬|死)?(?:要求|规定|指标)|少了不行|不行就|做不到"
)
_ONLY = re.compile(r"只剩|只有|只能|就剩|就|才|只给|仅|最多|层高|净高|门洞|门高|门宽|限高|电梯")
_DEFAULT: dict[str, Operator] = {"%": ">=", "dB": "<=", "ms": "<=", "s": "<="}
_COUNTED = frozenset("次台套样笔单件包瓶盒箱袋片张支条份块辆人户路点个页床")
_DEGREES = {"储存温度": "°C", "爬坡角度": "°", "测量误差": "°", "能耗": "kWh"}


@dataclass(frozen=True)
class NamedParameter:
    """What the customer asked for; `name` is the product's word for it, or the customer's where we have none."""

    name: str
    operator: Operator
    value: Value
    unit: str
    quote: Quote

    def as_row(self) -> dict[str, Any]:
        """The layout of labelled sets."""
        value: object = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"name": self.name, "op": self.operator, "value": value, "unit": self.unit}


@dataclass(frozen=True)
class _Kind:
    name: str
    wants: Operator
    units: frozenset[str]
    words: tuple[str, ...]


def named_parameters(spoken: SpokenText) -> tuple[NamedParameter, ...]:
    """Requirements on product, service or site that were given a value; facts, budgets and payback wishes are none."""
    found: list[NamedParameter] = []
    for spoken_quantity in find_quantities(spoken):
        kind = _kind_of(spoken_quantity, spoken)
        quantity = _completed(spoken_quantity, kind, found, spoken)
        listed = bool(found) and found[-1].quote.start >= spoken.sentence_of(quantity.start)[0]
        if quantity.unit and _is_required(quantity, kind, spoken, listed=listed):
            found.append(_named(quantity, kind, spoken))
    return (*found, *_same_day(spoken))


@cache
def _kinds() -> tuple[_Kind, ...]:
    text = files("knowledge.diagnosis").joinpath("vocabulary", "parameters.yaml").read_text(encoding="utf-8")
    return tuple(
        _Kind(name, row["wants"], frozenset(row["units"].split()), tuple(row["words"].split()))
        for name, row in yaml.safe_load(text).items()
    )


def _kind_of(quantity: Quantity, spoken: SpokenText) -> _Kind | None:
    """The parameter whose word stands nearest, in the clause first, then earlier in the sentence."""
    clause, sentence = spoken.clause_of(quantity.start), spoken.sentence_of(quantity.start)
    for start, end, farthest in ((*clause, 14), (sentence[0], clause[1], 24)):
        ranked = [
            (_distance(quantity, place), -len(word), kind.name, kind)
            for kind in _kinds()
            if _fits(quantity, kind)
            for word in kind.words
            for place in spoken.find(word)
            if start <= place[0] and place[1] <= end and _distance(quantity, place) <= farthest
        ]
        if ranked:
            return min(ranked, key=lambda entry: entry[:3])[3]
    return None


def _fits(quantity: Quantity, kind: _Kind) -> bool:
    if quantity.unit == "度":
        return kind.name in _DEGREES
    if quantity.unit == "":
        return "%" in kind.units or ("dB" in kind.units and quantity.operator is not None)
    return quantity.unit in kind.units


def _distance(quantity: Quantity, place: tuple[int, int]) -> int:
    if place[1] <= quantity.start:
        return quantity.start - place[1]
    # the word after the number belongs to it as often as the one before, but a little less surely
    return max(place[0] - quantity.end, 0) + 1


def _completed(quantity: Quantity, kind: _Kind | None, earlier: list[NamedParameter], spoken: SpokenText) -> Quantity:
    """Units that speech leaves out: per cent of a rate, degrees of what is measured, the unit of the last parameter."""
    if quantity.unit == "度":
        cold = re.search(r"温|冷|热|冻|库|冰", spoken.plain[slice(*spoken.sentence_of(quantity.start))])
        return replace(quantity, unit=_DEGREES[kind.name] if kind else "°C" if cold else "")
    if quantity.unit == "" and "率" in spoken.plain[max(0, quantity.start - 8) : quantity.start]:
        return replace(quantity, unit="%")
    if quantity.unit == "" and quantity.operator and earlier:
        return replace(quantity, unit=earlier[-1].unit)
    return quantity


def _is_required(quantity: Quantity, kind: _Kind | None, spoken: SpokenText, *, listed: bool) -> bool:
    start, end = spoken.clause_of(quantity.start)
    clause = spoken.plain[start:end]
    if quantity.unit == "日期":
        return True
    if _FACT.search(clause):
        return False
    if quantity.operator in {"<=", ">="}:
        return True
    if kind is None:
        return quantity.unit not in _COUNTED and bool(_WISH.search(clause))
    if _is_confined(kind, spoken.plain[start : quantity.start]):
        return True
    sentence = spoken.sentence_of(quantity.start)
    wished = _WISH.search(spoken.plain, sentence[0], end) or _WISH_AFTER.search(spoken.plain, end, sentence[1])
    return listed or bool(wished) or quantity.operator == "range"


def _is_confined(kind: _Kind, before: str) -> bool:
    """A site that only has so much room, a customer who only has so much time, sets a limit."""
    return kind.wants == "<=" and bool(kind.units & {"m", "m²", "天"}) and bool(_ONLY.search(before[-6:]))


def _named(quantity: Quantity, kind: _Kind | None, spoken: SpokenText) -> NamedParameter:
    wants = kind.wants if kind else _DEFAULT.get(quantity.unit, "=")
    operator = quantity.operator or (">=" if quantity.above else wants)
    value, unit = quantity.value, quantity.unit
    if unit == "周" and isinstance(value, float):
        value, unit = value * 7, "天"
    if quantity.per and (kind is None or kind.units & {"笔", "样", "包"}):
        unit = f"{unit}/{quantity.per}"
    start, _ = spoken.clause_of(quantity.start)
    quote = spoken.quote(start, max(quantity.end, spoken.clause_of(quantity.start)[1]))
    return NamedParameter(kind.name if kind else quote.text[:8], operator, value, unit, quote)


_SAME_DAY = re.compile(r"(?:当天|当日)(?:就|能|要|得|内)*(?P<what>修|到|出|恢复|解决|送|好|装|回)")
_SAME_DAY_NAMES = {"修": "修复时间", "恢复": "修复时间", "解决": "修复时间", "出": "出结果时间"}


def _same_day(spoken: SpokenText) -> tuple[NamedParameter, ...]:
    """当天修好 is a limit of 24 hours, when it is asked for."""
    return tuple(
        NamedParameter(_SAME_DAY_NAMES.get(match["what"], "到场时间"), "<=", 24.0, "h", spoken.quote(*match.span()))
        for match in _SAME_DAY.finditer(spoken.plain)
        if _WISH.search(spoken.plain[spoken.sentence_of(match.start())[0] : match.start()])
    )
