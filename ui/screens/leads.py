"""The stage board, and the list behind each of its numbers."""

from typing import Any

import streamlit as st

from api.contracts.leads import BoardView, Leads
from ui.elements.bulk_edit import show_bulk_edit
from ui.elements.numbers import show_numbers, stage_number
from ui.elements.paging import page_offset, show_pager
from ui.elements.record_cards import show_lead_line
from ui.session import client, say

_PAGE_LENGTH = 20
_OUTCOMES = ("open", "won", "lost", "parked")
#: where the choices of the list are kept, so that a number can make them
_STAGE, _OUTCOME = "lead_stage", "lead_outcome"


def show() -> None:
    """Numbers first; choosing one lists its leads."""
    st.title(say("leads.title"))
    board = client().get("/api/leads/board", BoardView)
    show_numbers("stages", [stage_number(stage) for stage in board.stages], _choose_stage)
    _show_list({stage.stage: stage.name for stage in board.stages})


def _choose_stage(stage: str) -> None:
    st.session_state[_STAGE], st.session_state[_OUTCOME] = stage, "open"


def _show_list(stages: dict[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state.setdefault(_OUTCOME, "open")
        stage = st.pills(say("leads.stage"), list(stages), key=_STAGE, format_func=lambda code: stages[code])
        outcome = st.pills(
            say("leads.outcome"), _OUTCOMES, key=_OUTCOME, format_func=lambda code: say(f"leads.outcome_{code}")
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(say("leads.search"), width=280)
        mine = st.toggle(say("leads.mine"))
        overdue = st.toggle(say("leads.overdue"))
        in_bulk = st.toggle(say("leads.bulk"))
    filters = {
        "stage": stage,
        "outcome": outcome,
        "search": search or None,
        "mine": mine,
        "overdue": True if overdue else None,
        "sort": "stage_entered_at" if outcome == "open" else "outcome_at",
    }
    if in_bulk:
        show_bulk_edit(filters)
    else:
        _show_page(filters)


def _show_page(filters: dict[str, Any]) -> None:
    offset = page_offset("leads", *filters.values())
    found = client().get("/api/leads", Leads, limit=_PAGE_LENGTH, offset=offset, **filters)
    st.caption(say("leads.count", total=found.total))
    for lead in found.items:
        show_lead_line(lead)
    show_pager("leads", found.total, _PAGE_LENGTH)


show()
