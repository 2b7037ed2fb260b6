"""Measures against worked examples, and the search against the labelled development set when it is there."""

import json
import math
import os
from pathlib import Path

import pytest

from knowledge.evaluation import measure, run_queries, write_run
from knowledge.evaluation_set import EvaluationSetUnreadable, asked, read_evaluation_set
from knowledge.ranking_measures import area_under_curve, bootstrap_interval, hit, ndcg, precision, recall

SHARED = os.environ.get("SALESDOJO_SHARED_DATA")


def test_ndcg_of_a_worked_example() -> None:
    grades = {"a": 3, "b": 1}
    assert ndcg(["a", "b"], grades) == 1.0
    swapped = (1 + 7 / math.log2(3)) / (7 + 1 / math.log2(3))
    assert ndcg(["b", "a"], grades) == pytest.approx(swapped)
    assert ndcg(["x"], grades) == 0.0


def test_hits_precision_and_recall() -> None:
    grades = {"a": 3, "b": 1, "c": 2}
    assert hit(["x", "b", "c"], grades) == 1.0
    assert hit(["x", "b", "y", "c"], grades) == 0.0
    assert precision(["a", "b", "c"], grades) == pytest.approx(2 / 3)
    assert recall(["a", "x"], {"a", "b"}, 100) == 0.5


def test_area_under_curve_counts_ties_half() -> None:
    assert area_under_curve([0.9, 0.5], [0.5, 0.1]) == 0.875
    assert math.isnan(area_under_curve([], [0.1]))


def test_the_interval_holds_the_mean_and_is_repeatable() -> None:
    values = [0.0, 1.0] * 20
    low, high = bootstrap_interval(values)
    assert low < 0.5 < high
    assert (low, high) == bootstrap_interval(values)


CUSTOMER = {"industry": "贸易", "size": "120人", "region": "广东", "pain_points": ["P1"], "note": "老账"}
CASE = {
    "title": "冷柜省电",
    "industry": "零售",
    "customer_profile": {"size": "15家", "region": "山东", "situation": "费电"},
    "pain_points": ["P1"],
    "methods": ["M1"],
    "story": "电费降两成",
    "products": [],
    "rep_id": "R1",
}
METHOD = {"id": "M1", "name": "试点", "definition": "先试", "typical_situations": []}
PAIN_POINT = {"id": "P1", "name": "用能成本高", "aliases": ["电费高"]}
ANSWERED = {"type": "question", "relevance": [{"case_id": "C0", "grade": 3}], "methods": ["M1"]}
UNANSWERED = {"type": "negative", "relevance": [], "methods": [], "near_miss": False}


def test_a_query_never_carries_its_answer() -> None:
    typed = {"form": "customer", "text": "行业：贸易", "customer": CUSTOMER}
    query = asked(typed)
    assert (query.text, query.industry, query.pain_points) == ("老账", "贸易", ("P1",))
    assert asked(typed | ANSWERED) == query


def write_set(folder: Path) -> None:
    (folder / "corpus").mkdir(parents=True)
    (folder / "dev").mkdir()
    write_lines(folder / "corpus/cases.jsonl", [{"id": f"C{number}"} | CASE for number in range(2)])
    (folder / "corpus/methods.json").write_text(json.dumps([METHOD]), "utf-8")
    (folder / "corpus/pain_points.json").write_text(json.dumps([PAIN_POINT]), "utf-8")
    queries = [
        {"id": "Q1", "form": "text", "text": "电费高"} | ANSWERED,
        {"id": "Q2", "form": "text", "text": "年会谁主持"} | UNANSWERED,
    ]
    write_lines(folder / "dev/queries.jsonl", queries)


def write_lines(file: Path, rows: list[dict[str, object]]) -> None:
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")


def test_a_set_is_read_run_measured_and_written(tmp_path: Path) -> None:
    write_set(tmp_path)
    labelled = read_evaluation_set(tmp_path)
    results = run_queries(labelled)
    report = measure(labelled.queries, results)
    assert report.overall.queries == 1
    assert report.overall.means["hit_at_3"] == 1.0
    write_run(results, tmp_path / "run.json")
    run = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert set(run) == {"Q1", "Q2"}
    assert set(run["Q1"]) == {"cases", "scores", "confidence", "abstain", "methods"}


def test_a_folder_of_another_layout_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EvaluationSetUnreadable):
        read_evaluation_set(tmp_path)
    write_set(tmp_path / "broken")
    (tmp_path / "broken/corpus/cases.jsonl").write_text("{not json", "utf-8")
    with pytest.raises(EvaluationSetUnreadable):
        read_evaluation_set(tmp_path / "broken")


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED, reason="SALESDOJO_SHARED_DATA names no folder")
def test_the_development_queries_are_answered_better_than_words_alone_would() -> None:
    labelled = read_evaluation_set(Path(str(SHARED)) / "cases_dev")
    report = measure(labelled.queries, run_queries(labelled))
    assert report.overall.means["ndcg_at_10"] >= 0.68
    assert report.overall.means["hit_at_3"] >= 0.90
    assert report.overall.means["recall_at_100"] >= 0.90
    assert report.confidence_auc >= 0.80
