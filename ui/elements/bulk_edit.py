"""Many leads chosen from the list, one change for all of them, and what became of each."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from api.contracts.bulk_edit import BulkEdit, BulkItem, BulkResult
from api.contracts.leads import LeadFacts, Leads
from api.contracts.people import People
from api.contracts.playbook import PlaybookView
from ui.elements.display import plain
from ui.elements.frame import told_problems
from ui.elements.lead_fields import field_input
from ui.elements.links import link
from ui.session import client, me, say

#: as many at a time as are done before anybody thinks that it hangs
_BATCH = 50
_MOST = 1_000
_RESULT = "bulk_result"


def show_bulk_edit(filters: dict[str, Any]) -> None:
    """Choose leads in a table, then what to do with them."""
    leads = _matching(filters)
    st.caption(say("bulk_edit.choose", count=len(leads)))
    chosen = _chosen(leads)
    if chosen:
        _show_change(chosen, client().get("/api/playbook", PlaybookView))
    _show_result()


def _matching(filters: dict[str, Any]) -> list[LeadFacts]:
    leads: list[LeadFacts] = []
    while len(leads) < _MOST:
        page = client().get("/api/leads", Leads, limit=200, offset=len(leads), **filters)
        leads.extend(page.items)
        if not page.items or len(leads) >= page.total:
            break
    return leads[:_MOST]


def _chosen(leads: Sequence[LeadFacts]) -> list[UUID]:
    rows = [
        {
            say("field.lead_title"): lead.title,
            say("leads.stage"): lead.stage_name,
            say("bulk_edit.customer"): lead.customer_name,
            say("bulk_edit.owner"): lead.owner_name,
        }
        for lead in leads
    ]
    table = st.dataframe(
        pd.DataFrame(rows), hide_index=True, on_select="rerun", selection_mode="multi-row", key="bulk_table"
    )
    return [leads[place].id for place in table.selection.rows if place < len(leads)]


def _show_change(chosen: list[UUID], playbook: PlaybookView) -> None:
    kinds = ["fields", "forward", "back", "lost", "parked"]
    if "lead.reassign" in me().rights:
        kinds.insert(1, "reassign")
    kind = st.pills(say("bulk_edit.what"), kinds, format_func=lambda one: say(f"bulk_edit.{one}"), key="bulk_kind")
    if kind is None:
        return
    with st.container(border=True):
        change = _asked_change(kind, playbook)
        label = say("bulk_edit.apply", count=len(chosen))
        if st.button(label, type="primary", key="bulk_apply", disabled=change is None):
            assert change is not None
            _apply(chosen, change)


def _asked_change(kind: str, playbook: PlaybookView) -> dict[str, Any] | None:
    """What the contract of a bulk edit takes; None while something is not filled in."""
    match kind:
        case "fields":
            return _asked_field(playbook)
        case "reassign":
            return _asked_owner()
        case "forward" | "back":
            return _asked_stage(kind, playbook)
        case _:
            reasons = playbook.lost_reasons if kind == "lost" else playbook.parked_reasons
            reason = st.selectbox(say("lead.reason"), reasons, format_func=lambda one: one.name)
            note = st.text_input(say("lead.note"))
            return {"kind": "move", "move": {"kind": kind, "reason": reason.code, "note": note or None}}


def _asked_field(playbook: PlaybookView) -> dict[str, Any] | None:
    fields = {field.code: field for stage in playbook.stages for field in stage.fields if field.type != "person"}
    code = st.selectbox(say("bulk_edit.field"), list(fields), format_func=lambda one: fields[one].label)
    value = field_input(fields[code], None, disabled=False)
    if value in (None, "", []):
        return None
    return {"kind": "fields", "changes": {code: value.isoformat() if isinstance(value, date) else value}}


def _asked_owner() -> dict[str, Any] | None:
    people = client().get("/api/people", People, role="rep", limit=500)
    names = {person.id: person.name or "—" for person in people.items}
    owner = st.selectbox(
        say("bulk_edit.owner"),
        list(names),
        index=None,
        placeholder=say("frame.choose"),
        format_func=lambda one: names[one],
    )
    reason = st.text_input(say("lead.reason"), key="bulk_reason")
    if owner is None or not reason.strip():
        return None
    return {"kind": "reassign", "owner_id": owner, "reason": reason}


def _asked_stage(kind: str, playbook: PlaybookView) -> dict[str, Any] | None:
    stages = playbook.stages[1:] if kind == "forward" else playbook.stages[:-1]
    stage = st.selectbox(say("bulk_edit.stage"), stages, format_func=lambda one: one.name)
    if kind == "forward":
        return {"kind": "move", "move": {"kind": "forward", "to_stage": stage.code}}
    reason = st.text_input(say("lead.reason"), key="bulk_reason")
    return {"kind": "move", "move": {"kind": "back", "to_stage": stage.code, "reason": reason}} if reason else None


def _apply(chosen: list[UUID], change: dict[str, Any]) -> None:
    """In batches, so that a long list shows how far it is; what is done stays done when a later batch fails."""
    items: list[BulkItem] = []
    bar = st.progress(0.0)
    with told_problems():
        for start in range(0, len(chosen), _BATCH):
            edit = BulkEdit.model_validate({"lead_ids": chosen[start : start + _BATCH], "change": change})
            items.extend(client().post("/api/leads/bulk", BulkResult, edit).items)
            bar.progress(len(items) / len(chosen), say("bulk_edit.progress", done=len(items), total=len(chosen)))
    st.session_state[_RESULT] = items


def _show_result() -> None:
    """Those that were refused, each with its reason and a way to it."""
    items: list[BulkItem] = st.session_state.get(_RESULT, [])
    if not items:
        return
    refused = [item for item in items if item.problem]
    st.success(say("bulk_edit.done", changed=len(items) - len(refused), refused=len(refused)))
    for item in refused:
        assert item.problem is not None
        with st.container(border=True, gap="xsmall"):
            link("lead", item.title or "—", item.lead_id, icon=":material/block:")
            st.caption(plain(f"{item.problem.what} {item.problem.remedy}"))
