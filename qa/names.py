"""What a parameter's name means: concepts of the lexicon, leftover characters, unit and conditions in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

import yaml

from qa.quantities import normalise
from qa.units import Unit, known_unit, parse_unit

HEAD, MEASURE, MODIFIER, FILLER = 2.0, 0.5, 0.3, 0.2
_CHARACTER, _WORD, _TALK = 1.0, 2.0, 0.4
_WORD_UNITS = re.compile("英寸|毫米|厘米|公斤|千克|千瓦|分钟|小时|毫秒|工作日|万元|公里|毫升")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_SPLIT = re.compile(r"(?<=[A-Za-z.)])\s*/\s*(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])\s*/\s*(?=[A-Za-z]{3})")


@dataclass(frozen=True, slots=True)
class Features:
    """Weighted meaning of a name: feature -> weight."""

    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def total(self) -> float:
        return sum(self.weights.values())

    def content(self) -> frozenset[str]:
        """The features that are neither measures nor modifiers."""
        return frozenset(name for name, weight in self.weights.items() if weight >= _CHARACTER)

    def modifiers(self) -> frozenset[str]:
        return frozenset(name for name, weight in self.weights.items() if weight == MODIFIER)


@dataclass(frozen=True, slots=True)
class Label:
    """A parameter's name taken apart: the alternatives it is known by, its unit, and the conditions in brackets."""

    text: str
    alternatives: tuple[str, ...]
    unit: Unit | None
    conditions: tuple[str, ...]


@cache
def _lexicon() -> tuple[re.Pattern[str], dict[str, tuple[str, float]]]:
    source = yaml.safe_load((Path(__file__).parent / "lexicon.yaml").read_text(encoding="utf-8"))
    meanings: dict[str, tuple[str, float]] = {str(word): ("", 0.0) for word in source["ignored"]}
    for section, weight in (("fillers", FILLER), ("modifiers", MODIFIER), ("measures", MEASURE), ("heads", HEAD)):
        for words in source[section]:
            for word in words:
                meanings[str(word).lower()] = (str(words[0]), weight)
    longest = sorted(meanings, key=len, reverse=True)
    parts = [rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word) for word in longest]
    return re.compile("|".join(parts)), meanings


@cache
def kin() -> frozenset[frozenset[str]]:
    """Pairs of concepts of which a question may mean either."""
    source = yaml.safe_load((Path(__file__).parent / "lexicon.yaml").read_text(encoding="utf-8"))
    return frozenset(frozenset(pair) for pair in source["kin"])


@lru_cache(maxsize=8192)
def features(name: str, *, is_question: bool = False) -> Features:
    """The meaning of a name; in a question, characters outside the lexicon are mere talk."""
    pattern, meanings = _lexicon()
    character = _TALK if is_question else _CHARACTER
    text = normalise(name).lower()
    weights: dict[str, float] = {}
    for match in pattern.finditer(text):
        concept, weight = meanings[match.group()]
        if weight:
            weights[concept] = max(weight, weights.get(concept, 0.0))
    for piece in re.findall(r"[\u4e00-\u9fff]|[a-z][a-z0-9+.-]*|\d+(?:\.\d+)?%?", pattern.sub(" ", text)):
        weights[piece] = character if len(piece) == 1 and not piece.isascii() else _WORD
    return Features(MappingProxyType(weights))


def union(parts: Iterable[Features]) -> Features:
    """Everything that any of the parts says."""
    weights: dict[str, float] = {}
    for part in parts:
        weights.update(part.weights)
    return Features(MappingProxyType(weights))


@lru_cache(maxsize=8192)
def split_label(text: str) -> Label:
    """Take a label apart.

    "MPPT电压范围(V)" has the unit V, "Flow precision / 流量精密度" two alternatives, "循环寿命(25℃)" a condition.
    """
    plain = normalise(text).replace("\n", " ").strip().strip("*※#:：")
    unit: Unit | None = None
    conditions = []
    alternatives = []
    for match in _BRACKETS.finditer(plain):
        inner = re.sub(r"^单位\s*[::]?\s*", "", (match.group(1) or match.group(2) or "").strip())
        found = _as_unit(inner)
        if found is not None:
            unit = unit or found
        elif inner:
            conditions.append(inner)
            if not re.search(r"[\d,，、]", inner):
                alternatives.append(inner)
    bare = _BRACKETS.sub(" ", plain).strip()
    bare, trailing = _trailing_unit(bare)
    names = [part.strip() for part in _SPLIT.split(bare) if part.strip()]
    whole = (bare,) if len(names) > 1 else ()
    return Label(text, (*names, *whole, *alternatives), unit or trailing, tuple(conditions))


def _as_unit(text: str) -> Unit | None:
    unit = known_unit(text)
    if unit is not None:
        return unit
    if re.search(r"[/%]|每", text) and len(text) <= 14:
        return parse_unit(text)
    return None


def _trailing_unit(name: str) -> tuple[str, Unit | None]:
    match = re.search(r"(?:\s+|[,，/、]\s*(?:单位[::]?)?)([^\s,，、]{1,10})$", name)
    if match and match.start() > 0:
        unit = _as_unit(match.group(1))
        is_word = re.fullmatch(r"[A-Z]|[\u4e00-\u9fff]+", match.group(1)) and not _WORD_UNITS.fullmatch(match.group(1))
        if unit is not None and not is_word:
            return name[: match.start()].strip(), unit
        if unit is not None and name[match.start()].isspace() and len(match.group(1)) == 1:
            return name[: match.start()].strip(), unit
    return name, None
