"""Which of a document's entries speaks of the parameter that the customer named: exact, alias, normalised, similar."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qa.entries import Entry
from qa.names import MEASURE, MODIFIER, Features, features, split_label, union
from qa.quantities import Quantity, find_quantities, normalise
from qa.units import Unit, are_compatible, dimension, parse_unit

MatchKind = Literal["exact", "alias", "normalised", "similar", "none"]

ACCEPTED = 0.62
SAME_PARAMETER = 0.12
_SAID_BY_UNIT = {
    "功率": "[power]", "功耗": "[power]", "重量": "[mass]", "抓取": "[mass]", "长度": "[length]", "距离": "[length]",
    "电压": "[voltage]", "电流": "[current]", "噪声": "[level]", "转速": "[rotation]", "速度": "[count] / [time]",
    "帧率": "[frame] / [time]", "扭矩": "[torque]", "深度": "[length]", "亮度": "[luminous_intensity] / [length] ** 2",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RequestedParameter:
    """A parameter in the customer's words, and the unit they expect (None when no unit belongs to it)."""

    name: str
    unit_expected: str | None = None

    @property
    def unit(self) -> Unit | None:
        return parse_unit(self.unit_expected) if self.unit_expected else None

    @property
    def unit_words(self) -> tuple[str, ...]:
        """Counting words in the expected unit that the grammar may not know."""
        parts = re.split(r"[/\s]", self.unit_expected or "")
        return tuple(part for part in parts if re.fullmatch(r"[\u4e00-\u9fff]{1,4}", part))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be the requested parameter, and how well it fits (1 is certain)."""

    entry: Entry
    score: float
    kind: MatchKind
    recall: float


@dataclass(frozen=True)
class Matcher:
    """Finds entries for requested parameters; `aliases` maps names taught by managers to the names in documents."""

    entries: Sequence[Entry]
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def candidates(self, requested: RequestedParameter) -> list[Candidate]:
        """Everything that fits well enough, best first."""
        scored = [self._candidate(requested, entry) for entry in self.entries]
        kept = [candidate for candidate in scored if candidate.score >= ACCEPTED]
        return sorted(kept, key=lambda candidate: (-candidate.score, candidate.entry.is_prose))

    def _candidate(self, requested: RequestedParameter, entry: Entry) -> Candidate:
        names = split_label(requested.name).alternatives or (requested.name,)
        labels = split_label(entry.label).alternatives or (entry.label,)
        taught = {_squeezed(alias) for name in (requested.name, *names) for alias in self.aliases.get(name, ())}
        if not entry.is_prose:
            if {_squeezed(name) for name in (requested.name, *names)} & {_squeezed(label) for label in (entry.label, *labels)}:
                return Candidate(entry, 1.2, "exact", 1.0)
            if taught & {_squeezed(label) for label in (entry.label, *labels)}:
                return Candidate(entry, 1.15, "alias", 1.0)
        pairs = [(name, label) for name in names for label in (labels if not entry.is_prose else (entry.label,))]
        best = max((self._similarity(requested, name, label, entry) for name, label in pairs), default=(0.0, 0.0))
        kind: MatchKind = "normalised" if best[0] >= 0.97 else "similar"
        return Candidate(entry, best[0], kind if best[0] >= ACCEPTED else "none", best[1])

    def _similarity(self, requested: RequestedParameter, name: str, label: str, entry: Entry) -> tuple[float, float]:
        wanted, offered = features(name), features(label)
        optional = union(features(text) for text in (*entry.context, *split_label(entry.label).conditions))
        units = units_of_entry(entry, requested)
        fits = _unit_fit(requested.unit, units)
        matched = _matched(wanted, offered, optional, requested, units)
        if not wanted.content() & (offered.content() | optional.content()) and not self._is_only_one(requested, entry):
            return 0.0, 0.0
        recall = matched / wanted.total if wanted.total else 0.0
        if entry.is_prose:
            return (0.85 * recall + (0.15 if fits is True else 0.0) - (0.2 if fits is False else 0.0)), recall
        extra = sum(weight for feature, weight in offered.weights.items() if feature not in wanted.weights)
        precision = 1 - extra / offered.total if offered.total else 0.0
        score = 0.7 * recall + 0.3 * precision
        if _narrows_differently(wanted, offered, optional):
            score -= 0.2
        if fits is True and recall > 0:
            score += 0.12 if self._is_only_one(requested, entry) else 0.03
        return score - (0.2 if fits is False and recall < 0.99 else 0.0), recall

    def _is_only_one(self, requested: RequestedParameter, entry: Entry) -> bool:
        """Whether no other row of the document has a unit of the requested kind (common kinds say nothing)."""
        unit = requested.unit
        if unit is None or entry.is_prose or dimension(unit) in ("[count]", "[ratio]", "[time]", "dimensionless"):
            return False
        fitting = {
            (other.group, other.label) for other in self.entries
            if not other.is_prose and _unit_fit(unit, units_of_entry(other, requested))
        }  # fmt: skip
        return fitting == {(entry.group, entry.label)}


def _squeezed(name: str) -> str:
    return re.sub(r"[\s()_·:-]+", "", normalise(name).lower())


def units_of_entry(entry: Entry, requested: RequestedParameter) -> tuple[Unit, ...]:
    """Every unit that the row or clause shows for this parameter, the competitors' included."""
    found = list(entry.units)
    for text in (entry.text, *entry.peers):
        found += [quantity.unit for quantity in find_quantities(text, requested.unit_words) if quantity.unit]
    return tuple(found)


def _unit_fit(wanted: Unit | None, units: Sequence[Unit]) -> bool | None:
    """True when one unit can be converted, False when there are units but none can, None when nothing is known."""
    if wanted is None or not units:
        return None
    return any(are_compatible(wanted, unit) for unit in units)


def _matched(
    wanted: Features, offered: Features, optional: Features, requested: RequestedParameter, units: Sequence[Unit]
) -> float:
    """The weight of what was asked for and is there; measures and some heads are told by the unit."""
    fits = _unit_fit(requested.unit, units) is True
    kinds = {dimension(unit) for unit in units}
    total = 0.0
    for feature, weight in wanted.weights.items():
        said_by_unit = fits and (weight in (MEASURE, MODIFIER) or _SAID_BY_UNIT.get(feature) in kinds)
        if feature in offered.weights or feature in optional.weights or (weight == MEASURE and fits):
            total += weight
        elif said_by_unit and weight > MODIFIER:
            total += 0.75 * weight
    return total


def _narrows_differently(wanted: Features, offered: Features, optional: Features) -> bool:
    """整桩功率 is not 单模块功率: both narrow the same thing down, in different ways."""
    unmatched = wanted.modifiers() - offered.weights.keys() - optional.weights.keys()
    extra = offered.content() - wanted.content()
    return bool(unmatched and extra)


def quantities_of(entry: Entry, requested: RequestedParameter) -> tuple[Quantity, ...]:
    return find_quantities(entry.text, requested.unit_words)
