"""What changed on the roster: a picture by day, each change in words, and the rosters that were written down."""

from datetime import date, timedelta

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.roster import RosterDiff, RosterPage, Snapshots
from ui.elements.display import moment
from ui.elements.frame import told_problems
from ui.elements.links import link
from ui.elements.paging import page_offset, show_pager
from ui.session import client, say

_DEFAULT_DAYS = 30
_PAGE_ROWS = 50


def show() -> None:
    st.title(say("roster_changes.title"))
    st.caption(say("roster_changes.hint"))
    today = client().get("/api/roster", RosterPage, limit=1).day
    chosen = st.date_input(say("roster_changes.days"), value=(today - timedelta(days=_DEFAULT_DAYS), today))
    if isinstance(chosen, tuple) and len(chosen) == 2:
        with told_problems():
            _show_changes(*chosen)
    _show_snapshots()
    link("people", say("people.all"), icon=":material/arrow_back:")


def _show_changes(first_day: date, last_day: date) -> None:
    window = {"from": first_day.isoformat(), "to": last_day.isoformat()}
    diff = client().get("/api/roster/diff", RosterDiff, **window, limit=1)
    if not diff.counts:
        st.info(say("roster_changes.none"), icon=":material/horizontal_rule:")
        return
    rows = [
        {"day": one.day.isoformat(), "kind": say(f"roster_changes.kind_{one.kind}"), "count": one.count}
        for one in diff.counts
    ]
    span = (last_day - first_day).days + 1
    days = [(first_day + timedelta(days=place)).isoformat() for place in range(span)]
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar()
        .encode(
            x=alt.X("day:O", title=None, axis=alt.Axis(labelOverlap=True), scale=alt.Scale(domain=days)),
            y=alt.Y("sum(count):Q", title=say("roster_changes.count"), axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color("kind:N", title=None, legend=alt.Legend(orient="bottom", columns=3)),
            tooltip=[
                alt.Tooltip("day:O", title=say("roster_changes.day")),
                alt.Tooltip("kind:N", title=say("roster_changes.kind")),
                alt.Tooltip("count:Q", title=say("roster_changes.count")),
            ],
        )
    )
    st.altair_chart(chart, width="stretch", alt=say("roster_changes.title"))
    kinds = list(dict.fromkeys(one.kind for one in diff.counts))
    kind = st.selectbox(
        say("roster_changes.kind"),
        [None, *kinds],
        format_func=lambda code: say(f"roster_changes.kind_{code}") if code else say("people.any"),
    )
    offset = page_offset("roster_changes", first_day, last_day, kind)
    shown = client().get("/api/roster/diff", RosterDiff, **window, kind=kind, limit=_PAGE_ROWS, offset=offset)
    for change in shown.items:
        link("people", f"{change.day} · {change.sentence}", change.person_id)
    show_pager("roster_changes", shown.total, _PAGE_ROWS)


def _show_snapshots() -> None:
    found = client().get("/api/roster/snapshots", Snapshots, limit=20)
    with st.expander(say("roster_changes.snapshots", count=found.total), icon=":material/photo_library:"):
        st.caption(say("roster_changes.snapshots_hint"))
        for one in found.items:
            st.markdown(
                f"{one.day} · {say('roster_changes.positions', count=one.positions)} · `{one.digest[:12]}` · "
                f"{moment(one.created_at)}"
            )


show()
