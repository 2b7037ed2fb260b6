"""The manager's page: where the leads stand, signed and paid apart, and the list behind each number."""

from dataclasses import replace

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.leads import BoardView, Leads
from ui.elements.display import money
from ui.elements.links import link
from ui.elements.numbers import Number, show_numbers, stage_number
from ui.elements.record_cards import show_lead_line
from ui.session import client, say

_PAYMENT_STATES = ("contract", "invoiced", "paid")
#: where the chosen number is kept, so that the numbers themselves can choose
_NUMBER = "team_number"


def show() -> None:
    """Money first, then the funnel, then what stands too long."""
    st.title(say("team.title"))
    board = client().get("/api/leads/board", BoardView)
    _show_money(board)
    _show_funnel(board)
    _show_list(board)
    link("certification", say("team.certification"), icon=":material/verified:")
    link("skills", say("team.skills"), icon=":material/fitness_center:")


def _show_money(board: BoardView) -> None:
    """Signed is not paid, so the three stand side by side."""
    if board.payments is None:
        return
    signed = sum(board.payments.values())
    numbers = [Number("payment:", say("team.signed"), signed)] + [
        Number(f"payment:{state}", say(f"team.payment_{state}"), board.payments.get(state, 0))
        for state in _PAYMENT_STATES
    ]
    show_numbers("payments", numbers, _choose_number)
    st.caption(say("team.signed_is_not_paid", signed=signed, paid=board.payments.get("paid", 0)))


def _choose_number(code: str) -> None:
    st.session_state[_NUMBER] = code


def _show_funnel(board: BoardView) -> None:
    rows = [
        {"stage": stage.name, "leads": stage.count - stage.overdue, "state": say("team.in_time"), "order": place}
        for place, stage in enumerate(board.stages)
    ] + [
        {"stage": stage.name, "leads": stage.overdue, "state": say("record_cards.overdue"), "order": place}
        for place, stage in enumerate(board.stages)
    ]
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar()
        .encode(
            x=alt.X("leads:Q", title=say("team.open_leads"), axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("stage:N", title=None, sort=[stage.name for stage in board.stages]),
            color=alt.Color(
                "state:N",
                title=None,
                scale=alt.Scale(
                    domain=[say("team.in_time"), say("record_cards.overdue")], range=["#0f766e", "#d97706"]
                ),
            ),
            tooltip=[
                alt.Tooltip("stage", title=say("leads.stage")),
                alt.Tooltip("state", title=say("team.state")),
                alt.Tooltip("leads", title=say("team.open_leads")),
            ],
        )
        .properties(height=alt.Step(34))
    )
    st.subheader(say("team.funnel"))
    st.altair_chart(chart, width="stretch", alt=say("team.funnel"))
    stages = [replace(stage_number(stage), code=f"stage:{stage.stage}") for stage in board.stages]
    show_numbers("stages", stages, _choose_number)


def _show_list(board: BoardView) -> None:
    """The leads behind a number."""
    st.subheader(say("team.behind"))
    options = {f"stage:{stage.stage}": stage.name for stage in board.stages}
    options |= {"payment:": say("team.signed")}
    options |= {f"payment:{state}": say(f"team.payment_{state}") for state in _PAYMENT_STATES}
    fullest = max(board.stages, key=lambda stage: stage.overdue)
    st.session_state.setdefault(_NUMBER, f"stage:{fullest.stage}")
    chosen = st.selectbox(say("team.number"), list(options), key=_NUMBER, format_func=lambda code: options[code])
    kind, _, code = (chosen or "").partition(":")
    late = kind == "stage" and st.toggle(say("leads.overdue"))
    found = client().get(
        "/api/leads",
        Leads,
        stage=code if kind == "stage" else None,
        outcome="open" if kind == "stage" else "won",
        payment_state=code or None if kind == "payment" else None,
        overdue=True if late else None,
        sort="stage_entered_at" if kind == "stage" else "outcome_at",
        order="ascending" if kind == "stage" else "descending",
        limit=10,
    )
    amounts = [lead.amount for lead in found.items if lead.amount is not None]
    st.caption(say("team.list_count", total=found.total, shown=len(found.items), amount=money(sum(amounts) or None)))
    for lead in found.items:
        show_lead_line(lead)


show()
