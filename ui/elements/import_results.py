"""What a rehearsal or a run has found: figures, bad rows with their remedies, records with the way to their pages."""

from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.imports import ImportFacts, RowProblem, RowProblems, RowResults
from ui.elements.display import plain
from ui.elements.links import link
from ui.elements.numbers import Number, show_numbers
from ui.elements.paging import page_offset, show_pager
from ui.session import client, say

_FATES = ("created", "changed", "unchanged", "refused")
_COLOURS = ("#2e7d32", "#1565c0", "#9e9e9e", "#c62828")
_PAGE = 50
#: where the records of a target have pages
_SCREENS = {"customers": "customer", "leads": "lead", "history": "lead"}


def show_result(run: ImportFacts) -> None:
    """How many rows came to what; each figure opens its list."""
    tense = "would" if run.status == "rehearsed" else "did"
    st.markdown(f"**{say(f'imports.status_{run.status}')}** {say(f'imports.then_{run.status}')}")
    counts = {fate: getattr(run, f"rows_{fate}") for fate in _FATES}
    numbers = [Number(fate, say(f"imports.{tense}_{fate}"), counts[fate]) for fate in _FATES]
    show_numbers("rows", numbers, lambda fate: _open(str(run.id), fate))
    if sum(counts.values()):
        names = [say(f"imports.{tense}_{fate}") for fate in _FATES]
        table = pd.DataFrame({"name": names, "count": list(counts.values())})
        st.altair_chart(_picture(table, names), width="stretch")


def show_bad_rows(run: ImportFacts) -> None:
    """Row, column, what is wrong, what to do; and the whole of it as a file to correct."""
    if not run.problems_total:
        return
    st.subheader(say("imports.problems", total=run.problems_total))
    offset = page_offset("problems", run.id)
    path = f"/api/imports/{run.id}"
    problems = client().get(f"{path}/problems", RowProblems, limit=_PAGE, offset=offset)
    st.dataframe(pd.DataFrame([_as_row(problem) for problem in problems.items]), hide_index=True)
    show_pager("problems", problems.total, _PAGE)
    if not run.rows_refused:
        return
    st.caption(say("imports.error_file_hint"))
    with st.container(horizontal=True):
        for form in ("xlsx", "csv"):
            st.download_button(
                say(f"imports.error_file_{form}"),
                partial(client().download, f"{path}/bad-rows.{form}"),
                f"bad-rows.{form}",
                key=f"bad-rows-{form}",
                icon=":material/download:",
            )


def show_kept_rows(run: ImportFacts) -> None:
    """The rows of one fate, with the way to each record."""
    chosen = st.session_state.get(f"fate-{run.id}", "created")
    fate = chosen if chosen != "refused" else "created"
    offset = page_offset("kept", run.id, fate)
    rows = client().get(f"/api/imports/{run.id}/rows", RowResults, fate=fate, limit=_PAGE, offset=offset)
    if not rows.total:
        return
    tense = "would" if run.status == "rehearsed" else "did"
    st.subheader(f"{say(f'imports.{tense}_{fate}')} ({rows.total})")
    for row in rows.items:
        told = say("imports.row_told", row=row.row, name=row.name)
        screen = _SCREENS.get(run.target)
        if screen and row.record_id:
            link(screen, told, row.record_id)
        else:
            st.markdown(plain(told))
    show_pager("kept", rows.total, _PAGE)


def _open(import_id: str, fate: str) -> None:
    st.session_state[f"fate-{import_id}"] = fate


def _picture(table: pd.DataFrame, names: list[str]) -> Any:
    """One bar, in shares."""
    return (
        alt.Chart(table)
        .mark_bar(height=28)
        .encode(
            x=alt.X("count:Q", stack="normalize", title=None, axis=alt.Axis(format="%")),
            color=alt.Color("name:N", sort=names, title=None, scale=alt.Scale(domain=names, range=list(_COLOURS))),
            order=alt.Order("name:N", sort="ascending"),
            tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("count:Q", title=say("imports.row"))],
        )
        .properties(height=70)
        .configure_legend(orient="bottom")
    )


def _as_row(problem: RowProblem) -> dict[str, object]:
    return {
        say("imports.row"): problem.row,
        say("imports.column"): problem.column,
        say("imports.what"): problem.what,
        say("imports.remedy"): problem.remedy,
    }
