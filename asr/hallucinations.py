"""Words that a model invents: the prompt repeated, subtitle credits on silence, endless loops.

Whisper was trained on subtitles, so silence and noise tempt it to their closing lines (a "bag of hallucinations",
arXiv 2501.11378). Such lines are dropped when they are all that a segment says; the unmistakable ones are cut out
wherever they stand.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import resources

import yaml

from asr.recogniser import Segment
from asr.script import bare_form, simplify

_UNIT_REPEATED = re.compile(r"(.)\1{7,}|(.{2,30}?)\2{3,}", re.DOTALL)
_MOST_EQUAL_SEGMENTS = 3


def _phrases(kind: str) -> frozenset[str]:
    text = resources.files("asr").joinpath("hallucinations.yaml").read_text(encoding="utf-8")
    return frozenset(bare_form(phrase) for phrase in yaml.safe_load(text)[kind])


class HallucinationFilter:
    """Cleans the segments of one recording."""

    def __init__(self, prompt: str) -> None:
        self._whole_lines = _phrases("whole_lines") | {bare_form(prompt)}
        self._anywhere = [_spaced_pattern(phrase) for phrase in sorted(_phrases("anywhere"), key=len, reverse=True)]

    def clean(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        """The segments without invented lines; loops are collapsed to one round, and a line is kept thrice at most."""
        last, times = "", 0
        for segment in segments:
            text = collapse_loops(self._without_credits(simplify(segment.text)))
            bare = bare_form(text)
            if not bare or bare in self._whole_lines:
                continue
            last, times = bare, times + 1 if bare == last else 1
            if times <= _MOST_EQUAL_SEGMENTS:
                yield segment if text == segment.text else replace(segment, text=text, words=())

    def _without_credits(self, text: str) -> str:
        for pattern in self._anywhere:
            text = pattern.sub("", text)
        return text


def collapse_loops(text: str) -> str:
    """A unit said four times or more on end is said once; single characters (对对对) may repeat seven times."""
    return _UNIT_REPEATED.sub(lambda match: match.group(1) or match.group(2), text)


def _spaced_pattern(phrase: str) -> re.Pattern[str]:
    """The phrase whatever stands between its characters, with the punctuation after it."""
    return re.compile(r"[\W_]*".join(re.escape(character) for character in phrase) + r"[\W_]*", re.IGNORECASE)
