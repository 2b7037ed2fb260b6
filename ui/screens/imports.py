"""Bringing in one's own customers and leads: upload, see every bad row, then run."""

from uuid import UUID

import pandas as pd
import streamlit as st

from api.contracts.imports import ImportFacts, Imports, RowProblem, RowProblems
from ui.elements.display import moment, plain
from ui.elements.frame import told_problems
from ui.elements.links import asked_id, go, link
from ui.elements.numbers import Number, show_numbers
from ui.session import client, say

_PROBLEMS_SHOWN = 200
_AT_WORK = frozenset({"waiting", "running"})


def show() -> None:
    """One import when the address names it, else the upload and the list."""
    st.title(say("imports.title"))
    import_id = asked_id()
    if import_id:
        _show_run(import_id)
        link("imports", say("imports.all"), icon=":material/arrow_back:")
        return
    _show_upload()
    for run in client().get("/api/imports", Imports, limit=20).items:
        link("imports", f"{run.file_name} · {say(f'imports.status_{run.status}')} · {moment(run.created_at)}", run.id)


def _show_upload() -> None:
    st.caption(say("imports.hint"))
    with st.form("import", clear_on_submit=True):
        target = st.radio(
            say("imports.target"),
            ["customers", "leads"],
            format_func=lambda code: say(f"imports.target_{code}"),
            horizontal=True,
        )
        file = st.file_uploader(say("imports.file"), type=["csv", "xlsx", "txt"])
        sent = st.form_submit_button(say("imports.rehearse"), type="primary")
        if sent and not file:
            st.warning(say("frame.file_first"))
        if sent and file and target:
            with told_problems():
                run = client().upload("/api/imports", ImportFacts, file.name, file.getvalue(), {"target": target})
                go("imports", run.id)


def _show_run(import_id: UUID) -> None:
    run = client().get(f"/api/imports/{import_id}", ImportFacts)
    st.subheader(plain(run.file_name))
    if run.status in _AT_WORK:
        _watch(str(import_id))
        return
    figures = ("rows_total", "rows_created", "rows_unchanged", "rows_refused")
    show_numbers("rows", [Number(name, say(f"imports.{name}"), getattr(run, name)) for name in figures])
    st.markdown(f"**{say(f'imports.status_{run.status}')}** {say(f'imports.then_{run.status}')}")
    st.caption(plain("；".join(f"{column} → {field}" for column, field in run.mapping.items())))
    if run.status == "rehearsed" and st.button(say("imports.run", count=run.rows_created), type="primary"):
        with told_problems():
            client().post(f"/api/imports/{import_id}/run", ImportFacts)
            st.rerun()
    if run.problems_total:
        _show_problems(import_id)


def _show_problems(import_id: UUID) -> None:
    problems = client().get(f"/api/imports/{import_id}/problems", RowProblems, limit=_PROBLEMS_SHOWN)
    st.subheader(say("imports.problems", total=problems.total))
    table = pd.DataFrame([_as_row(problem) for problem in problems.items])
    st.dataframe(table, hide_index=True)
    st.download_button(say("imports.fetch"), table.to_csv(index=False).encode("utf-8-sig"), "problems.csv", "text/csv")


def _as_row(problem: RowProblem) -> dict[str, object]:
    return {
        say("imports.row"): problem.row,
        say("imports.column"): problem.column,
        say("imports.what"): problem.what,
        say("imports.remedy"): problem.remedy,
    }


@st.fragment(run_every=1.0)
def _watch(import_id: str) -> None:
    """Asked for each second until the job is done."""
    with told_problems():
        run = client().get(f"/api/imports/{import_id}", ImportFacts)
        if run.status not in _AT_WORK:
            st.rerun()
        done = run.rows_created + run.rows_unchanged + run.rows_refused
        st.progress(min(1.0, done / run.rows_total) if run.rows_total else 0.0, say(f"imports.status_{run.status}"))


show()
