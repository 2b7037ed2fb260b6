"""Runs the checker over a labelled set of documents and counts how often it is right."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from qa.check import Finding, RequestedParameter, check_document, unreadable
from qa.errors import DocumentRefused
from qa.quantities import are_equal, find_quantities, normalise
from qa.reading import read_document


@dataclass(frozen=True, slots=True)
class Prediction:
    """The findings for one document, and everything that would be shown of them."""

    file: str
    findings: tuple[Finding, ...]
    seconds: float

    def as_record(self) -> dict[str, object]:
        """The layout that the sets' own scorers read."""
        return {
            "file": self.file,
            "results": [_result(each) for each in self.findings],
            "output_text": self.output_text,
        }

    @property
    def output_text(self) -> str:
        return "\n".join(line for each in self.findings for line in (each.matched_label, *each.excerpt))


@dataclass
class Scores:
    """Counts over a whole set; the rates are None where nothing was to be found."""

    documents: int = 0
    parameters: int = 0
    right_verdicts: int = 0
    not_covered_found: int = 0
    not_covered_expected: int = 0
    not_covered_said: int = 0
    covered_expected: int = 0
    values_exact: int = 0
    places_expected: int = 0
    places_hit: int = 0
    measured_right: int = 0
    leaks: int = 0
    slowest_seconds: float = 0.0
    errors: list[str] = field(default_factory=list)

    def rates(self) -> dict[str, float | None]:
        return {
            "verdict_accuracy": _rate(self.right_verdicts, self.parameters),
            "not_covered_recall": _rate(self.not_covered_found, self.not_covered_expected),
            "not_covered_precision": _rate(self.not_covered_found, self.not_covered_said),
            "value_and_unit_exact": _rate(self.values_exact, self.covered_expected),
            "measured_right": _rate(self.measured_right, self.covered_expected),
            "location_hit": _rate(self.places_hit, self.places_expected),
        }


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def load_set(folder: Path) -> list[dict[str, Any]]:
    """The records of a labelled set: `truth.jsonl` beside `files/`."""
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def predict(folder: Path, record: Mapping[str, Any]) -> Prediction:
    """Check one document of the set as a user's upload would be."""
    requested = [RequestedParameter(each["name"], each.get("unit_expected")) for each in record["requested"]]
    started = time.perf_counter()
    try:
        document = read_document(folder / "files" / record["file"], record["file"])
        findings = check_document(document, requested, record.get("own_product"))
    except DocumentRefused as refusal:
        findings = unreadable(requested, refusal.code)
    return Prediction(record["file"], findings, time.perf_counter() - started)


def score(records: Sequence[Mapping[str, Any]], predictions: Sequence[Prediction]) -> Scores:
    """Compare with the key; predictions are matched by file name."""
    by_file = {prediction.file: prediction for prediction in predictions}
    scores = Scores(documents=len(records))
    for record in records:
        prediction = by_file[record["file"]]
        scores.slowest_seconds = max(scores.slowest_seconds, prediction.seconds)
        shown = _flat(json.dumps(prediction.as_record(), ensure_ascii=False).replace(json.dumps(record["file"]), ""))
        scores.leaks += sum(_flat(secret) in shown for secret in record.get("must_not_appear") or ())
        for expected, finding in zip(record["expected"], prediction.findings, strict=True):
            _score_finding(scores, record["file"], expected, finding)
    return scores


def _score_finding(scores: Scores, file: str, expected: Mapping[str, Any], finding: Finding) -> None:
    scores.parameters += 1
    is_covered = expected["verdict"] == "covered"
    right = expected["verdict"] == finding.verdict
    scores.right_verdicts += right
    scores.not_covered_expected += not is_covered
    scores.not_covered_said += not finding.is_covered
    scores.not_covered_found += not is_covered and not finding.is_covered
    if not right:
        scores.errors.append(f"{file} «{expected['name']}»: {expected['verdict']}, found {finding.verdict}")
    if is_covered:
        scores.covered_expected += 1
        exact = finding.is_covered and any(_same_value(each, finding) for each in _accepted(expected))
        scores.values_exact += exact
        scores.measured_right += finding.is_covered and expected.get("measured") == finding.measured
        if finding.is_covered and not exact:
            wanted = f"{expected['value']} {expected['unit']}"
            scores.errors.append(f"{file} «{expected['name']}»: {wanted}, found {finding.value} {finding.unit}")
        if expected.get("location"):
            scores.places_expected += 1
            scores.places_hit += any(
                _same_place(place, found) for place in _places(expected) for found in finding.locations
            )


def _accepted(expected: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (expected, *(expected.get("also_accept") or ()))


def _same_value(expected: Mapping[str, Any], finding: Finding) -> bool:
    if expected.get("value") is None:
        return False
    wanted = find_quantities(f"{expected['value']}{expected.get('unit') or ''}")
    found = find_quantities(f"{finding.value}{finding.unit or ''}")
    if len(wanted) == len(found) == 1 and wanted[0].numbers:
        same_unit = (wanted[0].unit is None) == (found[0].unit is None)
        return same_unit and wanted[0].comparator == found[0].comparator and are_equal(wanted[0], found[0])
    return _flat(f"{expected['value']}") == _flat(finding.value or "")


def _places(expected: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    places: list[Mapping[str, Any]] = []
    for each in _accepted(expected):
        location = each.get("location")
        places += location if isinstance(location, list) else [location] if location else []
    return places


def _same_place(wanted: Mapping[str, Any], found: Mapping[str, object]) -> bool:
    """A cell of the same merged range, the same slide, page or table cell, the same or the next paragraph."""
    if "sheet" in wanted:
        cells = (wanted["cell"] == found.get("cell"), "range" in wanted and wanted["range"] == found.get("range"))
        return wanted["sheet"] == found.get("sheet") and (any(cells) or "shape" in wanted)
    for keys in (("slide",), ("table", "row", "col"), ("page",)):
        if keys[0] in wanted:
            return all(wanted.get(key) == found.get(key) for key in keys)
    number = found.get("paragraph")
    return isinstance(number, int) and abs(number - int(wanted["paragraph"])) <= 1


def _flat(text: str) -> str:
    return re.sub(r"[\s,，]", "", normalise(text)).lower()


def _result(finding: Finding) -> dict[str, object]:
    places = list(finding.locations)
    return {
        "name": finding.name,
        "verdict": finding.verdict,
        "value": finding.value,
        "unit": finding.unit,
        "measured": finding.measured,
        "location": places if len(places) > 1 else (places[0] if places else None),
        "match": finding.match,
    }


def confusion(records: Sequence[Mapping[str, Any]], predictions: Sequence[Prediction]) -> Counter[tuple[str, str]]:
    """(expected, found) -> how often."""
    by_file = {prediction.file: prediction for prediction in predictions}
    return Counter(
        (expected["verdict"], finding.verdict)
        for record in records
        for expected, finding in zip(record["expected"], by_file[record["file"]].findings, strict=True)
    )


def as_plain(scores: Scores) -> dict[str, object]:
    return {**asdict(scores), "rates": scores.rates()}
