"""Which of a document's entries speaks of the parameter that the customer named: exact, alias, normalised, similar."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qa.entries import Entry
from qa.names import features, split_label, union
from qa.quantities import find_quantities, normalise
from qa.similarity import Offer
from qa.units import Unit, are_compatible, dimension, parse_unit

MatchKind = Literal["exact", "alias", "normalised", "similar", "none"]

ACCEPTED = 0.62
# what a question scores whose unit occurs in one row of the document only
ONLY_ONE = 0.66
_MIN_CONTENT = 0.6
# kinds of quantity that any sheet has several of: to be the only one says nothing
_COMMON_DIMENSIONS = frozenset({"[count]", "[ratio]", "[time]", "[power]", "[length]", "dimensionless"})
SAME_PARAMETER = 0.12


@dataclass(frozen=True, slots=True)
class RequestedParameter:
    """A parameter in the customer's words, and the unit they expect (None when no unit belongs to it)."""

    name: str
    unit_expected: str | None = None

    @property
    def unit(self) -> Unit | None:
        return parse_unit(self.unit_expected) if self.unit_expected else None

    @property
    def names(self) -> tuple[str, ...]:
        """The name and what stands in its brackets or after a bar."""
        alternatives = split_label(self.name).alternatives or (self.name,)
        barred = [part.strip() for part in re.split(r"[/、]|或者?", self.name) if len(part.strip()) >= 3]
        return tuple(dict.fromkeys((*alternatives, *(barred if len(barred) > 1 else ()))))

    @property
    def is_question(self) -> bool:
        """Whether it is asked colloquially ("每小时抽多少水"), so that its words need not be those of a data sheet."""
        return bool(re.search(r"多[少久长高远大快重深热冷厚宽粗]|几|吗|什么|怎么|[^不]不[^良合]", self.name))

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
    """Finds entries for requested parameters; `subject` is the document's title, which its labels take for granted;
    `aliases` maps names taught by managers to the names in documents."""

    entries: Sequence[Entry]
    subject: str = ""
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def candidates(self, requested: RequestedParameter) -> list[Candidate]:
        """Everything that fits well enough, best first."""
        scored = [self._candidate(requested, entry) for entry in self.entries]
        kept = [candidate for candidate in scored if candidate.score >= ACCEPTED]
        return sorted(kept, key=lambda candidate: (-candidate.score, candidate.entry.is_prose))

    def _candidate(self, requested: RequestedParameter, entry: Entry) -> Candidate:
        names = requested.names
        labels = split_label(entry.label).alternatives or (entry.label,)
        taught = {_squeezed(alias) for name in (requested.name, *names) for alias in self.aliases.get(name, ())}
        if not entry.is_prose:
            if {_squeezed(name) for name in (requested.name, *names)} & {
                _squeezed(label) for label in (entry.label, *labels)
            }:
                return Candidate(entry, 1.2, "exact", 1.0)
            if taught & {_squeezed(label) for label in (entry.label, *labels)}:
                return Candidate(entry, 1.15, "alias", 1.0)
        pairs = [(name, label) for name in names for label in (labels if not entry.is_prose else (entry.label,))]
        best = max((self._similarity(requested, name, label, entry) for name, label in pairs), default=(0.0, 0.0))
        kind: MatchKind = "normalised" if best[0] >= 0.97 else "similar"
        return Candidate(entry, best[0], kind if best[0] >= ACCEPTED else "none", best[1])

    def _similarity(self, requested: RequestedParameter, name: str, label: str, entry: Entry) -> tuple[float, float]:
        """Score and recall of one way to say the request against one way to say the entry's name."""
        wanted = features(name, is_question=requested.is_question)
        offer = self._offer(requested, label, entry)
        recall = offer.share_of(wanted, wanted.weights)
        is_asked_loosely = requested.is_question or offer.is_wider_than(wanted)
        if offer.fits and is_asked_loosely and self._is_only_one(requested, entry):
            return max(ONLY_ONE, 0.7 * recall + 0.3), recall
        if offer.share_of(wanted, wanted.content()) < _MIN_CONTENT:
            return 0.0, recall
        if entry.is_prose:
            return 0.85 * recall + {True: 0.15, None: 0.0, False: -0.2}[offer.fits], recall
        score = 0.7 * recall + 0.3 * offer.precision_for(wanted)
        if offer.narrows_differently(wanted):
            score -= 0.2
        if offer.fits and recall > 0:
            score += 0.12 if self._is_only_one(requested, entry) else 0.03
        return score - (0.2 if offer.fits is False and recall < 0.99 else 0.0), recall

    def _offer(self, requested: RequestedParameter, label: str, entry: Entry) -> Offer:
        around = union(features(text) for text in (*entry.context, *split_label(entry.label).conditions))
        units = units_of_entry(entry, requested)
        fits = _unit_fit(requested.unit, units)
        kinds = frozenset(dimension(unit) for unit in units)
        return Offer(features(label), around, features(self.subject), kinds, fits, requested.is_question)

    def _is_only_one(self, requested: RequestedParameter, entry: Entry) -> bool:
        """Whether no other row of the document has a unit of the requested kind (common kinds say nothing)."""
        unit = requested.unit
        if unit is None or entry.is_prose or dimension(unit) in _COMMON_DIMENSIONS:
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
