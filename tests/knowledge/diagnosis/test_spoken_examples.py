"""The bundled expressions understand everyday complaints over the whole lexicon and keep silent at small talk."""

from pathlib import Path
from time import perf_counter

import pytest
import yaml

from knowledge.diagnosis.expression_bank import bundled_expressions
from knowledge.diagnosis.lexicon import Lexicon, PainPoint
from knowledge.diagnosis.pain_points import PainPointFinder
from knowledge.diagnosis.spoken_text import SpokenText

EXAMPLES = yaml.safe_load(Path(__file__).with_name("spoken_examples.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def finder() -> PainPointFinder:
    return PainPointFinder(Lexicon.of(PainPoint(name, name) for name in bundled_expressions()))


def understood(finder: PainPointFinder, text: str) -> set[str]:
    return {suggestion.code for suggestion in finder.suggest(SpokenText.of(text))}


def test_complaints_are_understood(finder: PainPointFinder) -> None:
    hits = found = wanted = 0
    for text, names in EXAMPLES["complaints"]:
        suggested = understood(finder, text)
        hits += len(suggested & set(names))
        found += len(suggested)
        wanted += len(names)
    assert wanted >= 100
    assert hits / found >= 0.8
    assert hits / wanted >= 0.9


def test_every_pain_point_of_the_bank_has_a_complaint() -> None:
    told = {name for _, names in EXAMPLES["complaints"] for name in names}
    assert bundled_expressions().keys() <= told


def test_small_talk_is_met_with_silence(finder: PainPointFinder) -> None:
    loud = [text for text in EXAMPLES["small_talk"] if understood(finder, text)]
    assert len(loud) <= len(EXAMPLES["small_talk"]) * 0.05, loud


def test_a_long_transcript_is_read_in_seconds(finder: PainPointFinder) -> None:
    text = "。".join(text for text, _ in EXAMPLES["complaints"]) * 2
    assert len(text) > 4_000
    started = perf_counter()
    assert len(understood(finder, text)) == 3
    assert perf_counter() - started < 15
