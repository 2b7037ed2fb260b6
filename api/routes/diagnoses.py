"""Needs diagnosis of a lead: suggestions from the customer's words, and the report that a rep confirms."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from api.acting import ActingDep
from api.contracts.diagnoses import Diagnosis, DiagnosisDraft, DiagnosisSuggestions, TypedWords
from api.dependencies import LocaleDep
from crm_core.customers.acting import Acting
from crm_core.foundation.translations import Locale
from crm_core.pipeline.repository import find_lead
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook
from knowledge.diagnosis.reports import DiagnosisSuggestion, Draft, confirm_diagnosis, report_of, suggest_diagnosis
from knowledge.diagnosis.tables import DiagnosisReport
from knowledge.diagnosis.voice_summary import latest_voice_summary, voice_summary_of

router = APIRouter(prefix="/api/leads/{lead_id}/diagnosis", tags=["diagnoses"])

_COLUMNS = tuple(column.key for column in DiagnosisReport.__table__.columns)


@router.get("/suggestions")
def suggest_from_transcript(
    lead_id: UUID,
    acting: ActingDep,
    locale: LocaleDep,
    transcript_id: Annotated[UUID | None, Query(description="The newest with words when left out")] = None,
) -> DiagnosisSuggestions:
    """Pain points and parameters that a transcript of the lead supports, each with its words and seconds."""
    lead = _lead(acting, lead_id)
    if transcript_id is None:
        summary = latest_voice_summary(acting, lead)
    else:
        summary = voice_summary_of(acting, lead, transcript_id, "")
    return _suggestions(acting.playbook, suggest_diagnosis(acting.session, acting.playbook, summary), locale)


@router.post("/suggestions")
def suggest_from_words(lead_id: UUID, words: TypedWords, acting: ActingDep, locale: LocaleDep) -> DiagnosisSuggestions:
    """The same from words that were typed; nothing is kept."""
    summary = voice_summary_of(acting, _lead(acting, lead_id), None, words.text)
    return _suggestions(acting.playbook, suggest_diagnosis(acting.session, acting.playbook, summary), locale)


@router.get("", response_model_exclude_unset=True)
def read_diagnosis(lead_id: UUID, acting: ActingDep, locale: LocaleDep) -> Diagnosis:
    """The confirmed report of a lead."""
    lead = _lead(acting, lead_id)
    return _shown(acting, report_of(acting, lead.id), locale)


@router.put("", response_model_exclude_unset=True)
def confirm(lead_id: UUID, draft: DiagnosisDraft, acting: ActingDep, locale: LocaleDep) -> Diagnosis:
    """Confirm the report: exactly three pain points of the lexicon; one without support in the words is flagged."""
    lead = _lead(acting, lead_id)
    summary = voice_summary_of(acting, lead, draft.transcript_id, draft.voice_summary)
    parameters = [parameter.model_dump(mode="json") for parameter in draft.parameters]
    report = confirm_diagnosis(acting, lead, Draft(summary, draft.pain_points, parameters))
    return _shown(acting, report, locale)


def _lead(acting: Acting, lead_id: UUID) -> Lead:
    return find_lead(acting.session, acting.viewer, acting.policy, lead_id)


def _suggestions(playbook: Playbook, found: DiagnosisSuggestion, locale: Locale) -> DiagnosisSuggestions:
    names = _names(playbook, locale)
    timed = found.summary.timed
    return DiagnosisSuggestions.model_validate(
        {
            "transcript_id": found.summary.transcript_id,
            "voice_summary": found.summary.words.text,
            "pain_points": [
                {
                    **asdict(suggestion),
                    "name": names[suggestion.code],
                    "quotes": [asdict(timed(quote)) for quote in suggestion.quotes],
                }
                for suggestion in found.pain_points
            ],
            "parameters": [
                {**parameter.as_row(), "quote": asdict(timed(parameter.quote))} for parameter in found.parameters
            ],
        }
    )


def _shown(acting: Acting, report: DiagnosisReport, locale: Locale) -> Diagnosis:
    names = _names(acting.playbook, locale)
    values: dict[str, Any] = {column: getattr(report, column) for column in _COLUMNS}
    values["pain_points"] = [{**row, "name": names.get(row["code"], row["code"])} for row in report.pain_points]
    presented = acting.policy.present(acting.viewer, "diagnosis", values)
    return Diagnosis.model_validate({**presented, "lead_id": report.lead_id})


def _names(playbook: Playbook, locale: Locale) -> dict[str, str]:
    return {entry.code: entry.name_en if locale == "en" else entry.name for entry in playbook.lexicon.pain_points}
