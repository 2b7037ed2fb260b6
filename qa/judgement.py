"""From a file to the verdict that a gate asks for: readable, of its kind, this customer's, nothing left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from qa.check import Finding, RequestedParameter, check_document, unreadable
from qa.document_kinds import detect_document_kind, names_customer
from qa.documents import Document
from qa.errors import DocumentRefused
from qa.reading import read_document

#: kinds that are judged by what they contain; of these the gate documents must name their customer
JUDGED_KINDS = ("solution_deck", "cost_sheet", "comparison_sheet")
_BEARS_A_NAME = ("solution_deck", "cost_sheet")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be checked: a file, the kind it is said to be, whose it is, what the customer wants to see."""

    path: Path
    name: str
    kind: str
    customer: str
    requested: tuple[RequestedParameter, ...] = ()
    own_product: str | None = None
    aliases: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer; `reasons` are {code, parameters} and empty when it passed."""

    verdict: Literal["passed", "failed"]
    reasons: tuple[dict[str, Any], ...]
    findings: tuple[Finding, ...]
    detected_kind: str | None = None
    names_customer: bool | None = None
    warnings: tuple[str, ...] = ()

    def findings_as_json(self) -> list[dict[str, Any]]:
        return [asdict(finding) for finding in self.findings]


def judge(question: Question) -> Judgement:
    """Read and check a file; one that cannot be read fails with the code of its refusal."""
    try:
        document = read_document(question.path, question.name)
    except DocumentRefused as refusal:
        findings = unreadable(question.requested, refusal.code)
        return Judgement("failed", (_reason(refusal.code, **refusal.parameters),), findings)
    findings = check_document(document, question.requested, question.own_product, question.aliases)
    detected = detect_document_kind(document).kind
    named = names_customer(document, question.customer)
    reasons = [*_of_kind(question, document, detected), *_of_customer(question, named=named)]
    reasons += [
        _reason(finding.message, **finding.message_parameters) for finding in findings if not finding.is_covered
    ]
    return Judgement("failed" if reasons else "passed", tuple(reasons), findings, detected, named, document.warnings)


def _of_kind(question: Question, document: Document, detected: str) -> list[dict[str, Any]]:
    if not document.visible_text().strip():
        return [_reason("document_without_content", name=question.name)]
    if question.kind in JUDGED_KINDS and detected != question.kind:
        return [_reason("document_of_another_kind", name=question.name, kind=question.kind, found=detected)]
    return []


def _of_customer(question: Question, *, named: bool) -> list[dict[str, Any]]:
    if question.kind in _BEARS_A_NAME and not named:
        return [_reason("customer_name_absent", name=question.name, customer=question.customer)]
    return []


def _reason(code: str, **parameters: Any) -> dict[str, Any]:
    return {"code": code, "parameters": parameters}
