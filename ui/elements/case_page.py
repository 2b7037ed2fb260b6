"""One case in full, what it lacks for being published, and its evidence."""

from uuid import UUID

import streamlit as st

from api.contracts.cases import CaseDetail, EvidenceFacts
from ui.elements.display import day, money, plain, share
from ui.elements.frame import told_problems
from ui.session import client, me, say


def show_case(case: CaseDetail) -> None:
    """Story, methods, figures, evidence."""
    figures = {
        "cycle": None if case.cycle_days is None else say("display.days", count=case.cycle_days),
        "margin": None if case.margin is None else share(case.margin),
        "amount": None if case.amount is None else money(case.amount),
        "used": str(case.times_used),
    }
    columns = st.columns(4)
    for column, (name, value) in zip(columns, figures.items(), strict=True):
        if value is not None:
            column.metric(say(f"case.{name}"), value)
    if case.situation:
        st.caption(say("case.situation"))
        st.text(case.situation)
    st.caption(say("case.story"))
    st.text(case.story or "—")
    if case.key_actions:
        st.caption(say("case.key_actions"))
        st.markdown("\n".join(f"1. {plain(action)}" for action in case.key_actions))
    with st.container(horizontal=True, gap="small"):
        for method in case.methods:
            st.badge(method.name, color="green", icon=":material/lightbulb:")
        for point in case.pain_points:
            st.badge(point.name, color="gray")
    if case.verified_on:
        st.caption(say("case.verified", day=day(case.verified_on), until=day(case.expires_on)))


def show_evidence(case: CaseDetail) -> None:
    """What proves it, and a way to hand in more for those who may."""
    st.subheader(say("case.evidence"))
    for evidence in case.evidence:
        st.markdown(f":material/attach_file: {plain(evidence.name)} :gray[{evidence.size_bytes // 1024} kB]")
    if case.status == "draft":
        _show_upload(case.id)
        _show_publication(case)


def _show_upload(case_id: UUID) -> None:
    with st.form("evidence", clear_on_submit=True):
        file = st.file_uploader(say("case.evidence_hint"))
        if st.form_submit_button(say("case.hand_in")) and file:
            with told_problems():
                client().upload(f"/api/cases/{case_id}/evidence", EvidenceFacts, file.name, file.getvalue())
                st.rerun()


def _show_publication(case: CaseDetail) -> None:
    for code in case.missing:
        st.markdown(f":material/radio_button_unchecked: {say(f'case.missing_{code}')}")
    is_own = case.rep_id == me().person.id
    if (is_own or "case.publish" in me().rights) and st.button(
        say("case.publish"), type="primary", disabled=bool(case.missing)
    ):
        with told_problems():
            client().post(f"/api/cases/{case.id}/publish", CaseDetail)
            st.rerun()
