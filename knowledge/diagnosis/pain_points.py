"""Suggests the pain points of the lexicon that a customer's own words support."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import jieba
import numpy as np

from knowledge.diagnosis.cues import CueMatch, find_cue
from knowledge.diagnosis.lexicon import Lexicon
from knowledge.diagnosis.precedents import Precedent, PrecedentIndex
from knowledge.diagnosis.spoken_text import CLAUSE_END, Quote, SpokenText
from knowledge.text_encoder import TextEncoder, Vectors

MOST_SUGGESTED = 3
SILENT_BELOW = 0.5
"""Evidence weaker than this is not shown: one weak cue, or a distant precedent."""

FAR_BEHIND = 0.35
"""Beside a well supported pain point, one that is so much less sure is most likely an echo of its words."""

_STRONG, _WEAK, _PER_LETTER, _LETTERS_COUNTED = 0.55, 0.30, 0.02, 8
_PRECEDENT_GAIN, _PRECEDENT_CAP = 2.3, 0.7
_NEAREST_AT_LEAST = 0.08
_ENCODER_WEIGHT, _ENCODER_STANDS_OUT = 0.35, 2.5


@dataclass(frozen=True)
class Suggestion:
    """A pain point, the words that support it (strongest first), and the won cases that sounded alike."""

    code: str
    name: str
    score: float
    quotes: tuple[Quote, ...]
    precedents: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Evidence:
    weight: float
    quote: Quote
    precedent: str | None = None


class PainPointFinder:
    """Weighs three witnesses: cues, precedents, and a text encoder where there is one.

    Each piece of evidence is a probability that the pain point is meant; pieces combine as "not all of them are wrong".
    A precedent names new pain points only where cues leave the words unexplained; otherwise it confirms. The encoder
    only lifts what other evidence hints at, because its scale differs between models.
    """

    def __init__(
        self, lexicon: Lexicon, precedents: Iterable[Precedent] = (), encoder: TextEncoder | None = None
    ) -> None:
        self._names = {entry.code: entry.name for entry in lexicon.entries}
        self._cues = lexicon.cues()
        known = [precedent for precedent in precedents if self._names.keys() & set(precedent.codes)]
        self._precedents = PrecedentIndex(known, words_and_pairs) if known else None
        self._encoder = encoder
        self._concepts = _encode_concepts(lexicon, encoder) if encoder and len(lexicon.entries) > 2 else None

    def suggest(self, spoken: SpokenText, most: int = MOST_SUGGESTED) -> tuple[Suggestion, ...]:
        """The best supported pain points, best first; nothing when the words support none."""
        ranked = sorted(self._weigh(spoken), key=lambda suggestion: -suggestion.score)
        if not ranked:
            return ()
        bar = max(SILENT_BELOW, ranked[0].score - FAR_BEHIND)
        return tuple(suggestion for suggestion in ranked if suggestion.score >= bar)[:most]

    def support(self, spoken: SpokenText, code: str) -> Suggestion | None:
        """The evidence for one pain point however weak, or nothing when no word speaks for it."""
        return next((suggestion for suggestion in self._weigh(spoken) if suggestion.code == code), None)

    def _weigh(self, spoken: SpokenText) -> list[Suggestion]:
        evidence: defaultdict[str, list[_Evidence]] = defaultdict(list)
        for code, piece in self._from_cues(spoken):
            evidence[code].append(piece)
        for code, piece in self._from_encoder(spoken):
            evidence[code].append(piece)
        explained = any(_combined(pieces) >= SILENT_BELOW for pieces in evidence.values())
        for code, piece in self._from_precedents(spoken):
            if code in evidence or not explained:
                evidence[code].append(piece)
        return [self._suggestion(code, pieces) for code, pieces in evidence.items()]

    def _suggestion(self, code: str, pieces: list[_Evidence]) -> Suggestion:
        strongest = sorted(pieces, key=lambda piece: -piece.weight)
        quotes = tuple(dict.fromkeys(piece.quote for piece in strongest))
        cases = tuple(piece.precedent for piece in strongest if piece.precedent)
        return Suggestion(code, self._names[code], round(_combined(pieces), 3), quotes, cases)

    def _from_cues(self, spoken: SpokenText) -> Iterable[tuple[str, _Evidence]]:
        for code, cues in self._cues.items():
            for match in (find_cue(cue, spoken) for cue in cues):
                if match:
                    yield code, _Evidence(_cue_weight(match), spoken.quote(match.start, match.end))

    def _from_precedents(self, spoken: SpokenText) -> Iterable[tuple[str, _Evidence]]:
        nearest = self._precedents.resembling(spoken, _NEAREST_AT_LEAST)[:1] if self._precedents else []
        for likeness in nearest:
            weight = min(_PRECEDENT_GAIN * likeness.similarity, _PRECEDENT_CAP)
            for code in likeness.precedent.codes:
                if code in self._names:
                    yield code, _Evidence(weight, likeness.quote, likeness.precedent.reference)

    def _from_encoder(self, spoken: SpokenText) -> Iterable[tuple[str, _Evidence]]:
        clauses = _clauses(spoken)
        if self._encoder is None or self._concepts is None or not clauses:
            return
        vectors = self._encoder.encode([quote.text for quote in clauses], query=True)
        similarity = vectors @ self._concepts.T
        standing_out = (similarity - similarity.mean(axis=1, keepdims=True)) / (
            similarity.std(axis=1, keepdims=True) + 1e-6
        )
        codes = list(self._names)
        for row, column in np.argwhere(standing_out >= _ENCODER_STANDS_OUT):
            yield codes[column], _Evidence(_ENCODER_WEIGHT, clauses[row])


def words_and_pairs(text: str) -> list[str]:
    """Words of two characters and more, and all character pairs, of each unbroken run."""
    tokens: list[str] = []
    for run in re.findall(r"[\u4e00-\u9fffA-Za-z0-9]+", text):
        tokens += [word for word in jieba.lcut(run) if len(word) > 1]
        tokens += [run[start : start + 2] for start in range(len(run) - 1)]
    return tokens


def _combined(pieces: Iterable[_Evidence]) -> float:
    return 1 - math.prod(1 - piece.weight for piece in pieces)


def _cue_weight(match: CueMatch) -> float:
    lone_characters = len(match.cue.groups) > 1 and match.letters <= len(match.cue.groups)
    base = _WEAK if match.cue.weak or lone_characters else _STRONG
    return base + _PER_LETTER * min(match.letters, _LETTERS_COUNTED)


def _clauses(spoken: SpokenText) -> list[Quote]:
    pattern = f"[^{re.escape(CLAUSE_END)}]+"
    return [spoken.quote(match.start(), match.end()) for match in re.finditer(pattern, spoken.text)]


def _encode_concepts(lexicon: Lexicon, encoder: TextEncoder) -> Vectors:
    return encoder.encode(["，".join((entry.name, *entry.aliases)) for entry in lexicon.entries])
