"""Formulas that were stored without their result: arithmetic, text joining and the everyday functions."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.utils.cell import range_boundaries

Value = float | str | bool | None
Lookup = Callable[[str, int, int], Value]
_MAX_CELLS = 20_000


class FormulaUnsupported(ValueError):
    """The formula uses something that this evaluator does not know; the cell then has no value."""


class FormulaEvaluator:
    """Evaluates one formula; `lookup(sheet, row, column)` gives the value of another cell."""

    def __init__(self, sheet: str, lookup: Lookup) -> None:
        self._sheet = sheet
        self._lookup = lookup
        self._tokens: list[Token] = []
        self._position = 0

    def evaluate(self, formula: str) -> Value:
        """The result; FormulaUnsupported when it cannot be computed."""
        self._tokens = [token for token in Tokenizer(formula).items if token.type != Token.WSPACE]
        self._position = 0
        try:
            result = self._comparison()
        except (ZeroDivisionError, OverflowError, TypeError, IndexError) as fault:
            raise FormulaUnsupported(formula) from fault
        if self._position < len(self._tokens) or isinstance(result, list):
            raise FormulaUnsupported(formula)
        return result

    def _peek(self) -> Token | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _take(self, *values: str) -> str | None:
        token = self._peek()
        if token is not None and token.type == Token.OP_IN and token.value in values:
            self._position += 1
            return str(token.value)
        return None

    def _comparison(self) -> Value | list[Value]:
        left = self._joined()
        while sign := self._take("=", "<>", "<", ">", "<=", ">="):
            left = _COMPARISONS[sign](left, self._joined())
        return left

    def _joined(self) -> Value | list[Value]:
        left = self._sum()
        while self._take("&"):
            left = _text(left) + _text(self._sum())
        return left

    def _sum(self) -> Value | list[Value]:
        left = self._product()
        while sign := self._take("+", "-"):
            right = _number(self._product())
            left = _number(left) + right if sign == "+" else _number(left) - right
        return left

    def _product(self) -> Value | list[Value]:
        left = self._power()
        while sign := self._take("*", "/"):
            right = _number(self._power())
            left = _number(left) * right if sign == "*" else _number(left) / right
        return left

    def _power(self) -> Value | list[Value]:
        left = self._operand()
        while self._take("^"):
            left = _number(left) ** _number(self._operand())
        return left

    def _operand(self) -> Value | list[Value]:
        token = self._tokens[self._position]
        self._position += 1
        if token.type == Token.OP_PRE:
            value = _number(self._operand())
            return -value if token.value == "-" else value
        if token.type == Token.FUNC:
            value_of_call = self._call(str(token.value).rstrip("(").upper().removeprefix("_XLFN."))
            return self._percent(value_of_call)
        if token.type == Token.PAREN:
            inner = self._comparison()
            self._position += 1
            return self._percent(inner)
        if token.type == Token.OPERAND:
            return self._percent(self._literal(token))
        raise FormulaUnsupported(token.value)

    def _percent(self, value: Value | list[Value]) -> Value | list[Value]:
        token = self._peek()
        if token is not None and token.type == Token.OP_POST:
            self._position += 1
            return _number(value) / 100
        return value

    def _literal(self, token: Token) -> Value | list[Value]:
        if token.subtype == Token.NUMBER:
            return float(token.value)
        if token.subtype == Token.TEXT:
            return str(token.value)[1:-1].replace('""', '"')
        if token.subtype == Token.LOGICAL:
            return str(token.value).upper() == "TRUE"
        if token.subtype == Token.RANGE:
            values = list(self._cells(str(token.value)))
            return values if ":" in token.value else values[0]
        raise FormulaUnsupported(token.value)

    def _cells(self, reference: str) -> Iterator[Value]:
        sheet, _, area = reference.rpartition("!")
        try:
            left, top, right, bottom = range_boundaries(area.replace("$", ""))
        except (ValueError, TypeError) as fault:
            raise FormulaUnsupported(reference) from fault
        if left is None or top is None or right is None or bottom is None:
            raise FormulaUnsupported(reference)
        if (right - left + 1) * (bottom - top + 1) > _MAX_CELLS:
            raise FormulaUnsupported(reference)
        name = sheet.strip("'").replace("''", "'") or self._sheet
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                yield self._lookup(name, row, column)

    def _call(self, name: str) -> Value:
        arguments: list[Value | list[Value]] = []
        while (token := self._peek()) is not None and not (token.type == Token.FUNC and token.subtype == Token.CLOSE):
            if token.type == Token.SEP:
                self._position += 1
                continue
            arguments.append(self._comparison())
        self._position += 1
        function = _FUNCTIONS.get(name)
        if function is None:
            raise FormulaUnsupported(name)
        return function(arguments)


def _number(value: Value | list[Value]) -> float:
    if value is None or value == "":
        return 0.0
    if isinstance(value, list):
        raise FormulaUnsupported("range")
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(-?[\d,]*\.?\d+)\s*(%?)\s*", value)
        if match is None:
            raise FormulaUnsupported(value)
        return float(match.group(1).replace(",", "")) / (100 if match.group(2) else 1)
    return float(value)


def _text(value: Value | list[Value]) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.10g}"
    return "" if value is None else str(value)


def _numbers(arguments: list[Value | list[Value]]) -> list[float]:
    numbers: list[float] = []
    for argument in arguments:
        for value in argument if isinstance(argument, list) else [argument]:
            numbers += [float(value)] if isinstance(value, int | float) else []
    return numbers


def _rounded(value: float, digits: float, to: Callable[[float], float]) -> float:
    factor = 10.0**digits
    return float(math.copysign(to(abs(value) * factor + 1e-9 * (to is math.floor)), value) / factor)


def _half_up(value: float) -> float:
    return math.floor(value + 0.5 + 1e-9)


def _if(arguments: list[Value | list[Value]]) -> Value:
    chosen = arguments[1] if arguments[0] else (arguments[2] if len(arguments) > 2 else False)
    if isinstance(chosen, list):
        raise FormulaUnsupported("IF")
    return chosen


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_FUNCTIONS: dict[str, Callable[[list[Value | list[Value]]], Value]] = {
    "SUM": lambda arguments: math.fsum(_numbers(arguments)),
    "PRODUCT": lambda arguments: math.prod(_numbers(arguments)),
    "AVERAGE": lambda arguments: math.fsum(_numbers(arguments)) / len(_numbers(arguments)),
    "MIN": lambda arguments: min(_numbers(arguments), default=0.0),
    "MAX": lambda arguments: max(_numbers(arguments), default=0.0),
    "COUNT": lambda arguments: float(len(_numbers(arguments))),
    "ABS": lambda arguments: abs(_number(arguments[0])),
    "SQRT": lambda arguments: math.sqrt(_number(arguments[0])),
    "POWER": lambda arguments: _number(arguments[0]) ** _number(arguments[1]),
    "INT": lambda arguments: float(math.floor(_number(arguments[0]))),
    "ROUND": lambda arguments: _rounded(_number(arguments[0]), _number(arguments[1]), _half_up),
    "ROUNDUP": lambda arguments: _rounded(_number(arguments[0]), _number(arguments[1]), math.ceil),
    "ROUNDDOWN": lambda arguments: _rounded(_number(arguments[0]), _number(arguments[1]), math.floor),
    "PI": lambda _arguments: math.pi,
    "IF": _if,
    "CONCATENATE": lambda arguments: "".join(_text(argument) for argument in arguments),
    "CONCAT": lambda arguments: "".join(_text(argument) for argument in arguments),
}
