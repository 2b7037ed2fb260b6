"""A cue: a small pattern of words by which customers betray a pain point.

``预算 + 不够|砍``   both groups, in any order, near each other in one sentence; ``|`` parts alternatives
``嫌 + 贵 - 运费``   not when a word after the minus stands near
``~回本``            weak: does not carry a pain point alone
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from knowledge.diagnosis.spoken_text import SpokenText

REACH = 16
"""Characters from the first to the last word of a cue: about one breath of speech."""

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
    for spans in product(*found):
        ordered = sorted(spans)
        apart = all(first[1] <= second[0] for first, second in pairwise(ordered))
        if apart and _extent(spans) <= REACH and ordered[-1][1] <= spoken.sentence_of(ordered[0][0])[1]:
            yield spans


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
