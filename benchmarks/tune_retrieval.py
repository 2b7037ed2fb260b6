"""Tunes the search's weights on labelled development queries and writes them into the product.

    python benchmarks/tune_retrieval.py FOLDER [--write]

FOLDER has the layout that `dojo evaluate retrieval` reads. Weights move one at a time over a coarse grid, by the mean
of nDCG@10, hit@3 and P@3, so that few decisions are taken from few labels. The same search repeated with one fifth of
the queries left out says what of it carries over: if the gain does not, the weights stay. The confidence curve is a
regularised logistic regression; the search keeps silent on at most one in twenty queries that have an answer.
"""

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from sklearn.linear_model import LogisticRegression

from knowledge.evaluation_set import LabelledQuery, read_evaluation_set
from knowledge.ranking_measures import area_under_curve, hit, ndcg, precision
from knowledge.retrieval.analysis import Channel
from knowledge.retrieval.case_index import CaseIndex
from knowledge.retrieval.case_search import CaseSearch
from knowledge.retrieval.confidence import FEATURES, features
from knowledge.retrieval.labels import scaled
from knowledge.retrieval.lexical_index import Scores
from knowledge.retrieval.weights import WEIGHTS_FILE, ConfidenceCurve, SearchWeights, tuned_weights

FACTORS = (0.0, 0.5, 0.75, 1.35, 2.0)
#: where a weight stands at zero, these are tried
FIRST_STEPS = (0.1, 0.3)
#: a change must gain this much, so that noise of a few queries moves nothing
LEAST_GAIN = 0.001
FACETS = ("stated_pain_points", "likely_pain_points", "likely_methods", "industry")
#: of the queries that have an answer, kept silent about: a rep loses more by silence than by a weak suggestion
SILENCED_SHARE = 0.05
FOLDS = 5
ROUNDS = 3


@dataclass(frozen=True)
class Prepared:
    """One positive query with its scaled score parts."""

    labelled: LabelledQuery
    parts: Mapping[str, Scores]


def prepare(search: CaseSearch, queries: Sequence[LabelledQuery]) -> list[Prepared]:
    rows = search.index.rows(None)
    return [
        Prepared(labelled, {name: scaled(part) for name, part in search.score(labelled.query, rows).parts.items()})
        for labelled in queries
        if labelled.answer.is_positive
    ]


def quality(weights: Mapping[str, float], prepared: Sequence[Prepared], case_ids: Sequence[str]) -> float:
    values = []
    for one in prepared:
        total = sum(weight * one.parts[name] for name, weight in weights.items())
        ranked = [case_ids[row] for row in np.argsort(-np.asarray(total), kind="stable")[:10]]
        grades = one.labelled.answer.grades
        values.append((ndcg(ranked, grades) + hit(ranked, grades) + precision(ranked, grades)) / 3)
    return fmean(values)


def candidates(value: float) -> Iterator[float]:
    yield from (value * factor for factor in FACTORS) if value else FIRST_STEPS


def tune(start: Mapping[str, float], prepared: Sequence[Prepared], case_ids: Sequence[str]) -> dict[str, float]:
    weights = dict(start)
    best = quality(weights, prepared, case_ids)
    for _ in range(ROUNDS):
        before = best
        for name, current in list(weights.items()):
            for value in candidates(current):
                reached = quality(weights | {name: value}, prepared, case_ids)
                if reached > best + LEAST_GAIN:
                    weights[name], best = round(value, 3), reached
        if best == before:
            break
    return weights


def carried_over(start: Mapping[str, float], prepared: list[Prepared], case_ids: Sequence[str]) -> tuple[float, float]:
    """Return the quality on queries left out of the tuning, with the start's and with the tuned weights."""
    shuffled = random.Random(0).sample(prepared, len(prepared))
    untuned, tuned = [], []
    for fold in range(FOLDS):
        held_out = shuffled[fold::FOLDS]
        rest = [one for one in shuffled if one not in held_out]
        untuned.append(quality(start, held_out, case_ids))
        tuned.append(quality(tune(start, rest, case_ids), held_out, case_ids))
    return fmean(untuned), fmean(tuned)


def calibrate(search: CaseSearch, queries: Sequence[LabelledQuery]) -> ConfidenceCurve:
    rows = search.index.rows(None)
    table, labels = [], []
    for labelled in queries:
        scoring = search.score(labelled.query, rows)
        best = search.index.cases[int(np.argmax(scoring.total))]
        values = features(labelled.query, best, search.index, scoring.parts)
        table.append([values[name] for name in FEATURES])
        labels.append(labelled.answer.is_positive)
    fitted = LogisticRegression(C=5.0).fit(np.array(table), labels)
    chances = fitted.predict_proba(np.array(table))[:, 1]
    threshold = float(np.quantile(chances[np.array(labels)], SILENCED_SHARE))
    coefficients = dict(zip(FEATURES, (round(float(weight), 4) for weight in fitted.coef_[0]), strict=True))
    return ConfidenceCurve(
        intercept=round(float(fitted.intercept_[0]), 4), coefficients=coefficients, abstain_below=round(threshold, 3)
    )


def as_flat(weights: SearchWeights) -> dict[str, float]:
    channels = {channel.value: weights.channels[channel] for channel in Channel}
    return channels | {name: float(getattr(weights, name)) for name in FACETS}


def as_weights(flat: Mapping[str, float], base: SearchWeights) -> SearchWeights:
    channels = {channel: flat[channel.value] for channel in Channel}
    return base.model_copy(update={"channels": channels, **{name: flat[name] for name in FACETS}})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    labelled = read_evaluation_set(options.folder)
    index = CaseIndex(labelled.library)
    search = CaseSearch(index)
    case_ids = [case.case_id for case in index.cases]
    prepared = prepare(search, labelled.queries)
    start = as_flat(tuned_weights())
    untuned, tuned_quality = carried_over(start, prepared, case_ids)
    print(f"on left-out queries: {untuned:.3f} before, {tuned_quality:.3f} after tuning")
    flat = tune(start, prepared, case_ids) if tuned_quality > untuned else start
    print("on all queries:", quality(start, prepared, case_ids), quality(flat, prepared, case_ids), flat)
    weights = as_weights(flat, tuned_weights())
    tuned = CaseSearch(index, weights=weights)
    weights = weights.model_copy(update={"confidence": calibrate(tuned, labelled.queries)})
    final = CaseSearch(index, weights=weights)
    chances = {one.query_id: final.search(one.query, limit=1).confidence for one in labelled.queries}
    fitting = [chances[one.query_id] for one in labelled.queries if one.answer.is_positive]
    unfitting = [chances[one.query_id] for one in labelled.queries if not one.answer.is_positive]
    print("confidence:", weights.confidence, "AUC", area_under_curve(fitting, unfitting))
    if options.write:
        file = Path(__file__).parent.parent / "knowledge" / "retrieval" / WEIGHTS_FILE
        file.write_text(weights.model_dump_json(indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
