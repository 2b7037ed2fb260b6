"""The stages of a lead, the gate to the next one, and the moves through it."""

from html import escape
from uuid import UUID

import streamlit as st
from pydantic import BaseModel

from api.contracts.leads import (
    Back,
    Forward,
    GateView,
    GiveUp,
    LeadDetail,
    LeadMove,
    MoveFacts,
    Moves,
    PaymentStep,
    Reopen,
    Win,
    Withdraw,
)
from api.contracts.playbook import PlaybookView
from ui.elements.display import moment, plain
from ui.elements.frame import told_problems
from ui.session import client, me, say

_ICONS = {"field": ":material/edit:", "document": ":material/description:", "check": ":material/fact_check:"}


def show_stage_bar(lead: LeadDetail, playbook: PlaybookView) -> None:
    """The stages in order; passed, present and coming ones differ by sign as well as by colour."""
    codes = [stage.code for stage in playbook.stages]
    here = codes.index(lead.stage) if lead.stage in codes else 0
    steps = []
    for place, stage in enumerate(playbook.stages):
        state = "done" if place < here or lead.outcome == "won" else "here" if place == here else "ahead"
        sign = {"done": "✓", "here": "●", "ahead": "○"}[state]
        current = ' aria-current="step"' if state == "here" else ""
        steps.append(f'<li class="{state}"{current}><span aria-hidden="true">{sign}</span>{escape(stage.name)}</li>')
    st.html(f'<ol class="stage-bar" aria-label="{say("lead.stages")}">{"".join(steps)}</ol>')


def show_gate(lead: LeadDetail, playbook: PlaybookView) -> None:
    """Everything that is missing at once, each with how to supply it; a button when nothing is."""
    if lead.outcome == "won":
        _show_payment(lead)
        return
    if lead.outcome != "open":
        _show_reopen(lead)
        return
    gate = client().get(f"/api/leads/{lead.id}/gate", GateView)
    target = next((stage.name for stage in playbook.stages if stage.code == gate.next_stage), say("lead.contract"))
    with st.container(border=True, key="gate"):
        if gate.is_open:
            st.markdown(say("lead.gate_open", stage=target))
        else:
            st.markdown(say("lead.gate_closed", stage=target, count=len(gate.missing)))
            lines = [
                f"{_ICONS.get(thing.kind, ':material/block:')} **{plain(thing.label)}** — {plain(thing.how)}"
                for thing in gate.missing
            ]
            st.markdown("  \n".join(lines))
        _show_move_buttons(lead, playbook, gate, target)
        if not gate.is_open and "gate.override" in me().rights:
            _show_override(lead, gate)


def _show_override(lead: LeadDetail, gate: GateView) -> None:
    """A right of its own, and a reason that everybody sees among the moves."""
    with st.popover(say("lead.override")), st.form("override", border=False):
        st.caption(say("lead.override_hint"))
        reason = st.text_input(say("lead.reason"), max_chars=400)
        if st.form_submit_button(say("lead.confirm")) and reason.strip():
            move(lead.id, _next_step(lead, gate, override_reason=reason))


def _next_step(lead: LeadDetail, gate: GateView, *, override_reason: str | None = None) -> BaseModel:
    if gate.next_stage is None:
        return Win(kind="won", expected_version=lead.version, override_reason=override_reason)
    return Forward(
        kind="forward", to_stage=gate.next_stage, expected_version=lead.version, override_reason=override_reason
    )


def _show_move_buttons(lead: LeadDetail, playbook: PlaybookView, gate: GateView, target: str) -> None:
    with st.container(horizontal=True):
        if st.button(say("lead.advance", stage=target), type="primary", disabled=not gate.is_open):
            move(lead.id, _next_step(lead, gate))
        _show_back(lead, playbook)
        for outcome, reasons in (("lost", playbook.lost_reasons), ("parked", playbook.parked_reasons)):
            with st.popover(say(f"lead.{outcome}")), st.form(outcome, border=False):
                reason = st.selectbox(say("lead.reason"), reasons, format_func=lambda choice: choice.name)
                note = st.text_input(say("lead.note"))
                if st.form_submit_button(say("lead.confirm")) and reason:
                    move(
                        lead.id,
                        GiveUp(
                            kind=outcome,
                            reason=reason.code,
                            note=note or None,
                            expected_version=lead.version,
                        ),
                    )


def _show_back(lead: LeadDetail, playbook: PlaybookView) -> None:
    codes = [stage.code for stage in playbook.stages]
    earlier = playbook.stages[: codes.index(lead.stage)] if lead.stage in codes else []
    if not earlier:
        return
    with st.popover(say("lead.back")), st.form("back", border=False):
        target = st.selectbox(
            say("lead.to_stage"), earlier, index=len(earlier) - 1, format_func=lambda stage: stage.name
        )
        reason = st.text_input(say("lead.reason"))
        if st.form_submit_button(say("lead.confirm")) and target:
            move(lead.id, Back(kind="back", to_stage=target.code, reason=reason, expected_version=lead.version))


def _show_payment(lead: LeadDetail) -> None:
    """Signed is not paid: the two steps after the contract."""
    following = {"contract": "invoiced", "invoiced": "paid"}.get(lead.payment_state or "")
    with st.container(border=True):
        st.markdown(say(f"lead.payment_{lead.payment_state or 'contract'}"))
        if following and st.button(say(f"lead.record_{following}"), type="primary"):
            move(lead.id, PaymentStep(kind=following, expected_version=lead.version))
        if lead.payment_state == "contract" and "gate.withdraw_win" in me().rights:
            _show_withdraw(lead)


def _show_withdraw(lead: LeadDetail) -> None:
    with st.popover(say("lead.withdraw")), st.form("withdraw", border=False):
        reason = st.text_input(say("lead.reason"), max_chars=400)
        if st.form_submit_button(say("lead.confirm")) and reason.strip():
            move(lead.id, Withdraw(kind="withdrawn", reason=reason, expected_version=lead.version))


def _show_reopen(lead: LeadDetail) -> None:
    with st.popover(say("lead.reopen")), st.form("reopen", border=False):
        reason = st.text_input(say("lead.reason"))
        if st.form_submit_button(say("lead.confirm")):
            move(lead.id, Reopen(kind="reopened", reason=reason, expected_version=lead.version))


def move(lead_id: UUID, step: BaseModel) -> None:
    """Ask the gate; a refusal is told with everything that is missing."""
    with told_problems():
        client().post(f"/api/leads/{lead_id}/moves", MoveFacts, LeadMove.model_validate({"move": step.model_dump()}))
        st.rerun()


def show_moves(lead: LeadDetail, playbook: PlaybookView) -> None:
    """Every move that was made, with who, why, and how long the lead had stood."""
    names = {stage.code: stage.name for stage in playbook.stages}
    moves = client().get(f"/api/leads/{lead.id}/moves", Moves)
    for one in moves.items:
        known = [
            moment(one.moved_at, with_seconds=True),
            one.moved_by_name,
            say("lead.overridden") if one.is_override else None,
            one.reason,
        ]
        st.markdown(f"**{say(f'lead.move_{one.kind}')}** → {plain(names.get(one.to_stage, one.to_stage))}")
        st.caption(plain(" · ".join(part for part in known if part)))
