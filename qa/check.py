"""Checks a document against the parameters that a customer named, and tells what kind of document it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.documents import Document, Location
from qa.entries import Entry, Statements, statements_of
from qa.names import features, split_label
from qa.parameters import SAME_PARAMETER, Candidate, Matcher, MatchKind, RequestedParameter
from qa.quantities import are_equal
from qa.remarks import remarked
from qa.verdicts import Reading, Verdict, read_entry

_MESSAGES: dict[Verdict, str] = {
    "covered": "finding_covered",
    "missing": "finding_missing",
    "vague": "finding_vague",
    "unit_mismatch": "finding_unit_mismatch",
    "conflict": "finding_conflict",
    "hidden_only": "finding_missing",
    "unreadable": "finding_unreadable",
}
# said of one state of the product only: not the same parameter as without it
_STATES = frozenset({"待机", "空载", "放电", "瞬时", "最小", "典型", "循环寿命", "寿命"})


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer for one requested parameter; `message` is a translation key with its parameters.

    `locations` has one place per value; `excerpt` holds visible lines around it. Nothing hidden is ever in a finding.
    """

    name: str
    verdict: Verdict
    value: str | None = None
    unit: str | None = None
    measured: bool | None = None
    locations: tuple[Location, ...] = ()
    match: MatchKind = "none"
    matched_label: str = ""
    excerpt: tuple[str, ...] = ()
    message: str = "finding_missing"
    message_parameters: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def is_covered(self) -> bool:
        return self.verdict == "covered"


def check_document(
    document: Document,
    requested: Sequence[RequestedParameter],
    own_product: str | None = None,
    aliases: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Finding, ...]:
    """One finding per requested parameter, in their order."""
    visible = statements_of(document, own_product)
    revealed: Statements | None = None
    findings = []
    for parameter in requested:
        finding = _finding(parameter, visible, document, aliases or {})
        if finding.verdict == "missing":
            revealed = revealed or statements_of(document.revealed(), own_product)
            if _finding(parameter, revealed, document, aliases or {}).verdict in ("covered", "conflict"):
                finding = replace(finding, verdict="hidden_only", reason="hidden_only")
        findings.append(finding)
    return tuple(findings)


def unreadable(requested: Sequence[RequestedParameter], code: str) -> tuple[Finding, ...]:
    """Findings for a document that could not be read, with the code of the refusal."""
    return tuple(
        Finding(
            parameter.name,
            "unreadable",
            message=_MESSAGES["unreadable"],
            message_parameters={"parameter": parameter.name},
            reason=code,
        )
        for parameter in requested
    )


def _finding(
    requested: RequestedParameter, statements: Statements, document: Document, aliases: Mapping[str, Sequence[str]]
) -> Finding:
    candidates = Matcher(statements.entries, document.name, aliases).candidates(requested)
    if not candidates:
        reason = "" if statements.owner_found else "own_product_not_found"
        return _made(requested, "missing", reason=reason)
    readings = [read_entry(each, requested) for each in candidates if _as_good(each, candidates[0])]
    readings = [remarked(reading, document) for reading in readings]
    covered = [reading for reading in readings if reading.verdict == "covered"]
    if covered:
        return _covered(requested, covered, readings[0])
    for verdict in ("unit_mismatch", "vague"):
        found = [reading for reading in readings if reading.verdict == verdict]
        if found:
            return _from_reading(requested, found[0])
    return _from_reading(requested, readings[0])


def _as_good(candidate: Candidate, best: Candidate) -> bool:
    """Near enough to the best to speak of the same parameter."""
    return candidate.score >= best.score - SAME_PARAMETER or (
        candidate.entry.group != best.entry.group and candidate.recall >= max(best.recall, 0.9) - 0.02
    )


def _covered(requested: RequestedParameter, covered: list[Reading], top: Reading) -> Finding:
    """Covered, or in conflict with another place that gives a different value for the same thing."""
    best = _preferred(covered)
    if top.verdict != "covered" and not top.candidate.entry.is_prose and best.candidate.recall < top.candidate.recall:
        return _from_reading(requested, top)
    rival = next((reading for reading in covered if _contradicts(best, reading)), None)
    if rival is None:
        return _from_reading(requested, best)
    pair = sorted((best, rival), key=covered.index)
    finding = _from_reading(requested, pair[0], "conflict")
    return replace(
        finding,
        value="|".join(reading.value or "" for reading in pair),
        unit=pair[0].unit or pair[1].unit,
        locations=tuple(location for reading in pair for location in _locations(reading.candidate.entry)),
        excerpt=tuple(line for reading in pair for line in reading.candidate.entry.excerpt),
    )


def _preferred(covered: list[Reading]) -> Reading:
    """A measured value before a claimed one; otherwise the best match, tables before running text."""
    first = covered[0]
    if first.measured is False:
        same = [reading for reading in covered if reading.measured and _same_thing(first, reading)]
        return same[0] if same else first
    return first


def _contradicts(first: Reading, second: Reading) -> bool:
    if first is second or first.quantity is None or second.quantity is None:
        return (
            first is not second
            and first.quantity is second.quantity
            and first.value != second.value
            and _same_thing(first, second)
        )
    if {first.measured, second.measured} == {True, False}:
        return False
    return _same_thing(first, second) and not are_equal(first.quantity, second.quantity)


def _same_thing(first: Reading, second: Reading) -> bool:
    """Whether two places speak of the same parameter under the same conditions."""
    one, other = first.candidate.entry, second.candidate.entry
    if abs(first.candidate.recall - second.candidate.recall) > 0.05:
        return False
    if one.group and one.group == other.group and (one.label != other.label or one.context != other.context):
        return False
    if one.address == other.address and not (one.is_prose and other.is_prose):
        return False
    names = [
        features(split_label(entry.label).alternatives[0] if not entry.is_prose else entry.label)
        for entry in (one, other)
    ]
    contents = sorted((name.content() for name in names), key=len)
    if not contents[0] <= contents[1]:
        return False
    states = [features(entry.label).weights.keys() & _STATES for entry in (one, other)]
    return states[0] == states[1] and _conditions(one) == _conditions(other)


def _conditions(entry: Entry) -> frozenset[str]:
    """Temperatures given as a condition in brackets; other conditions are too loosely written to compare."""
    text = " ".join(re.findall(r"[(（]([^()（）]*)[)）]", f"{entry.label} {entry.text}"))
    return frozenset(re.findall(r"-?\d+\s*(?:℃|°C)", text))


def _from_reading(requested: RequestedParameter, reading: Reading, verdict: Verdict | None = None) -> Finding:
    entry = reading.candidate.entry
    said = verdict or reading.verdict
    finding = _made(requested, said)
    has_value = said in ("covered", "unit_mismatch", "conflict")
    return replace(
        finding,
        value=reading.value if has_value else None,
        unit=reading.unit if has_value else None,
        measured=reading.measured if said == "covered" else None,
        locations=_locations(entry),
        match=reading.candidate.kind,
        matched_label=entry.context[-1] if entry.is_prose and entry.group and entry.context else entry.label,
        excerpt=entry.excerpt,
    )


def _locations(entry: Entry) -> tuple[Location, ...]:
    return (entry.address.as_location(entry.text),)


def _made(requested: RequestedParameter, verdict: Verdict, reason: str = "") -> Finding:
    return Finding(
        requested.name,
        verdict,
        message=_MESSAGES[verdict],
        message_parameters={"parameter": requested.name, "unit": requested.unit_expected or ""},
        reason=reason,
    )


__all__ = ["Candidate", "Finding", "RequestedParameter", "check_document", "unreadable"]
