"""Diagnoses, method uses, won cases and the points for them as rows."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from api.demo.catalogue import Content
from api.demo.loading.dated_rows import DatedRow, identity
from api.demo.records import Account, Diagnosis, Lead
from api.demo.stories import spoken
from crm_core.customers.tables import Customer
from crm_core.people.tables import Person
from crm_core.pipeline import tables as pipeline
from crm_core.process.playbook import Playbook
from knowledge.cases.tables import Case, CaseMethod
from knowledge.diagnosis.tables import DiagnosisReport
from knowledge.methods.tables import MethodUse

_OPERATORS = {"≥": ">=", "≤": "<=", "=": "="}


def diagnosis_rows(lead: Lead) -> Iterator[DatedRow]:
    """The needs diagnosis with the words that support each pain point."""
    report = lead.diagnosis
    if report is None:
        return
    by = identity(Person, report.submitted_by)
    values = {
        "id": identity(DiagnosisReport, lead.code),
        "created_at": report.submitted_at,
        "lead_id": identity(pipeline.Lead, lead.code),
        "voice_summary": report.voice_summary,
        "pain_points": [
            {"code": code, "is_supported": bool(quote), "quotes": _quotes(report, quote)}
            for code, quote in zip(report.pain_points, report.quotes, strict=True)
        ],
        "parameters": _parameters(report),
        "confirmed_by": by,
        "confirmed_at": report.submitted_at,
    }
    yield DatedRow(DiagnosisReport, values, report.submitted_at, by)


def _quotes(report: Diagnosis, words: str | None) -> list[dict[str, Any]]:
    """Where the words stand in the summary; they were typed, so they have no seconds."""
    start = report.voice_summary.find(words) if words else -1
    if words is None or start < 0:
        return []
    place = {"start": start, "end": start + len(words), "start_seconds": None, "end_seconds": None}
    return [{"text": words, **place}]


def _parameters(report: Diagnosis) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "op": _OPERATORS[parameter.comparator],
            "value": parameter.value,
            "unit": parameter.unit,
            "quote": next(iter(_quotes(report, spoken(parameter))), None),
        }
        for parameter in report.parameters
    ]


def method_use_rows(lead: Lead) -> Iterator[DatedRow]:
    for use in lead.methods:
        rep = identity(Person, use.rep_code)
        values = {
            "id": identity(MethodUse, f"{lead.code}-{use.method}"),
            "created_at": use.used_at,
            "rep_id": rep,
            "lead_id": identity(pipeline.Lead, lead.code),
            "method_code": use.method,
            "used_at": use.used_at,
            "details": {},
        }
        yield DatedRow(MethodUse, values, use.used_at, rep)


def case_rows(account: Account, lead: Lead, content: Content, playbook: Playbook) -> Iterator[DatedRow]:
    """A won case, published the moment it was written."""
    case = lead.case
    if case is None or lead.contract is None:
        return
    customer = account.customer
    sizes = {choice.code: choice.name.zh for choice in playbook.customer_sizes}
    written_on = case.captured_at.date()
    by = identity(Person, winner_of(lead))
    values = {
        "id": identity(Case, case.code),
        "created_at": case.captured_at,
        "title": case.title,
        "industry": content.industries[customer.industry].name,
        "size": f"{customer.customer_type}，{sizes[customer.size]}",
        "region": customer.city,
        "situation": case.situation,
        "pain_points": list(case.pain_points),
        "products": [content.product(lead.product_code).name],
        "key_actions": list(case.key_actions),
        "story": case.story,
        "cycle_days": case.cycle_days,
        "margin": case.margin,
        "amount": Decimal(case.amount),
        "signed_on": lead.contract.signed_on,
        "lead_id": identity(pipeline.Lead, lead.code),
        "customer_id": identity(Customer, customer.code),
        "rep_id": by,
        "owner_id": identity(Person, lead.owner_code),
        "status": "published",
        "published_at": case.captured_at,
        "verified_on": written_on,
        "expires_on": written_on + timedelta(days=playbook.cases.verified_for_days),
        "changed_at": case.captured_at,
        "version": 1,
    }
    yield DatedRow(Case, values, case.captured_at, by)


def case_method_rows(lead: Lead) -> Iterator[DatedRow]:
    case = lead.case
    if case is None:
        return
    by = identity(Person, winner_of(lead))
    for method in case.methods:
        values = {
            "id": identity(CaseMethod, f"{case.code}-{method}"),
            "created_at": case.captured_at,
            "case_id": identity(Case, case.code),
            "method_code": method,
        }
        yield DatedRow(CaseMethod, values, case.captured_at, by)


def winner_of(lead: Lead) -> str:
    """Who signed; not whoever looks after the customer today."""
    return next(move.moved_by for move in lead.moves if move.kind == "won")
