"""Units as Chinese product sheets write them, on a pint registry of our own definitions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import pint
import yaml

_FOLDER = Path(__file__).parent
_PER = re.compile(r"\s*[/／]\s*|每")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as shown (`symbol`) and as a pint expression; `expression` is empty where we know no dimension."""

    symbol: str
    expression: str

    @property
    def is_count(self) -> bool:
        return self.expression == "piece"


@cache
def _registry() -> pint.UnitRegistry[float]:
    registry: pint.UnitRegistry[float] = pint.UnitRegistry(None, cache_folder=None)
    registry.load_definitions((_FOLDER / "units.txt").read_text(encoding="utf-8").splitlines())
    return registry


@cache
def spellings() -> dict[str, Unit]:
    """Every known spelling of an atomic unit."""
    table: dict[str, Unit] = {}
    for symbol, (expression, *others) in yaml.safe_load((_FOLDER / "units.yaml").read_text(encoding="utf-8")).items():
        unit = Unit(str(symbol), str(expression))
        for spelling in (symbol, *others):
            table.setdefault(_squeezed(str(spelling)), unit)
    for counter in (_FOLDER / "counters.txt").read_text(encoding="utf-8").split():
        table.setdefault(counter, Unit(counter, "piece"))
    return table


@cache
def _lower_case_spellings() -> dict[str, Unit]:
    table: dict[str, Unit] = {}
    for spelling, unit in spellings().items():
        table.setdefault(spelling.lower(), unit)
    return table


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("μ", "µ").replace("（", "(").replace("）", ")"))


def known_unit(text: str) -> Unit | None:
    """The unit spelled exactly so (case forgiven where nothing else is meant), or None."""
    key = _squeezed(text)
    return spellings().get(key) or _lower_case_spellings().get(key.lower())


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit | None:
    """A unit from `text`: known, a quotient of units, or an unknown symbol kept with a dimension of its own.

    None when the text does not look like a unit at all ("/", "-", a sentence).
    """
    key = _squeezed(text).strip("()[]【】")
    if not key or key in {"/", "-", "—", "－", "无", "单位", "--"}:
        return None
    unit = known_unit(key)
    if unit:
        return unit
    above, below = _divided(key)
    if above and below:
        return _quotient(above, below)
    if re.fullmatch(r"[A-Za-zµΩ°%‰][\w.·²³/%°-]{0,11}", key):
        return Unit(key, "")
    return None


def _divided(key: str) -> tuple[str, str]:
    """The two sides of the last division outside brackets."""
    bars = [match for match in _PER.finditer(key) if key[: match.start()].count("(") == key[: match.start()].count(")")]
    if not bars:
        return key, ""
    return key[: bars[-1].start()].strip("()"), key[bars[-1].end() :].strip("()")


def _quotient(above: str, below: str) -> Unit | None:
    count = re.match(r"\d+", below)
    numerator = parse_unit(above)
    denominator = parse_unit(below[count.end() :] if count else below)
    if numerator is None:
        if not re.fullmatch(r"[\u4e00-\u9fff]{1,4}", above):
            return None
        numerator = Unit(above, "piece")
    if denominator is None:
        denominator = Unit(below, "piece") if re.fullmatch(r"[\w]{1,6}", below) else None
    if denominator is None:
        return None
    lower = below if count else denominator.symbol
    if "/" in lower:
        lower = f"({lower})"
    known = numerator.expression and denominator.expression
    expression = f"({numerator.expression}) / ({denominator.expression})" if known else ""
    return Unit(f"{numerator.symbol}/{lower}", expression)


@lru_cache(maxsize=4096)
def dimension(unit: Unit) -> str:
    """The dimension as text; an unknown unit is a dimension of its own."""
    if not unit.expression:
        return f"unknown:{unit.symbol.lower()}"
    return str(_registry().parse_expression(unit.expression).dimensionality)


def are_compatible(first: Unit, second: Unit) -> bool:
    """Whether one can be converted into the other."""
    return dimension(first) == dimension(second)


@lru_cache(maxsize=4096)
def scale(unit: Unit) -> float:
    """The factor to the base unit of its dimension; 1 for unknown units."""
    if not unit.expression:
        return 1.0
    return float(_registry().parse_expression(unit.expression).to_base_units().magnitude)
