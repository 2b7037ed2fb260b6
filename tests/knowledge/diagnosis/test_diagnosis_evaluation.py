"""The figures on a labelled set, and the set itself where it is at hand."""

import json
from pathlib import Path

import pytest

from knowledge.diagnosis.evaluation import evaluate, predict, read_lines, utterance_splits


@pytest.fixture
def labelled_set(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "dev").mkdir()
    lexicon = [{"id": "A1", "name": "采购预算不足", "aliases": ["预算不够"]}]
    (tmp_path / "corpus" / "pain_points.json").write_text(json.dumps(lexicon, ensure_ascii=False), "utf-8")
    rows = [
        {
            "id": "1",
            "text": "今年没预算，预算不够，质保要三年",
            "pain_points": ["A1"],
            "parameters": [_years(36, "月")],
        },
        {"id": "2", "text": "请他喝了杯茶", "pain_points": [], "parameters": []},
        {"id": "3", "text": "他笑而不语", "pain_points": ["A1"], "parameters": [_years(5, "年")]},
    ]
    (tmp_path / "dev" / "pain_utterances.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return tmp_path


def _years(value: int, unit: str) -> dict[str, object]:
    return {"name": "质保期", "op": ">=", "value": value, "unit": unit}


def test_figures_count_hits_misses_silence_and_converted_units(labelled_set: Path) -> None:
    split = utterance_splits(labelled_set)[0]
    figures = evaluate(read_lines(split), predict(labelled_set, split))
    assert (figures.precision, figures.recall) == (1.0, 0.5)
    assert figures.f1 == pytest.approx(2 / 3)
    assert figures.silent_share == 1.0
    assert (figures.parameter_precision, figures.parameter_recall) == (1.0, 0.5)


@pytest.mark.shared_data
def test_goals_on_the_development_set(shared_data: Path) -> None:
    folder = shared_data / "cases_dev"
    split = folder / "dev" / "pain_utterances.jsonl"
    for with_precedents in (False, True):
        figures = evaluate(read_lines(split), predict(folder, split, with_precedents=with_precedents))
        assert figures.f1 >= 0.65
        assert figures.silent_share >= 0.9
        assert figures.parameter_f1 >= 0.9
