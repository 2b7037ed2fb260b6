"""The standard pain points of a company, and what betrays each of them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.diagnosis.cues import Cue, parse_cue
from knowledge.diagnosis.expression_bank import bundled_expressions


@dataclass(frozen=True)
class PainPoint:
    """An entry of the lexicon; `expressions` are cues that the company adds to the product's own."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """Pain points in their given order."""

    entries: tuple[PainPoint, ...]

    @classmethod
    def of(cls, entries: Iterable[PainPoint]) -> "Lexicon":
        return cls(tuple(entries))

    def cues(self) -> Mapping[str, tuple[Cue, ...]]:
        """By code: the words of the lexicon itself, the company's expressions, and the bundled ones of that name."""
        bundled = bundled_expressions()
        return {entry.code: _own_cues(entry) + _bundled_cues(entry, bundled) for entry in self.entries}

    def codes(self) -> frozenset[str]:
        return frozenset(entry.code for entry in self.entries)


def read_lexicon(path: Path) -> Lexicon:
    """A lexicon file: a JSON list of objects with `id`, `name`, `aliases` and optional `expressions`."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return Lexicon.of(
        PainPoint(row["id"], row["name"], tuple(row.get("aliases", ())), tuple(row.get("expressions", ())))
        for row in rows
    )


def _own_cues(entry: PainPoint) -> tuple[Cue, ...]:
    words = Cue((tuple(word.lower() for word in (entry.name, *entry.aliases)),))
    return (words, *(parse_cue(line) for line in entry.expressions))


def _bundled_cues(entry: PainPoint, bundled: Mapping[str, tuple[Cue, ...]]) -> tuple[Cue, ...]:
    return tuple(cue for word in (entry.name, *entry.aliases) for cue in bundled.get(word, ()))
