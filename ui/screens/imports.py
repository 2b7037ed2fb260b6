"""Bringing in one's own tables, step by step; the address names the import, so one goes on where one was."""

from uuid import UUID

import streamlit as st

from api.contracts.imports import ImportChoices, ImportFacts, Imports
from ui.elements.display import moment, plain
from ui.elements.frame import told_problems
from ui.elements.import_columns import show_columns
from ui.elements.import_results import show_bad_rows, show_kept_rows, show_result
from ui.elements.links import asked_id, go, link
from ui.session import client, say

_TARGETS = ("people", "customers", "leads", "history")
_AT_WORK = frozenset({"waiting", "running"})
#: which of the steps an import stands at
_STEPS = {"received": 2, "waiting": 3, "rehearsed": 3, "running": 4, "done": 5, "refused": 3, "cancelled": 5}
_STEP_COUNT = 5


def show() -> None:
    """One import when the address names it, else the upload and the list."""
    st.title(say("imports.title"))
    import_id = asked_id()
    if import_id:
        link("imports", say("imports.all"), icon=":material/arrow_back:")
        _show_run(import_id)
        return
    _show_step(1)
    _show_upload()
    st.subheader(say("imports.all"))
    runs = client().get("/api/imports", Imports, limit=20).items
    if not runs:
        st.caption(say("imports.none"))
    for run in runs:
        told = (run.file_name, say(f"imports.target_{run.target}"), say(f"imports.status_{run.status}"))
        link("imports", " · ".join((*told, moment(run.created_at))), run.id)


def _show_step(step: int) -> None:
    st.progress(
        step / _STEP_COUNT, say("imports.step", number=step, total=_STEP_COUNT, name=say(f"imports.step_{step}"))
    )


def _show_upload() -> None:
    st.caption(say("imports.hint"))
    with st.form("import", clear_on_submit=True):
        target = st.radio(
            say("imports.target"),
            _TARGETS,
            format_func=lambda code: say(f"imports.target_{code}"),
            captions=[say(f"imports.about_{code}") for code in _TARGETS],
        )
        file = st.file_uploader(say("imports.file"), type=["csv", "xlsx", "txt", "tsv"])
        sent = st.form_submit_button(say("imports.upload"), type="primary")
        if sent and not file:
            st.warning(say("frame.file_first"))
        if sent and file and target:
            with told_problems():
                fields = {"target": target, "rehearse": "false"}
                run = client().upload("/api/imports", ImportFacts, file.name, file.getvalue(), fields)
                go("imports", run.id)


def _show_run(import_id: UUID) -> None:
    run = client().get(f"/api/imports/{import_id}", ImportFacts)
    _show_step(_STEPS[run.status])
    st.subheader(f"{plain(run.file_name)} · {say(f'imports.target_{run.target}')}")
    if run.status in _AT_WORK:
        _watch(str(import_id))
        return
    if run.status == "received":
        show_columns(run)
        return
    show_result(run)
    _show_next(run)
    show_bad_rows(run)
    show_kept_rows(run)


def _show_next(run: ImportFacts) -> None:
    """What can be done now, the likeliest first."""
    kept = run.rows_created + run.rows_changed
    with st.container(horizontal=True):
        if run.status == "rehearsed" and st.button(
            say("imports.run", count=kept), type="primary", disabled=not kept, icon=":material/play_arrow:"
        ):
            _ask(f"/api/imports/{run.id}/run")
        if run.status != "done" and st.button(say("imports.map_again"), icon=":material/tune:"):
            with told_problems():
                client().call("PUT", f"/api/imports/{run.id}/mapping", ImportChoices())
                st.rerun()


@st.fragment(run_every=1.0)
def _watch(import_id: str) -> None:
    """Asked for each second until the job is done."""
    with told_problems():
        run = client().get(f"/api/imports/{import_id}", ImportFacts)
        if run.status not in _AT_WORK:
            st.rerun()
        share = min(1.0, run.rows_done / run.rows_total) if run.rows_total else 0.0
        told = say("imports.at_work", done=run.rows_done, refused=run.rows_refused)
        st.progress(share, f"{say(f'imports.status_{run.status}')} · {told}")
        if st.button(say("imports.cancel"), icon=":material/stop:"):
            _ask(f"/api/imports/{import_id}/cancel")


def _ask(path: str) -> None:
    with told_problems():
        client().post(path, ImportFacts)
        st.rerun()


show()
