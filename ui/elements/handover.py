"""Leaving: what would go where, who takes over, and what went where."""

from datetime import date
from uuid import UUID

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.handovers import HandoverFacts, HandoverItemFacts, HandoverOrder, HandoverPreview, KindCount
from api.contracts.people import Leaving, People, PersonDetail
from ui.api_client import Problem
from ui.elements.display import moment, plain
from ui.elements.frame import told_problems
from ui.elements.links import link
from ui.elements.paging import page_offset, show_pager
from ui.session import client, say

_PAGE_ROWS = 20
#: kinds of things that have a page of their own
_PAGES = {
    "lead": "lead",
    "presales_role": "lead",
    "customer": "customer",
    "delivery_role": "customer",
    "report": "people",
}


def show_handover(person: PersonDetail) -> None:
    st.subheader(say("handover.title"))
    record = _record_of(person.id)
    if record is not None:
        _show_record(person, record)
    if person.left_on is None:
        _show_leaving(person)


def _record_of(person_id: UUID) -> HandoverFacts | None:
    """None when nobody has ever left here."""
    kind, offset = _chosen_kind(), page_offset("handover", _chosen_kind())
    try:
        return client().get(
            f"/api/people/{person_id}/handover", HandoverFacts, kind=kind, limit=_PAGE_ROWS, offset=offset
        )
    except Problem as problem:
        if problem.code == "handover_not_found":
            return None
        raise


def _show_record(person: PersonDetail, record: HandoverFacts) -> None:
    if record.finished_at:
        st.success(say("handover.done", at=moment(record.finished_at)), icon=":material/task_alt:")
    else:
        st.info(say("handover.planned", day=record.left_on), icon=":material/event_upcoming:")
    if record.successor:
        link("people", say("handover.successor_is", name=record.successor.name), record.successor.id)
    _show_items(record.counts, record.items, record.total)
    if person.left_on and st.button(say("handover.again"), icon=":material/refresh:"):
        with told_problems():
            client().post(f"/api/people/{person.id}/handover", HandoverFacts, HandoverOrder())
            st.rerun()


def _show_leaving(person: PersonDetail) -> None:
    """Choose the day and the successor, look at what would happen, then let it happen."""
    with st.expander(say("handover.leave"), icon=":material/logout:"):
        day = st.date_input(say("handover.first_day_gone"), value="today")
        colleagues = {
            one.id: one.name for one in client().get("/api/people", People, limit=500).items if one.id != person.id
        }
        successor_id = st.selectbox(
            say("handover.successor"),
            [None, *colleagues],
            format_func=lambda one: colleagues[one] if one else say("handover.no_successor"),
        )
        if st.toggle(say("handover.preview")):
            _show_preview(person.id, successor_id)
        sure = st.checkbox(say("handover.sure", name=person.name))
        if st.button(say("handover.let_go"), type="primary", disabled=not sure) and isinstance(day, date):
            with told_problems():
                client().call("POST", f"/api/people/{person.id}/leave", Leaving(on=day, successor_id=successor_id))
                st.rerun()


def _show_preview(person_id: UUID, successor_id: UUID | None) -> None:
    with told_problems(), st.spinner(say("handover.trying")):
        preview = client().get(
            f"/api/people/{person_id}/handover/preview",
            HandoverPreview,
            successor_id=successor_id,
            kind=_chosen_kind(),
            limit=_PAGE_ROWS,
            offset=page_offset("handover", _chosen_kind()),
        )
        st.caption(say("handover.preview_hint"))
        _show_items(preview.counts, preview.items, preview.total)


def _chosen_kind() -> str | None:
    return st.session_state.get("handover-kind")


def _show_items(counts: list[KindCount], items: list[HandoverItemFacts], total: int) -> None:
    """How much of each kind, and the list behind it."""
    if not counts:
        st.caption(say("handover.nothing"))
        return
    rows = [{"kind": say(f"handover.kind_{one.kind}"), "count": one.count} for one in counts]
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(color="#0f766e")
        .encode(
            x=alt.X("count:Q", title=say("handover.count"), axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("kind:N", title=None, sort="-x"),
            tooltip=[
                alt.Tooltip("kind", title=say("handover.kind")),
                alt.Tooltip("count", title=say("handover.count")),
            ],
        )
        .properties(height=alt.Step(26))
    )
    st.altair_chart(chart, width="stretch", alt=say("handover.title"))
    st.selectbox(
        say("handover.kind"),
        [None, *(one.kind for one in counts)],
        format_func=lambda kind: say(f"handover.kind_{kind}") if kind else say("people.any"),
        key="handover-kind",
    )
    for item in items:
        _show_item(item)
    show_pager("handover", total, _PAGE_ROWS)


def _show_item(item: HandoverItemFacts) -> None:
    if item.to_person:
        place = item.to_person.name
    elif item.to_pool:
        place = say("handover.in_pool", pool=item.to_pool)
    else:
        place = say("handover.nobody")
    text = plain(f"{say(f'handover.kind_{item.kind}')} · {item.name} → {place}")
    screen = _PAGES.get(item.kind)
    if screen:
        link(screen, text, item.record_id)
    else:
        st.markdown(text)
