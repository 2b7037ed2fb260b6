"""The stage board, and the list behind each of its numbers."""

import streamlit as st

from api.contracts.leads import BoardView, Leads
from ui.elements.display import money
from ui.elements.paging import page_offset, show_pager
from ui.elements.record_cards import show_lead_line
from ui.session import client, say

_PAGE_LENGTH = 20


def show() -> None:
    """Numbers first; choosing one lists its leads."""
    st.title(say("leads.title"))
    board = client().get("/api/leads/board", BoardView)
    columns = st.columns(len(board.stages))
    for column, stage in zip(columns, board.stages, strict=True):
        overdue = say("leads.overdue_count", count=stage.overdue) if stage.overdue else None
        column.metric(stage.name, stage.count, delta=overdue, delta_color="off", border=True)
        if stage.amount is not None:
            column.caption(money(stage.amount))
    names = {stage.stage: stage.name for stage in board.stages}
    _show_list(names)


def _show_list(stages: dict[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stage = st.pills(say("leads.stage"), list(stages), format_func=lambda code: stages[code])
        outcome = st.pills(
            say("leads.outcome"),
            ["open", "won", "lost", "parked"],
            default="open",
            format_func=lambda code: say(f"leads.outcome_{code}"),
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(say("leads.search"), width=280)
        mine = st.toggle(say("leads.mine"))
        overdue = st.toggle(say("leads.overdue"))
    offset = page_offset("leads", stage, outcome, search, mine, overdue)
    found = client().get(
        "/api/leads",
        Leads,
        stage=stage,
        outcome=outcome,
        search=search or None,
        mine=mine,
        overdue=True if overdue else None,
        sort="stage_entered_at" if outcome == "open" else "outcome_at",
        limit=_PAGE_LENGTH,
        offset=offset,
    )
    st.caption(say("leads.count", total=found.total))
    for lead in found.items:
        show_lead_line(lead)
    show_pager("leads", found.total, _PAGE_LENGTH)


show()
