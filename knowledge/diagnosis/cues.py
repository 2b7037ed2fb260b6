"""A cue: a small pattern of words by which customers betray a pain point.

``预算 + 不够|砍``   both groups, in any order, near each other in one sentence; ``|`` parts alternatives
``嫌 + 贵 - 运费``   not when a word after the minus stands near
``~回本``            weak: does not carry a pain point alone
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from knowledge.diagnosis.spoken_text import CLAUSE_END, SpokenText

FARTHEST = 18
"""Characters from the first to the last word of a cue: about one breath of speech."""
REACH_PER_LETTER = 4
"""Short words must stand nearer to each other, because they stand everywhere."""
COMMA_COUNTS_AS = 4
"""A new clause is a new thought more often than not."""

_DENIED_BEFORE = re.compile(
    r"(?<!能)(?<!要)(?:不|没|没有|没什么|没出过|没听说|没听他说|没提|没说|不太|不怎么|不算|很少|不会|从不|不再|并不|不担心|不怕|不愁|不存在|不用担心|不是)$"
)
_DISMISSED_AFTER = re.compile(
    r"不是(?:什么)?(?:大)?问题|没(?:什么)?问题|都?能接受|可以接受|无所谓|解决了|搞定了|没关系|不担心|不在乎|不介意|不着急|没压力"
)

Span = tuple[int, int]


@dataclass(frozen=True)
class Cue:
    """Groups of alternative words that must stand together."""

    groups: tuple[tuple[str, ...], ...]
    excluded: tuple[str, ...] = ()
    weak: bool = False


@dataclass(frozen=True)
class CueMatch:
    """Where a cue was found."""

    cue: Cue
    start: int
    end: int
    letters: int
    """Characters of the words that matched: longer matches say more."""


def parse_cue(text: str) -> Cue:
    """Read one line of the expression bank; raises ValueError when an alternative is empty."""
    wanted, _, excluded = text.lstrip("~").partition(" - ")
    groups = tuple(_alternatives(group) for group in wanted.split(" + "))
    return Cue(groups, _alternatives(excluded) if excluded else (), text.startswith("~"))


def find_cue(cue: Cue, spoken: SpokenText) -> CueMatch | None:
    """The tightest place where all groups stand together and are meant, or nothing."""
    found: list[list[Span]] = []
    for group in cue.groups:
        spans = [span for term in group for span in spoken.find(term)]
        if not spans:
            return None
        found.append(spans)
    places = sorted(_together(found, spoken), key=lambda spans: (_extent(spans), -_letters(spans)))
    for place in places:
        start, end = min(first for first, _ in place), max(last for _, last in place)
        if _meant(place, spoken) and not _has_excluded(cue, spoken, start, end):
            return CueMatch(cue, start, end, _letters(place))
    return None


def _alternatives(group: str) -> tuple[str, ...]:
    words = tuple(word.strip().lower() for word in group.split("|"))
    if not all(words):
        raise ValueError(f"empty alternative in cue group {group!r}")
    return words


def _together(found: list[list[Span]], spoken: SpokenText) -> Iterator[tuple[Span, ...]]:
    first, *others = (sorted(spans) for spans in found)
    for anchor in first:
        near = [_near(anchor, spans) for spans in others]
        for rest in product(*near):
            spans = (anchor, *rest)
            ordered = sorted(spans)
            apart = all(one[1] <= next_one[0] for one, next_one in pairwise(ordered))
            if apart and _reaches(spans, spoken) and ordered[-1][1] <= spoken.sentence_of(ordered[0][0])[1]:
                yield spans


def _near(anchor: Span, spans: list[Span]) -> list[Span]:
    """Of spans in order, those close enough to stand in one breath with the anchor."""
    low = bisect_left(spans, (anchor[0] - FARTHEST, 0))
    return spans[low : bisect_left(spans, (anchor[0] + FARTHEST, 0))]


def _reaches(spans: tuple[Span, ...], spoken: SpokenText) -> bool:
    start, end = min(first for first, _ in spans), max(last for _, last in spans)
    commas = sum(character in CLAUSE_END for character in spoken.plain[start:end])
    return end - start + COMMA_COUNTS_AS * commas <= min(FARTHEST, REACH_PER_LETTER * _letters(spans))


def _extent(spans: tuple[Span, ...]) -> int:
    return max(end for _, end in spans) - min(start for start, _ in spans)


def _letters(spans: tuple[Span, ...]) -> int:
    return sum(end - start for start, end in spans)


def _meant(spans: tuple[Span, ...], spoken: SpokenText) -> bool:
    denied = any(
        spoken.plain[start] not in "不没无" and _DENIED_BEFORE.search(spoken.plain[max(0, start - 6) : start])
        for start, _ in spans
    )
    last = max(end for _, end in spans)
    sentence_end = spoken.sentence_of(last - 1)[1]
    return not denied and not _DISMISSED_AFTER.search(spoken.plain[last : min(last + 10, sentence_end)])


def _has_excluded(cue: Cue, spoken: SpokenText, start: int, end: int) -> bool:
    near = spoken.plain[max(0, start - 8) : end + 8]
    return any(word in near for word in cue.excluded)
