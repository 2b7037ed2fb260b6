"""What a customer said, with a way back from a character to the second it was spoken."""

import logging
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import jieba

jieba.setLogLevel(logging.WARNING)

SENTENCE_END = "。！？!?；;\n"
CLAUSE_END = SENTENCE_END + "，,、：:"


@dataclass(frozen=True)
class SpokenSegment:
    """A stretch of transcript; typed text has no seconds."""

    text: str
    start_seconds: float | None = None
    end_seconds: float | None = None


@dataclass(frozen=True)
class Quote:
    """Words of the customer that support a statement: characters [start, end) of the whole text, and when."""

    text: str
    start: int
    end: int
    start_seconds: float | None = None
    end_seconds: float | None = None


@dataclass(frozen=True)
class SpokenText:
    """Segments joined to one text, one line per segment."""

    segments: tuple[SpokenSegment, ...]
    _positions: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, source: "str | Sequence[SpokenSegment]") -> "SpokenText":
        """Typed text, or a transcript's segments in order."""
        return cls((SpokenSegment(source),) if isinstance(source, str) else tuple(source))

    @cached_property
    def text(self) -> str:
        """All the words as they were written."""
        return "\n".join(segment.text for segment in self.segments)

    @cached_property
    def plain(self) -> str:
        """The text in half-width lower case, character for character."""
        return "".join(_plain_character(character) for character in self.text)

    @cached_property
    def words(self) -> dict[int, tuple[int, int]]:
        """The bounds of the word that each character belongs to."""
        return {
            position: (start, end) for _, start, end in jieba.tokenize(self.plain) for position in range(start, end)
        }

    @cached_property
    def sounds(self) -> str:
        """The syllables of all characters, with tones, between spaces."""
        return f" {' '.join(_sound(character) for character in self.plain)} "

    @cached_property
    def sound_places(self) -> dict[int, int]:
        """Where in `sounds` the syllable of each character begins."""
        places, offset = {}, 0
        for position, character in enumerate(self.plain):
            places[offset] = position
            offset += len(_sound(character)) + 1
        return places

    def find(self, term: str) -> tuple[tuple[int, int], ...]:
        """Every place where the term, or a homophone of it, stands."""
        known = self._positions.get(term)
        if known is None:
            known = self._search(term)
            self._positions[term] = known
        return known

    def sentence_of(self, start: int) -> tuple[int, int]:
        """Bounds of the sentence around a character."""
        return self._bounds(start, SENTENCE_END)

    def clause_of(self, start: int) -> tuple[int, int]:
        """Bounds of the clause around a character."""
        return self._bounds(start, CLAUSE_END)

    def quote(self, start: int, end: int) -> Quote:
        """The words between two characters with the seconds in which they were spoken."""
        return Quote(self.text[start:end], start, end, self._second(start), self._second(end))

    def _search(self, term: str) -> tuple[tuple[int, int], ...]:
        exact = tuple(_occurrences(self.plain, term))
        if len(term) == 1:
            # inside a longer word a character means something else: 老 in 老人家
            return tuple(span for span in exact if _length(self.words[span[0]]) <= 2)
        return exact or self._search_by_sound(term)

    def _search_by_sound(self, term: str) -> tuple[tuple[int, int], ...]:
        size = len(term)
        if not all("一" <= character <= "鿿" for character in term):
            return ()
        limit = 1 if size == 2 else size // 2
        found = []
        for offset, _ in _occurrences(self.sounds, _sounds(term)):
            start = self.sound_places[offset]
            differing = sum(a != b for a, b in zip(self.plain[start : start + size], term, strict=True))
            if differing <= limit and self._is_whole(start, start + size):
                found.append((start, start + size))
        return tuple(found)

    def _is_whole(self, start: int, end: int) -> bool:
        """A misheard word is a word, not the tail of one and the head of the next."""
        return self.words[start][0] == start and self.words[end - 1][1] == end

    def _bounds(self, start: int, marks: str) -> tuple[int, int]:
        left = max(self.text.rfind(mark, 0, start) for mark in marks) + 1
        ends = [self.text.find(mark, start) for mark in marks]
        right = min((end for end in ends if end >= 0), default=len(self.text))
        return left, right

    def _second(self, position: int) -> float | None:
        offset = 0
        for segment in self.segments:
            if position <= offset + len(segment.text):
                return _interpolate(segment, position - offset)
            offset += len(segment.text) + 1
        return None


def _interpolate(segment: SpokenSegment, position: int) -> float | None:
    if segment.start_seconds is None or segment.end_seconds is None:
        return None
    share = position / max(len(segment.text), 1)
    return round(segment.start_seconds + share * (segment.end_seconds - segment.start_seconds), 2)


def _plain_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character


def _occurrences(text: str, term: str) -> Iterator[tuple[int, int]]:
    start = text.find(term)
    while start >= 0:
        yield start, start + len(term)
        start = text.find(term, start + 1)


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]


@lru_cache(maxsize=20_000)
def _sounds(term: str) -> str:
    return f" {' '.join(_sound(character) for character in term)} "


@lru_cache(maxsize=20_000)
def _sound(character: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(character, style=Style.TONE3)).strip() or "_"
