"""Recognises what is meant: expressions of many wordings, Chinese and English, lead to one concept."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources

import yaml

from knowledge.retrieval.tokens import HAN_RUN, LATIN_RUN, normalise, stem, syllables

VOCABULARY_FILES = ("pains.yaml", "deals.yaml", "trades.yaml", "things.yaml", "sayings.yaml")
#: how sure a match by sound alone is, beside one by characters
SOUND_WEIGHT = 0.6
MINIMUM_SOUND_LENGTH = 2


class ConceptBank:
    """Finds the concepts that a text expresses, by characters, by sound (homophone slips) and by English phrases."""

    def __init__(self, expressions: Mapping[str, Iterable[str]]) -> None:
        self._by_characters: dict[str, set[str]] = defaultdict(set)
        self._by_sound: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._by_phrase: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for code, wordings in expressions.items():
            for wording in wordings:
                self._add(code, normalise(wording))
        self._longest = max(map(len, self._by_characters), default=0)
        self._longest_phrase = max(map(len, self._by_phrase), default=0)

    def find(self, text: str) -> dict[str, float]:
        """Return the weight of each concept in the text: 1 per mention by characters, less for one by sound."""
        plain = normalise(text)
        found: defaultdict[str, float] = defaultdict(float)
        for code, weight in self._chinese(plain):
            found[code] += weight
        for code in self._english(plain):
            found[code] += 1.0
        return dict(found)

    def _add(self, code: str, wording: str) -> None:
        if not HAN_RUN.search(wording):
            self._by_phrase[tuple(map(stem, LATIN_RUN.findall(wording)))].add(code)
            return
        self._by_characters[wording].add(code)
        if HAN_RUN.fullmatch(wording) and len(wording) >= MINIMUM_SOUND_LENGTH:
            self._by_sound[tuple(syllables(wording))].add(code)

    def _chinese(self, plain: str) -> Iterator[tuple[str, float]]:
        covered = [False] * len(plain)
        for start in range(len(plain)):
            length = self._longest_match(plain, start)
            if length and not all(covered[start : start + length]):
                covered[start : start + length] = [True] * length
                yield from ((code, 1.0) for code in self._by_characters[plain[start : start + length]])
        for run in HAN_RUN.finditer(plain):
            yield from self._heard(run.group(), covered[run.start() : run.end()])

    def _longest_match(self, plain: str, start: int) -> int:
        for length in range(min(self._longest, len(plain) - start), 1, -1):
            if plain[start : start + length] in self._by_characters:
                return length
        return 0

    def _heard(self, run: str, covered: list[bool]) -> Iterator[tuple[str, float]]:
        spoken = syllables(run)
        for start in range(len(run)):
            for length in range(min(self._longest, len(run) - start), MINIMUM_SOUND_LENGTH - 1, -1):
                codes = self._by_sound.get(tuple(spoken[start : start + length]))
                if codes and not any(covered[start : start + length]):
                    covered[start : start + length] = [True] * length
                    yield from ((code, SOUND_WEIGHT) for code in codes)
                    break

    def _english(self, plain: str) -> Iterator[str]:
        words = [stem(word) for word in LATIN_RUN.findall(plain)]
        start = 0
        while start < len(words):
            for length in range(min(self._longest_phrase, len(words) - start), 0, -1):
                codes = self._by_phrase.get(tuple(words[start : start + length]))
                if codes:
                    yield from codes
                    start += length
                    break
            else:
                start += 1


@lru_cache(maxsize=1)
def business_concepts() -> ConceptBank:
    """Return the concepts of general business vocabulary that ship with the product."""
    folder = resources.files("knowledge.retrieval.vocabulary")
    expressions: defaultdict[str, list[str]] = defaultdict(list)
    for name in VOCABULARY_FILES:
        for code, wordings in yaml.safe_load(folder.joinpath(name).read_text("utf-8")).items():
            chinese, _, english = wordings.partition("|")
            expressions[code] += [*chinese.split(), *(phrase.strip() for phrase in english.split(","))]
    return ConceptBank(expressions)
