"""The list behind a figure of a rehearsal: leads, moves or alarms with both sides."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from api.contracts.rehearsals import Finding, FindingKind, Findings
from ui.elements.display import moment
from ui.elements.paging import page_offset, show_pager
from ui.session import client, say

_PAGE_LENGTH = 20


def choose_list(kind: FindingKind, code: str) -> None:
    """Open the list of a number, as its button does."""
    st.session_state[_key(kind)] = code


def show_list(rehearsal_id: UUID, kind: FindingKind, lists: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
    """Choose a number and see its rows; `lists` is code → (name, what the interface is asked for)."""
    if not lists:
        return
    st.subheader(say("rehearsal.behind"))
    if st.session_state.get(_key(kind)) not in lists:
        st.session_state[_key(kind)] = next(iter(lists))
    chosen = st.selectbox(say("rehearsal.number"), list(lists), key=_key(kind), format_func=lambda code: lists[code][0])
    asked = lists[chosen or next(iter(lists))][1]
    name = f"rehearsal-{kind}"
    offset = page_offset(name, str(rehearsal_id), chosen)
    path = f"/api/rehearsals/{rehearsal_id}/findings"
    found = client().get(path, Findings, kind=kind, limit=_PAGE_LENGTH, offset=offset, **asked)
    st.caption(say("rehearsal.count", total=found.total))
    if found.items:
        _show_table(found.items, kind)
    show_pager(name, found.total, _PAGE_LENGTH)


def _show_table(items: list[Finding], kind: FindingKind) -> None:
    rows = pd.DataFrame([_as_row(item, kind) for item in items])
    opening = st.column_config.LinkColumn(say("rehearsal.column_lead"), display_text=say("rehearsal.open"))
    st.dataframe(rows, hide_index=True, column_config={say("rehearsal.column_lead"): opening})


def _as_row(item: Finding, kind: FindingKind) -> dict[str, str]:
    row = {
        say("rehearsal.column_lead"): f"lead?id={item.lead_id}",
        say("rehearsal.column_title"): item.title or "—",
        say("rehearsal.column_customer"): item.customer_name or "—",
        say("rehearsal.column_change"): item.change_name,
        say(f"rehearsal.about_{kind}"): item.about or "—",
        say("rehearsal.column_old"): item.old,
        say("rehearsal.column_new"): item.new,
        say(f"rehearsal.happened_{kind}"): moment(item.happened_at),
    }
    return row | {say("rehearsal.column_actual"): item.actual} if item.actual else row


def _key(kind: FindingKind) -> str:
    return f"rehearsal_list_{kind}"
