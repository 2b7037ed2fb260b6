"""Suggests and confirms the needs diagnosis of a lead."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.timeline import Happening, append, channel_of
from crm_core.foundation import clock
from crm_core.foundation.events import publish
from crm_core.pipeline.leads import update_lead
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook
from knowledge.diagnosis.company_finder import finder_of
from knowledge.diagnosis.errors import (
    DiagnosisNotFound,
    PainPointCountWrong,
    PainPointRepeated,
    PainPointUnknown,
)
from knowledge.diagnosis.events import DiagnosisConfirmed
from knowledge.diagnosis.pain_points import Suggestion
from knowledge.diagnosis.parameters import NamedParameter, named_parameters
from knowledge.diagnosis.spoken_text import Quote
from knowledge.diagnosis.tables import DiagnosisReport
from knowledge.diagnosis.voice_summary import VoiceSummary

PAIN_POINTS_REQUIRED = 3


@dataclass(frozen=True, slots=True)
class DiagnosisSuggestion:
    """What the words support: at most three pain points, and the parameters that the customer named."""

    summary: VoiceSummary
    pain_points: tuple[Suggestion, ...]
    parameters: tuple[NamedParameter, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a rep wants to confirm; each parameter is {name, op, value, unit}."""

    summary: VoiceSummary
    pain_points: Sequence[str]
    parameters: Sequence[Mapping[str, Any]]


def suggest_diagnosis(session: Session, playbook: Playbook, summary: VoiceSummary) -> DiagnosisSuggestion:
    """Look for pain points and parameters in the customer's words."""
    found = finder_of(session, playbook).suggest(summary.words)
    return DiagnosisSuggestion(summary, found, named_parameters(summary.words))


def confirm_diagnosis(acting: Acting, lead: Lead, draft: Draft) -> DiagnosisReport:
    """Keep the report of a lead and give the lead its three pain points; confirming again replaces it.

    A pain point that no word of the customer supports is kept and flagged. Raises PainPointCountWrong and others.
    """
    acting.policy.require_editable(acting.viewer, "diagnosis", ["pain_points", "parameters", "voice_summary"])
    _require_three(acting.playbook, draft.pain_points)
    evidence = _with_evidence(acting, draft)
    # two who confirm at once go one after the other: the second one finds the first one's report
    acting.session.refresh(lead, with_for_update=True)
    report = acting.session.scalar(select(DiagnosisReport).where(DiagnosisReport.lead_id == lead.id))
    if report is None:
        report = DiagnosisReport(lead_id=lead.id)
        acting.session.add(report)
    report.transcript_id = draft.summary.transcript_id
    report.voice_summary = draft.summary.words.text
    report.pain_points = evidence
    report.parameters = _with_quotes(draft)
    report.confirmed_by, report.confirmed_at = acting.person_id, clock.now()
    acting.session.flush()
    update_lead(acting, lead, {"pain_points": list(draft.pain_points)})
    _tell(acting, lead, report)
    return report


def report_of(acting: Acting, lead_id: UUID) -> DiagnosisReport:
    """The confirmed report of a lead, within the viewer's reach for reports, which may be shorter than for leads.

    Raises FieldForbidden, DiagnosisNotFound.
    """
    acting.policy.require_readable(acting.viewer, "diagnosis", ["pain_points"])
    visible = acting.policy.visible(acting.viewer, "diagnosis", LEAD_COLUMNS)
    statement = select(DiagnosisReport).join(Lead, Lead.id == DiagnosisReport.lead_id)
    report = acting.session.scalar(statement.where(DiagnosisReport.lead_id == lead_id, visible))
    if report is None:
        raise DiagnosisNotFound(lead_id=lead_id)
    return report


def named_parameters_of(session: Session, lead_id: UUID) -> list[dict[str, Any]]:
    """The parameters that a lead's customer named, as {name, op, value, unit}; none before the diagnosis."""
    rows = session.scalar(select(DiagnosisReport.parameters).where(DiagnosisReport.lead_id == lead_id)) or []
    return [{key: row[key] for key in ("name", "op", "value", "unit")} for row in rows]


def _require_three(playbook: Playbook, codes: Sequence[str]) -> None:
    names = {entry.code: entry.name for entry in playbook.lexicon.pain_points}
    unknown = [code for code in codes if code not in names]
    if unknown:
        raise PainPointUnknown(unknown=", ".join(unknown))
    repeated = [names[code] for code, count in Counter(codes).items() if count > 1]
    if repeated:
        raise PainPointRepeated(repeated="、".join(repeated))
    if len(codes) != PAIN_POINTS_REQUIRED:
        lacking = PAIN_POINTS_REQUIRED - len(codes)
        raise PainPointCountWrong(
            required=PAIN_POINTS_REQUIRED, given=len(codes), missing=max(lacking, 0), surplus=max(-lacking, 0)
        )


def _with_evidence(acting: Acting, draft: Draft) -> list[dict[str, Any]]:
    """Each pain point with the words that support it, and whether any do."""
    finder = finder_of(acting.session, acting.playbook)
    rows = []
    for code in draft.pain_points:
        support = finder.support(draft.summary.words, code)
        quotes = _rows(draft.summary, support.quotes if support else ())
        rows.append({"code": code, "is_supported": support is not None, "quotes": quotes})
    return rows


def _with_quotes(draft: Draft) -> list[dict[str, Any]]:
    """Each parameter with the customer's words, where they were heard."""
    heard = {_key(parameter.as_row()): parameter.quote for parameter in named_parameters(draft.summary.words)}
    rows = []
    for parameter in draft.parameters:
        quote = heard.get(_key(parameter))
        rows.append({**parameter, "quote": next(iter(_rows(draft.summary, [quote])), None) if quote else None})
    return rows


def _key(parameter: Mapping[str, Any]) -> tuple[str, str, str]:
    value = parameter["value"]
    numbers = value if isinstance(value, list | tuple) else [value]
    return (
        str(parameter["op"]),
        " ".join(f"{number:g}" if isinstance(number, int | float) else str(number) for number in numbers),
        str(parameter["unit"]),
    )


def _rows(summary: VoiceSummary, quotes: Iterable[Quote]) -> list[dict[str, Any]]:
    return [asdict(summary.timed(quote)) for quote in quotes]


def _tell(acting: Acting, lead: Lead, report: DiagnosisReport) -> None:
    unsupported = tuple(row["code"] for row in report.pain_points if not row["is_supported"])
    codes = tuple(row["code"] for row in report.pain_points)
    append(
        acting.session,
        Happening(
            customer_id=lead.customer_id,
            lead_id=lead.id,
            kind="diagnosis",
            channel=channel_of(acting.session),
            actor_id=acting.person_id,
            code="diagnosis_confirmed",
            details={"record": "lead", "field": "pain_points", "report_id": str(report.id)},
        ),
    )
    publish(
        acting.session,
        DiagnosisConfirmed(report.id, lead.id, lead.customer_id, acting.person_id, codes, unsupported),
    )
