"""Numbers that watch over the process: reviews of stages, assignment health, onboarding, thresholds of rehearsals."""

import streamlit as st

from ui.elements.process_editing import (
    Editing,
    Json,
    choice_column,
    edited_table,
    label,
    new_code,
    put,
    spoken,
    text_column,
    value_word,
)
from ui.session import say

_MEASURES = ("conversion", "median_dwell_hours", "p90_dwell_hours", "back_flow_share", "overdue_share")
_ITEMS = ("region", "team", "manager", "employee_number", "email", "mobile", "wecom_id", "skills")
_PARTS_OF_ONE = {"alert_share", "most_newly_unassigned_share", "most_newly_blocked_share"}


def show_figures(editing: Editing) -> None:
    _show_reviews(editing)
    _show_onboarding(editing)
    _show_numbers(editing, ["health", "assignment"], "watch")
    _show_numbers(editing, ["rehearsal"], "thresholds")


def _show_reviews(editing: Editing) -> None:
    """A figure of a stage that calls for a review when it leaves its bound."""
    st.subheader(say("process.reviews"))
    st.caption(say("process.reviews_hint"))
    stages = {stage["code"]: spoken(stage["name"]) for stage in editing.content["stages"]}
    rows = [
        {**review, "name_zh": review["name"]["zh"], "name_en": review["name"]["en"]}
        for review in editing.content["health"]["reviews"]
    ]
    columns = {
        "name_zh": text_column("name_zh", required=True),
        "name_en": text_column("name_en"),
        "stage": st.column_config.SelectboxColumn(
            say("process.stage"), options=list(stages), format_func=lambda code: stages.get(str(code), str(code))
        ),
        "measure": choice_column("measure", _MEASURES),
        "below": st.column_config.NumberColumn(say("process.below"), min_value=0.0),
        "above": st.column_config.NumberColumn(say("process.above"), min_value=0.0),
        "window_days": st.column_config.NumberColumn(say("process.window_days"), min_value=1, step=1, default=90),
        "minimum_leads": st.column_config.NumberColumn(say("process.minimum_leads"), min_value=1, step=1, default=20),
        "group": choice_column("group", ("company", "region", "team"), default="team"),
        "receiver": choice_column("receiver", ("manager", "director", "operations"), default="manager"),
        "due_hours": st.column_config.NumberColumn(say("process.due_hours"), min_value=1, step=1, default=72),
        "code": text_column("code", help=say("process.code_help")),
    }
    table = edited_table(rows, columns, editing.key("reviews"))
    if st.button(say("process.save_reviews"), key=editing.key("save_reviews")):
        reviews: list[Json] = []
        for row in table:
            taken = [review["code"] for review in (*rows, *reviews)]
            reviews.append(_review(row, str(row["code"] or new_code("review", taken))))
        editing.save(put(["health", "reviews"], reviews))


def _review(row: Json, code: str) -> Json:
    whole = {name: int(row[name]) for name in ("window_days", "minimum_leads", "due_hours") if row[name]}
    given = {
        name: row[name] for name in ("stage", "measure", "below", "above", "group", "receiver") if row[name] is not None
    }
    return {"code": code, "name": label(row["name_zh"], row["name_en"]), **given, **whole}


def _show_onboarding(editing: Editing) -> None:
    st.subheader(say("process.onboarding"))
    st.caption(say("process.onboarding_hint"))
    required = st.pills(
        say("process.required"),
        _ITEMS,
        selection_mode="multi",
        default=editing.content["onboarding"]["required"],
        format_func=lambda item: value_word(f"item_{item}"),
        key=editing.key("onboarding"),
    )
    if st.button(say("process.save"), key=editing.key("save_onboarding")):
        editing.save(put(["onboarding", "required"], list(required)))


def _show_numbers(editing: Editing, path: list[str], title: str) -> None:
    """A part of the playbook that is all numbers."""
    st.subheader(say(f"process.{title}"))
    st.caption(say(f"process.{title}_hint"))
    part: Json = editing.content
    for name in path:
        part = part[name]
    with st.form(editing.key(title)):
        changed = {}
        for name, value in part.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                highest = 1.0 if name in _PARTS_OF_ONE else None
                is_whole = isinstance(value, int) and not name.endswith(("_share", "waiting_hours"))
                shown = int(value) if is_whole else float(value)
                changed[name] = st.number_input(
                    say(f"process.{name}"), min_value=type(shown)(0), max_value=highest, value=shown
                )
        if st.form_submit_button(say("process.save"), type="primary"):
            editing.save(put(path, {**part, **changed}))
