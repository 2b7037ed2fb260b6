"""Runs the search over a labelled set and measures it, overall and per type of query."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from knowledge.evaluation_set import EvaluationSet, LabelledQuery
from knowledge.ranking_measures import area_under_curve, bootstrap_interval, hit, ndcg, precision, recall
from knowledge.retrieval.case_index import CaseIndex
from knowledge.retrieval.case_search import CaseSearch
from knowledge.retrieval.results import SearchResult
from knowledge.retrieval.weights import SearchWeights
from knowledge.text_encoder import TextEncoder, Vectors

RANKED_DEPTH = 100
MEASURES = ("ndcg_at_10", "hit_at_3", "precision_at_3", "recall_at_100", "methods_recall_at_5")


@dataclass(frozen=True, slots=True)
class Measured:
    """Means of one group of positive queries, with 95 % bootstrap intervals."""

    queries: int
    means: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured: all positives, each type, and how well the search knows when to keep silent."""

    overall: Measured
    by_type: Mapping[str, Measured]
    confidence_auc: float
    near_miss_auc: float
    abstained_on_negatives: float
    abstained_on_positives: float


def case_vectors(evaluation_set: EvaluationSet, encoder: TextEncoder) -> dict[str, Vectors]:
    """Return the encoder's vector of each case."""
    cases = evaluation_set.library.cases
    vectors = encoder.encode([f"{case.title}。{case.situation}。{case.story}" for case in cases])
    return {case.case_id: vector for case, vector in zip(cases, vectors, strict=True)}


def run_queries(
    evaluation_set: EvaluationSet, *, encoder: TextEncoder | None = None, weights: SearchWeights | None = None
) -> dict[str, SearchResult]:
    """Return the search's answer to each query, by query id, ranked deep enough to measure recall."""
    vectors = case_vectors(evaluation_set, encoder) if encoder else None
    search = CaseSearch(CaseIndex(evaluation_set.library, vectors=vectors), encoder=encoder, weights=weights)
    return {labelled.query_id: search.search(labelled.query, limit=RANKED_DEPTH) for labelled in evaluation_set.queries}


def answer_always(results: Mapping[str, SearchResult]) -> dict[str, SearchResult]:
    """Return the same answers without any silence, to compare rankings alone."""
    return {query_id: replace(result, abstained=False) for query_id, result in results.items()}


def write_run(results: Mapping[str, SearchResult], file: Path) -> None:
    """Write the answers in the layout that the set's own scorer reads."""
    run = {
        query_id: {
            "cases": [found.case_id for found in result.hits],
            "scores": [round(found.score, 5) for found in result.hits],
            "confidence": round(result.confidence, 5),
            "abstain": result.abstained,
            "methods": list(result.methods),
        }
        for query_id, result in results.items()
    }
    file.write_text(json.dumps(run, ensure_ascii=False, indent=1), encoding="utf-8")


def measure(queries: Sequence[LabelledQuery], results: Mapping[str, SearchResult]) -> Report:
    """Return the figures. The ranking is measured as if the search never kept silent; silence has its own figures."""
    positives = [labelled for labelled in queries if labelled.answer.is_positive]
    negatives = [labelled for labelled in queries if not labelled.answer.is_positive]
    rows = {labelled.query_id: measures_of(labelled, results[labelled.query_id]) for labelled in positives}
    kinds = sorted({labelled.answer.kind for labelled in positives})

    def confidences(group: Sequence[LabelledQuery]) -> list[float]:
        return [results[labelled.query_id].confidence for labelled in group]

    near = [labelled for labelled in negatives if labelled.answer.is_near_miss]
    return Report(
        overall=summarise(list(rows.values())),
        by_type={
            kind: summarise([rows[labelled.query_id] for labelled in positives if labelled.answer.kind == kind])
            for kind in kinds
        },
        confidence_auc=area_under_curve(confidences(positives), confidences(negatives)),
        near_miss_auc=area_under_curve(confidences(positives), confidences(near)),
        abstained_on_negatives=share_abstained(negatives, results),
        abstained_on_positives=share_abstained(positives, results),
    )


def measures_of(labelled: LabelledQuery, result: SearchResult) -> dict[str, float]:
    ranked = [found.case_id for found in result.hits]
    grades = labelled.answer.grades
    return {
        "ndcg_at_10": ndcg(ranked, grades),
        "hit_at_3": hit(ranked, grades),
        "precision_at_3": precision(ranked, grades),
        "recall_at_100": recall(ranked, set(grades), RANKED_DEPTH),
        "methods_recall_at_5": recall(result.methods, labelled.answer.methods, 5),
    }


def summarise(rows: Sequence[Mapping[str, float]]) -> Measured:
    if not rows:
        return Measured(0, {}, {})
    columns = {name: [row[name] for row in rows] for name in MEASURES}
    return Measured(
        queries=len(rows),
        means={name: fmean(values) for name, values in columns.items()},
        intervals={name: bootstrap_interval(values) for name, values in columns.items()},
    )


def share_abstained(group: Sequence[LabelledQuery], results: Mapping[str, SearchResult]) -> float:
    return fmean(results[labelled.query_id].abstained for labelled in group) if group else 0.0
