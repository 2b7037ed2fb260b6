"""The evaluation of labelled sets counts what it says, and the development set keeps its level."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import assemble
from qa.evaluation import load_set, predict, score
from tests.qa.sheets import save_sheet

ROWS = [["参数", "我方", "竞品"], ["功耗", "15 W", "18 W"], ["噪声", "—", "60 dB"], ["重量", "行业领先", "3 kg"]]


def expected(
    name: str, verdict: str, value: str | None = None, unit: str | None = None, cell: str | None = None
) -> object:
    location = {"sheet": "对比", "cell": cell} if cell else None
    return {"name": name, "verdict": verdict, "value": value, "unit": unit, "measured": None, "location": location}


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """One document; the key is wrong about the weight, and names a string that must not appear but is on the sheet."""
    (tmp_path / "files").mkdir()
    save_sheet(tmp_path / "files" / "a.xlsx", ROWS)
    record = {
        "file": "a.xlsx",
        "own_product": "我方",
        "requested": [
            {"name": "功耗", "unit_expected": "W"},
            {"name": "噪声", "unit_expected": "dB"},
            {"name": "重量", "unit_expected": "kg"},
        ],
        "expected": [
            expected("功耗", "covered", "15000", "mW", "B2"),
            expected("噪声", "missing"),
            expected("重量", "covered", "3", "kg", "B4"),
        ],
        "must_not_appear": ["行业 领先"],
    }
    (tmp_path / "truth.jsonl").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def test_right_and_wrong_are_counted(labelled: Path) -> None:
    records = load_set(labelled)
    scores = score(records, [predict(labelled, record) for record in records])
    rates = scores.rates()
    assert (scores.parameters, scores.right_verdicts, scores.leaks) == (3, 2, 1)
    assert (rates["not_covered_recall"], rates["not_covered_precision"]) == (1.0, 0.5)
    assert (rates["value_and_unit_exact"], rates["location_hit"]) == (0.5, 1.0)


def test_the_command_prints_the_figures_and_writes_predictions(labelled: Path) -> None:
    out = labelled / "predictions.jsonl"
    done = CliRunner().invoke(assemble(), ["evaluate", "documents", str(labelled), "--out", str(out), "--errors"])
    assert done.exit_code == 0, done.output
    assert "verdict accuracy" in done.output
    assert "66.7%" in done.output
    record = json.loads(out.read_text(encoding="utf-8"))
    assert [each["verdict"] for each in record["results"]] == ["covered", "missing", "vague"]
    assert record["results"][0]["location"] == {"sheet": "对比", "cell": "B2"}


@pytest.mark.shared_data
def test_the_development_set_keeps_its_level(shared_data: Path) -> None:
    folder = shared_data / "documents" / "comparison_dev"
    records = load_set(folder)
    scores = score(records, [predict(folder, record) for record in records])
    rates = {name: rate or 0.0 for name, rate in scores.rates().items()}
    assert rates["not_covered_recall"] >= 0.98
    assert rates["not_covered_precision"] >= 0.95
    assert rates["value_and_unit_exact"] >= 0.92
    assert rates["location_hit"] >= 0.95
    assert scores.leaks == 0
