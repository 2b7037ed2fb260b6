"""Why a lead went where it went: each step in words, and everybody who could have had it."""

import pandas as pd
import streamlit as st

from api.contracts.assignment import DecisionFacts, DecisionReplay, Decisions, DecisionStep
from api.contracts.leads import LeadDetail
from api.contracts.pools import Release, Released
from ui.elements.display import moment, plain, share
from ui.elements.frame import told_problems
from ui.session import client, me, say

_RESULT_ICONS = {
    "condition_failed": ":material/do_not_disturb_on:",
    "pool_empty": ":material/person_off:",
    "nobody": ":material/group_off:",
    "assigned": ":material/check_circle:",
    "pooled": ":material/inbox:",
    "disabled": ":material/power_off:",
}


def show_assignments(lead: LeadDetail) -> None:
    """Every decision about a lead, the latest open."""
    decisions = client().get(f"/api/leads/{lead.id}/assignments", Decisions)
    if not decisions.items:
        st.caption(say("decision_steps.none"))
    for place, decision in enumerate(decisions.items):
        title = f"{moment(decision.decided_at)} · {plain(decision.cause_name)} · {plain(decision.text)}"
        with st.expander(title, expanded=place == 0):
            show_decision(decision)
    if lead.outcome == "open" and lead.owner_id == me().person.id:
        _offer_release(lead)


def show_decision(decision: DecisionFacts) -> None:
    """Who decided, for which reason, and the steps; the proof on demand."""
    told = [say("decision_steps.by", name=decision.decided_by_name)] if decision.decided_by_name else []
    if decision.previous_owner_name:
        told.append(say("decision_steps.from", name=decision.previous_owner_name))
    if decision.reason:
        told.append(say("decision_steps.reason", reason=decision.reason))
    if told:
        st.markdown(plain(" · ".join(told)))
    for warning in decision.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    show_steps(decision.steps, str(decision.id))
    if decision.steps:
        _show_proof(decision)


def show_steps(steps: list[DecisionStep], key: str) -> None:
    """One line a rule; the people behind a line for whoever may see them."""
    for place, step in enumerate(steps):
        st.markdown(f"{_RESULT_ICONS[step.result]} {plain(step.text)}")
        if step.candidates or step.left_out:
            with st.popover(say("decision_steps.people"), key=f"people-{key}-{place}"):
                _show_people(step)


def _show_people(step: DecisionStep) -> None:
    if step.candidates:
        rows = [
            {
                say("decision_steps.person"): f"{'★ ' if one.is_chosen else ''}{one.person_name}",
                say("decision_steps.turns"): one.turns,
                say("decision_steps.open_leads"): one.open_leads,
                say("decision_steps.given_today"): one.given_today,
                **({say("decision_steps.rate"): share(one.rate)} if one.rate is not None else {}),
            }
            for one in step.candidates
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True)
    if step.left_out:
        columns = {say("decision_steps.person"): [one.person_name for one in step.left_out]}
        columns[say("decision_steps.why_not")] = [one.text for one in step.left_out]
        st.dataframe(pd.DataFrame(columns), hide_index=True)
    hidden = step.left_out_count - len(step.left_out)
    if hidden > 0:
        st.caption(say("decision_steps.more_left_out", count=hidden))


def _show_proof(decision: DecisionFacts) -> None:
    """Take it again from what is kept, and say whether it is the same."""
    version = say("decision_steps.version", version=decision.playbook_version or 0)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{version} · {(decision.roster_digest or '')[:12]}")
        if st.button(say("decision_steps.replay"), key=f"replay-{decision.id}", type="tertiary"):
            with told_problems():
                path = f"/api/leads/{decision.lead_id}/assignments/{decision.id}/replay"
                replay = client().get(path, DecisionReplay)
                result = "identical" if replay.is_identical else f"problem_{replay.problem}"
                st.markdown(say(f"decision_steps.{result}"))


def _offer_release(lead: LeadDetail) -> None:
    with st.popover(say("decision_steps.release"), icon=":material/undo:"), st.form("release", border=False):
        reason = st.text_input(say("decision_steps.release_reason"), max_chars=400)
        if st.form_submit_button(say("decision_steps.release_confirm"), type="primary"):
            with told_problems():
                released = client().post(f"/api/leads/{lead.id}/release", Released, Release(reason=reason))
                st.success(say("decision_steps.released", pool=plain(released.pool_name)))
