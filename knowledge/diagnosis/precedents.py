"""Won cases as precedents: what customers said before they were diagnosed with these pain points."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.diagnosis.spoken_text import Quote, SpokenText

Tokens = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Precedent:
    """A won case: how the customer's situation was told, and its pain points."""

    reference: str
    text: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Likeness:
    """How much the spoken words resemble a precedent, 0..1, and the clause that does so most."""

    precedent: Precedent
    similarity: float
    quote: Quote


class PrecedentIndex:
    """Finds precedents by the cosine of tf-idf weights over words and character pairs."""

    def __init__(self, precedents: Iterable[Precedent], tokens: Tokens) -> None:
        self._precedents = tuple(precedents)
        self._tokens = tokens
        counts = [Counter(tokens(precedent.text)) for precedent in self._precedents]
        frequency = Counter(token for count in counts for token in count)
        total = len(self._precedents)
        self._rarity = {token: math.log((1 + total) / (1 + seen)) + 1 for token, seen in frequency.items()}
        self._unseen = math.log(1 + total) + 1
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, count in enumerate(counts):
            for token, weight in self._weigh(count).items():
                self._postings[token].append((number, weight))

    def resembling(self, spoken: SpokenText, at_least: float) -> list[Likeness]:
        """Precedents at least that similar, most similar first."""
        query = self._weigh(Counter(self._tokens(spoken.plain)))
        scores: defaultdict[int, float] = defaultdict(float)
        for token, weight in query.items():
            for number, other in self._postings.get(token, ()):
                scores[number] += weight * other
        best = sorted(((score, number) for number, score in scores.items() if score >= at_least), reverse=True)
        return [
            Likeness(self._precedents[number], score, self._shared_clause(spoken, query, number))
            for score, number in best
        ]

    def _weigh(self, count: Counter[str]) -> Mapping[str, float]:
        raw = {token: (1 + math.log(n)) * self._rarity.get(token, self._unseen) for token, n in count.items()}
        length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        return {token: weight / length for token, weight in raw.items()}

    def _shared_clause(self, spoken: SpokenText, query: Mapping[str, float], number: int) -> Quote:
        words = {token for token in self._tokens(self._precedents[number].text) if token in query}
        weight: defaultdict[tuple[int, int], float] = defaultdict(float)
        for token in words:
            for start, _ in spoken.find(token)[:1]:
                weight[spoken.clause_of(start)] += query[token]
        start, end = max(weight, key=lambda clause: weight[clause], default=(0, len(spoken.text)))
        return spoken.quote(start, end)
