"""《需求诊断报告》: the words suggest pain points and parameters, the rep confirms exactly three."""

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from api.contracts.diagnoses import (
    Diagnosis,
    DiagnosisDraft,
    DiagnosisSuggestions,
    ParameterDraft,
    QuoteView,
    SuggestedParameter,
)
from api.contracts.playbook import PlaybookView
from ui.api_client import Problem
from ui.elements.display import clock_time, moment, plain
from ui.elements.frame import told_problems
from ui.elements.lead_voice import latest_transcript
from ui.session import client, say

_PAIN_POINTS = 3
_SIGNS = {"<=": "≤", ">=": "≥", "=": "=", "range": ""}


def show_diagnosis(lead_id: UUID, playbook: PlaybookView) -> None:
    """The report in force, then what the latest words suggest."""
    st.subheader(say("diagnosis.title"))
    report = _report(lead_id)
    if report:
        _show_report(report)
    transcript = latest_transcript(lead_id)
    if transcript is None or transcript.status != "done":
        if report is None:
            st.caption(say("diagnosis.needs_words"))
        return
    if report and report.transcript_id == transcript.id:
        return
    suggested = client().get(
        f"/api/leads/{lead_id}/diagnosis/suggestions", DiagnosisSuggestions, transcript_id=transcript.id
    )
    _show_suggestions(suggested)
    _show_form(lead_id, suggested, playbook)


def _report(lead_id: UUID) -> Diagnosis | None:
    try:
        return client().get(f"/api/leads/{lead_id}/diagnosis", Diagnosis)
    except Problem as problem:
        if problem.status == 404:
            return None
        raise


def _show_report(report: Diagnosis) -> None:
    with st.container(border=True, key="diagnosis-report"):
        st.markdown(f"**{say('diagnosis.confirmed')}** :gray[{moment(report.confirmed_at)}]")
        for point in report.pain_points or []:
            support = _quotes(point.quotes) if point.is_supported else say("diagnosis.unsupported")
            icon = ":material/check_circle:" if point.is_supported else ":material/warning:"
            st.markdown(f"{icon} **{plain(point.name)}** {support}")
        for parameter in report.parameters or []:
            st.markdown(f":material/straighten: {plain(_parameter(parameter))}")


def _show_suggestions(suggested: DiagnosisSuggestions) -> None:
    if not suggested.pain_points:
        st.info(say("diagnosis.silence"), icon=":material/hearing:")
    lines = [
        f":material/lightbulb: **{plain(point.name)}** {_quotes(point.quotes)}" for point in suggested.pain_points
    ] + [
        f":material/straighten: **{plain(_parameter(parameter))}** {_quotes([parameter.quote])}"
        for parameter in suggested.parameters
    ]
    st.markdown("  \n".join(lines))


def _show_form(lead_id: UUID, suggested: DiagnosisSuggestions, playbook: PlaybookView) -> None:
    names = {point.code: point.name for point in playbook.pain_points}
    with st.form("diagnosis"):
        chosen = st.multiselect(
            say("diagnosis.choose"),
            list(names),
            default=[point.code for point in suggested.pain_points if point.code in names],
            placeholder=say("frame.choose"),
            format_func=lambda code: names[code],
            max_selections=_PAIN_POINTS,
        )
        kept = st.multiselect(
            say("diagnosis.parameters"),
            range(len(suggested.parameters)),
            default=list(range(len(suggested.parameters))),
            placeholder=say("frame.choose"),
            format_func=lambda place: _parameter(suggested.parameters[place]),
        )
        if not st.form_submit_button(say("diagnosis.confirm"), type="primary"):
            return
    draft = DiagnosisDraft(
        transcript_id=suggested.transcript_id,
        voice_summary=suggested.voice_summary,
        pain_points=chosen,
        parameters=[_drafted(suggested.parameters[place]) for place in kept],
    )
    with told_problems():
        client().put(f"/api/leads/{lead_id}/diagnosis", Diagnosis, draft)
        st.rerun()


def _drafted(parameter: SuggestedParameter) -> ParameterDraft:
    return ParameterDraft(name=parameter.name, op=parameter.op, value=parameter.value, unit=parameter.unit)


def _parameter(parameter: SuggestedParameter | ParameterDraft) -> str:
    value = parameter.value
    shown = "–".join(f"{bound:g}" for bound in value) if isinstance(value, tuple) else value
    shown = f"{shown:g}" if isinstance(shown, float) else str(shown)
    return f"{parameter.name} {_SIGNS[parameter.op]}{shown} {parameter.unit}".strip()


def _quotes(quotes: Sequence[QuoteView]) -> str:
    """The customer's words with their place in the recording."""
    shown = []
    for quote in quotes[:2]:
        place = f"`{clock_time(quote.start_seconds)}` " if quote.start_seconds is not None else ""
        shown.append(f"{place}“{plain(quote.text)}”")
    return ":gray[" + " ".join(shown) + "]" if shown else ""
