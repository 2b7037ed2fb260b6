"""A draft replayed on real history: whether it may go live, what it would change, and the list behind each figure."""

from uuid import UUID

import streamlit as st

from api.contracts.rehearsals import RehearsalFacts, RehearsalResult, Rehearsals, RehearsalWish
from ui.elements.display import moment, plain
from ui.elements.frame import told_problems
from ui.elements.links import asked_id, link
from ui.elements.rehearsal_lists import show_list
from ui.elements.rehearsal_pictures import show_alarms, show_assignment, show_gates, show_stages
from ui.elements.rehearsal_tables import show_access, show_reviews
from ui.elements.rehearsal_verdict import show_verdict
from ui.session import client, say

_DEFAULT_DAYS = 30
_AT_WORK = frozenset({"waiting", "running"})


def show() -> None:
    """The rehearsals of the draft that the address names."""
    st.title(say("rehearsal.title"))
    draft_id = asked_id()
    if draft_id is None:
        st.info(say("rehearsal.which"))
        link("process", say("rehearsal.to_process"), icon=":material/arrow_back:")
        return
    link("process", say("rehearsal.to_draft"), draft_id, icon=":material/arrow_back:")
    st.caption(say("rehearsal.hint"))
    known = client().get(f"/api/playbook/drafts/{draft_id}/rehearsals", Rehearsals).items
    _show_start(draft_id, known[0].days if known else _DEFAULT_DAYS)
    if known:
        _show_rehearsal(_chosen(known), draft_id)


def _show_start(draft_id: UUID, days: int) -> None:
    with st.form("rehearse", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.number_input(say("rehearsal.days"), min_value=1, max_value=365, value=days, width=200)
        if st.form_submit_button(say("rehearsal.start"), type="primary", icon=":material/play_arrow:"):
            with told_problems():
                path = f"/api/playbook/drafts/{draft_id}/rehearsals"
                client().post(path, RehearsalFacts, RehearsalWish(days=int(wanted)))
                st.session_state.pop("rehearsal", None)
                st.rerun()


def _chosen(known: list[RehearsalFacts]) -> UUID:
    """The latest one, unless an older one is wanted."""
    if len(known) == 1:
        return known[0].id
    names = {
        rehearsal.id: f"{moment(rehearsal.created_at)} · {say(f'rehearsal.status_{rehearsal.status}')}"
        for rehearsal in known
    }
    chosen = st.selectbox(say("rehearsal.which_run"), list(names), key="rehearsal", format_func=lambda one: names[one])
    return chosen or known[0].id


def _show_rehearsal(rehearsal_id: UUID, draft_id: UUID) -> None:
    rehearsal = client().get(f"/api/rehearsals/{rehearsal_id}", RehearsalFacts)
    if rehearsal.status in _AT_WORK:
        _watch(str(rehearsal_id))
        return
    if rehearsal.problem:
        st.error(plain(rehearsal.problem), icon=":material/error:")
    if rehearsal.result is None:
        return
    show_verdict(rehearsal, rehearsal.result)
    _show_next_step(rehearsal, draft_id)
    _show_parts(rehearsal_id, rehearsal.result)


def _show_next_step(rehearsal: RehearsalFacts, draft_id: UUID) -> None:
    """Say that one has seen it; then the way to publishing."""
    if not rehearsal.is_current:
        st.warning(say("rehearsal.outdated"), icon=":material/history:")
        return
    if rehearsal.seen_at is None:
        if st.button(say("rehearsal.seen"), type="primary", icon=":material/visibility:"):
            with told_problems():
                client().post(f"/api/rehearsals/{rehearsal.id}/seen", RehearsalFacts)
                st.rerun()
        return
    st.caption(say("rehearsal.seen_by", name=plain(rehearsal.seen_by_name), when=moment(rehearsal.seen_at)))
    link("process", say("rehearsal.to_publish"), draft_id, icon=":material/publish:")


def _show_parts(rehearsal_id: UUID, result: RehearsalResult) -> None:
    names = ("assignment", "gates", "alarms", "stages", "access", "reviews")
    assignment, gates, alarms, stages, access, reviews = st.tabs([say(f"rehearsal.part_{name}") for name in names])
    with assignment:
        show_list(rehearsal_id, "assignment", show_assignment(rehearsal_id, result))
    with gates:
        show_list(rehearsal_id, "move", show_gates(result))
    with alarms:
        show_list(rehearsal_id, "alarm", show_alarms(result))
    with stages:
        show_list(rehearsal_id, "stage", show_stages(result))
    with access:
        show_access(result)
    with reviews:
        show_reviews(result)
        link("stage_health", say("rehearsal.to_stage_health"), icon=":material/monitoring:")


@st.fragment(run_every=1.0)
def _watch(rehearsal_id: str) -> None:
    """Asked for each second until the job is done."""
    with told_problems():
        rehearsal = client().get(f"/api/rehearsals/{rehearsal_id}", RehearsalFacts)
        if rehearsal.status not in _AT_WORK:
            st.rerun()
        done = rehearsal.leads_done / rehearsal.leads_total if rehearsal.leads_total else 0.0
        told = say("rehearsal.progress", done=rehearsal.leads_done, total=rehearsal.leads_total)
        st.progress(min(1.0, done), told if rehearsal.leads_total else say("rehearsal.status_waiting"))


show()
