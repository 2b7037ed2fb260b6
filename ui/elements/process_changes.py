"""What differs between two versions of the process: how much in which part, and each change in plain words."""

from collections import Counter
from uuid import UUID

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.playbook_drafts import Comparison
from ui.elements.display import plain
from ui.session import client, say

_ICONS = {"added": ":green[＋]", "removed": ":red[－]", "changed": ":orange[≠]", "moved": ":blue[↕]"}
_COLOURS = {"added": "#2f855a", "removed": "#c2410c", "changed": "#d69e2e", "moved": "#2b6cb0"}
#: a picture of fewer says nothing that the list does not
_WORTH_A_PICTURE = 8


def show_changes(new: UUID, *, old: UUID | None = None, title: str) -> None:
    """Against another version, or else the one in force."""
    query = {"new": str(new)} | ({"old": str(old)} if old else {})
    comparison = client().get("/api/playbook/comparison", Comparison, **query)
    st.subheader(title)
    if not comparison.items:
        st.caption(say("process.no_changes"))
        return
    chosen = _chosen_section(comparison)
    for change in comparison.items:
        if chosen in (None, change.section):
            st.markdown(f"{_ICONS[change.kind]} {plain(change.sentence)}")


def _chosen_section(comparison: Comparison) -> str | None:
    """The part of the process whose changes are wanted; all of them when few."""
    counts = Counter(change.section for change in comparison.items)
    if comparison.total >= _WORTH_A_PICTURE:
        st.altair_chart(_drawn(comparison), width="stretch", alt=say("process.changes_picture"))
    sections = list(counts)
    if len(sections) == 1:
        return None
    return st.pills(
        say("process.part"),
        sections,
        format_func=lambda section: f"{say(f'process.section_{section}')} {counts[section]}",
        key=f"section_{comparison.old.id}_{comparison.new.id}",
    )


def _drawn(comparison: Comparison) -> alt.Chart:
    rows = pd.DataFrame(
        {"part": say(f"process.section_{change.section}"), "kind": say(f"process.kind_{change.kind}")}
        for change in comparison.items
    )
    kinds = {say(f"process.kind_{kind}"): colour for kind, colour in _COLOURS.items()}
    scale = alt.Scale(domain=list(kinds), range=list(kinds.values()))
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("count()", title=say("process.changes"), axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("part:N", title=None, sort="-x"),
            color=alt.Color("kind:N", title=None, scale=scale, legend=alt.Legend(orient="bottom")),
            tooltip=["part", "kind", "count()"],
        )
        .properties(height=alt.Step(22))
    )
    return chart
