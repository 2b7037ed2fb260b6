"""One case in full: what it lacks for the library, its evidence, and what the viewer may do about it."""

from uuid import UUID

import streamlit as st

from api.contracts.cases import CaseDetail, CaseTelling, EvidenceFacts
from ui.elements.case_form import ask_telling
from ui.elements.display import day, money, plain, share
from ui.elements.frame import told_problems
from ui.elements.numbers import Number, show_numbers
from ui.session import client, me, say

_STATUS_COLORS = {"draft": "orange", "published": "green", "retired": "gray"}


def show_case(case: CaseDetail) -> None:
    """Where it stands first, then the story, then what proves it."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        color = _STATUS_COLORS[case.status or "draft"]
        st.badge(say(f"case.status_{case.status}"), color=color)  # type: ignore[arg-type]  # one of the table above
        known = [case.industry, case.region, case.rep_name]
        st.caption(plain(" · ".join(part for part in known if part)))
    _show_publication(case)
    _show_figures(case)
    _show_story(case)
    _show_evidence(case)
    if case.status == "draft" and _may_change(case):
        _show_telling(case)


def _may_publish() -> bool:
    return "case.publish" in me().rights


def _may_change(case: CaseDetail) -> bool:
    return _may_publish() or me().person.id in {case.rep_id, case.owner_id}


def _show_publication(case: CaseDetail) -> None:
    """Everything that is missing at once, or the button of those who accept cases, or for whom one waits."""
    if case.status == "published" and _may_publish():
        _show_care(case)
    if case.status != "draft":
        return
    if case.missing:
        st.markdown(f"**{say('case.lacks')}**")
        for code in case.missing:
            st.markdown(f":material/radio_button_unchecked: {say(f'case.missing_{code}')}")
    elif _may_publish():
        st.caption(say("case.ready", name=plain(case.rep_name) or "—"))
        if st.button(say("case.publish"), type="primary", icon=":material/publish:"):
            _do(case.id, "publish")
    else:
        st.info(say("case.waits"), icon=":material/hourglass_top:")


def _show_care(case: CaseDetail) -> None:
    with st.container(horizontal=True):
        if st.button(say("case.verify"), icon=":material/verified:"):
            _do(case.id, "verify")
        if st.button(say("case.retire"), icon=":material/inventory_2:"):
            _do(case.id, "retire")


def _do(case_id: UUID, step: str) -> None:
    with told_problems():
        client().post(f"/api/cases/{case_id}/{step}", CaseDetail)
        st.rerun()


def _show_figures(case: CaseDetail) -> None:
    figures = {
        "cycle": None if case.cycle_days is None else say("display.days", count=case.cycle_days),
        "margin": None if case.margin is None else share(case.margin),
        "amount": None if case.amount is None else money(case.amount),
        "used": say("case.times", count=case.times_used),
    }
    known = {name: value for name, value in figures.items() if value is not None}
    show_numbers("case", [Number(name, say(f"case.{name}"), value) for name, value in known.items()])


def _show_story(case: CaseDetail) -> None:
    with st.container(horizontal=True, gap="small"):
        for method in case.methods:
            st.badge(method.name, color="green", icon=":material/lightbulb:")
        for point in case.pain_points:
            st.badge(point.name, color="gray")
    if case.situation:
        st.markdown(f"**{say('case.situation')}**")
        st.markdown(plain(case.situation))
    st.markdown(f"**{say('case.story')}**")
    st.markdown(plain(case.story) or "—")
    if case.key_actions:
        st.markdown(f"**{say('case.key_actions')}**")
        st.markdown("\n".join(f"1. {plain(action)}" for action in case.key_actions))
    if case.verified_on:
        st.caption(say("case.verified", day=day(case.verified_on), until=day(case.expires_on)))


def _show_evidence(case: CaseDetail) -> None:
    """What proves it, and a way to hand in more for those who may."""
    st.markdown(f"**{say('case.evidence')}**")
    if not case.evidence:
        st.caption(say("case.no_evidence"))
    for evidence in case.evidence:
        _show_file(case.id, evidence)
    if case.status == "draft" and _may_change(case):
        _show_upload(case.id)


def _show_file(case_id: UUID, evidence: EvidenceFacts) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        size = max(1, evidence.size_bytes // 1024)
        st.markdown(f":material/attach_file: {plain(evidence.name)} :gray[{size} kB]", width="content")
        if st.button(say("documents.fetch"), key=f"fetch-{evidence.id}", type="tertiary"):
            content = client().download(f"/api/cases/{case_id}/evidence/{evidence.id}/content")
            st.download_button(say("documents.save"), content, evidence.name, key=f"save-{evidence.id}")


def _show_upload(case_id: UUID) -> None:
    with st.form("evidence", clear_on_submit=True):
        file = st.file_uploader(say("case.evidence_hint"))
        sent = st.form_submit_button(say("case.hand_in"))
        if sent and not file:
            st.warning(say("frame.file_first"))
        if sent and file:
            with told_problems():
                client().upload(f"/api/cases/{case_id}/evidence", EvidenceFacts, file.name, file.getvalue())
                st.rerun()


def _show_telling(case: CaseDetail) -> None:
    with st.expander(say("case.tell_again"), icon=":material/edit:"), st.form("telling", border=False):
        told = ask_telling(case)
        if st.form_submit_button(say("lead.save")):
            with told_problems():
                client().put(f"/api/cases/{case.id}", CaseDetail, CaseTelling(**told))
                st.rerun()
