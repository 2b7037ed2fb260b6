"""Measures suggestions and named parameters on a labelled set of utterances."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.diagnosis.lexicon import read_lexicon
from knowledge.diagnosis.pain_points import PainPointFinder
from knowledge.diagnosis.parameters import named_parameters
from knowledge.diagnosis.precedents import Precedent
from knowledge.diagnosis.spoken_text import SpokenText
from knowledge.text_encoder import TextEncoder

Run = dict[str, dict[str, list[Any]]]


@dataclass(frozen=True)
class PainEvaluation:
    """Micro-averaged figures over all utterances; `silent_share` over those that support no pain point."""

    utterances: int
    precision: float
    recall: float
    f1: float
    exact_share: float
    silent_share: float
    parameter_precision: float
    parameter_recall: float
    parameter_f1: float


def predict(folder: Path, split: Path, *, with_precedents: bool = True, encoder: TextEncoder | None = None) -> Run:
    """Suggestions for every utterance of a split; only its `id` and `text` are read."""
    cases = folder / "corpus" / "cases.jsonl"
    precedents = _read_precedents(cases) if with_precedents and cases.is_file() else ()
    finder = PainPointFinder(read_lexicon(folder / "corpus" / "pain_points.json"), precedents, encoder)
    run: Run = {}
    for row in read_lines(split):
        spoken = SpokenText.of(str(row["text"]))
        run[str(row["id"])] = {
            "pain_points": [suggestion.code for suggestion in finder.suggest(spoken)],
            "parameters": [parameter.as_row() for parameter in named_parameters(spoken)],
        }
    return run


def utterance_splits(folder: Path) -> list[Path]:
    """Labelled files of a set, such as dev/pain_utterances.jsonl."""
    return sorted(folder.glob("**/pain_utterances.jsonl"))


def evaluate(gold: Iterable[Mapping[str, Any]], run: Run) -> PainEvaluation:
    """Compare a run with the labels of the same utterances."""
    rows = list(gold)
    points, parameters = [0, 0, 0], [0, 0, 0]
    exact = silent = 0
    for row in rows:
        predicted = run.get(str(row["id"]), {"pain_points": [], "parameters": []})
        wanted, found = set(row["pain_points"]), set(predicted["pain_points"])
        _count(points, len(wanted & found), len(found), len(wanted))
        exact += wanted == found
        silent += not wanted and not found
        wanted_rows = [_key(parameter) for parameter in row["parameters"]]
        found_rows = [_key(parameter) for parameter in predicted["parameters"]]
        hits = len(found_rows) - len(_without(found_rows, wanted_rows))
        _count(parameters, hits, len(found_rows), len(wanted_rows))
    unsupported = sum(not row["pain_points"] for row in rows)
    return PainEvaluation(
        len(rows), *_scores(points), _share(exact, len(rows)), _share(silent, unsupported), *_scores(parameters)
    )


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _read_precedents(path: Path) -> tuple[Precedent, ...]:
    return tuple(
        Precedent(row["id"], f"{row['title']}，{row['customer_profile']['situation']}", tuple(row["pain_points"]))
        for row in read_lines(path)
    )


def _count(totals: list[int], hits: int, found: int, wanted: int) -> None:
    for position, value in enumerate((hits, found, wanted)):
        totals[position] += value


def _scores(totals: list[int]) -> tuple[float, float, float]:
    hits, found, wanted = totals
    precision, recall = _share(hits, found), _share(hits, wanted)
    return precision, recall, _share(2 * hits, found + wanted)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


_CONVERTED = {
    "ms": ("s", 0.001), "min": ("s", 60), "h": ("s", 3600), "天": ("s", 86_400), "周": ("s", 604_800), "年": ("月", 12),
    "mm": ("m", 0.001), "cm": ("m", 0.01), "km": ("m", 1000), "g": ("kg", 0.001), "W": ("kW", 0.001),
    "MW": ("kW", 1000), "MWh": ("kWh", 1000), "度": ("kWh", 1), "℃": ("°C", 1), "米": ("m", 1),
}  # fmt: skip


def _key(parameter: Mapping[str, Any]) -> str:
    unit, factor = _CONVERTED.get(parameter["unit"], (parameter["unit"], 1))
    values = parameter["value"] if isinstance(parameter["value"], list) else [parameter["value"]]
    converted = [f"{value * factor:.6g}" if isinstance(value, int | float) else str(value) for value in values]
    return " ".join((parameter["op"], *converted, unit))


def _without(items: list[str], taken: list[str]) -> list[str]:
    rest, budget = [], list(taken)
    for item in items:
        if item in budget:
            budget.remove(item)
        else:
            rest.append(item)
    return rest
