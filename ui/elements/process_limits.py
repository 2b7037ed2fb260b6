"""How long a lead may stay in a stage, its ladder, and the calendars that working time is counted by."""

import pandas as pd
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

_RECEIVERS = ("owner", "manager", "director")
_ASSIGNEES = ("owner", "presales", "delivery_owner", "manager", "director")
_MOST_HOURS = 24 * 365
_SEPARATOR = "、"


def show_limit(editing: Editing, stage: Json) -> None:
    """The limit of one stage with its ladder; no hours, no limit."""
    st.subheader(say("process.limit"))
    limit: Json = stage["dwell_limit"] or {"hours": 0, "clock": "wall", "calendar": None, "ladder": []}
    calendars = {None: say("process.team_calendar")} | {
        one["code"]: spoken(one["name"]) for one in editing.content["calendars"]
    }
    hours = st.number_input(
        say("process.limit_hours"), 0, _MOST_HOURS, limit["hours"], key=editing.key("hours", stage["code"])
    )
    clock = st.radio(
        say("process.clock"),
        ["wall", "working"],
        index=["wall", "working"].index(limit["clock"]),
        format_func=value_word,
        horizontal=True,
        key=editing.key("clock", stage["code"]),
    )
    calendar = limit["calendar"]
    if clock == "working":
        codes = list(calendars)
        calendar = st.selectbox(
            say("process.calendar"),
            codes,
            index=codes.index(calendar) if calendar in codes else 0,
            format_func=lambda code: calendars[code],
            key=editing.key("calendar", stage["code"]),
        )
    ladder = _ladder(editing, stage, limit["ladder"]) if hours else []
    if st.button(say("process.save_limit"), key=editing.key("save_limit", stage["code"])):
        changed = {"hours": int(hours), "clock": clock, "calendar": calendar, "ladder": ladder} if hours else None
        editing.save(put(["stages", stage["code"], "dwell_limit"], changed))


def _ladder(editing: Editing, stage: Json, ladder: list[Json]) -> list[Json]:
    """Who is told how long after the limit, and the task that this makes."""
    st.caption(say("process.ladder_hint"))
    rows = [_step_row(step) for step in ladder or [{"after_hours": 0, "receivers": ["owner", "manager"], "task": None}]]
    columns = {
        "after_hours": st.column_config.NumberColumn(say("process.after_hours"), min_value=0, step=1, default=0),
        **{who: st.column_config.CheckboxColumn(value_word(who), default=False) for who in _RECEIVERS},
        "task_zh": text_column("task_zh"),
        "task_en": text_column("task_en"),
        "assignee": choice_column("assignee", _ASSIGNEES),
        "due_hours": st.column_config.NumberColumn(say("process.due_hours"), min_value=1, step=1),
    }
    table = edited_table(rows, columns, editing.key("ladder", stage["code"]))
    kinds = {(step["task"] or {}).get("title", {}).get("zh"): (step["task"] or {}).get("kind") for step in ladder}
    return [_step(row, kinds) for row in sorted(table, key=lambda row: row["after_hours"] or 0)]


def _step_row(step: Json) -> Json:
    task = step["task"] or {}
    title = task.get("title", {})
    return {
        "after_hours": step["after_hours"],
        **{who: who in step["receivers"] for who in _RECEIVERS},
        "task_zh": title.get("zh"),
        "task_en": title.get("en"),
        "assignee": task.get("assignee"),
        "due_hours": task.get("due_hours"),
    }


def _step(row: Json, kinds: dict[str | None, str | None]) -> Json:
    step: Json = {
        "after_hours": int(row["after_hours"] or 0),
        "receivers": [who for who in _RECEIVERS if row[who]],
    }
    if row["task_zh"] or row["task_en"]:
        step["task"] = {
            "kind": kinds.get(row["task_zh"]) or "follow_up",
            "title": label(row["task_zh"], row["task_en"]),
            "assignee": row["assignee"] or "owner",
            "due_hours": int(row["due_hours"] or 24),
        }
    return step


def show_calendars(editing: Editing) -> None:
    """Working days and hours, and the days that differ."""
    calendars: list[Json] = editing.content["calendars"]
    st.caption(say("process.calendars_hint"))
    names = {one["code"]: spoken(one["name"]) for one in calendars}
    chosen = st.selectbox(say("process.calendar"), list(names), format_func=lambda code: names[code])
    for calendar in calendars:
        if calendar["code"] == chosen:
            _show_calendar(editing, calendar)
    with st.popover(say("process.new_calendar"), icon=":material/add:"), st.form("new_calendar", border=False):
        zh, en = st.text_input(say("process.name_zh")), st.text_input(say("process.name_en"))
        if st.form_submit_button(say("process.add"), type="primary") and (zh or en):
            code = new_code("calendar", names)
            editing.save(put(["calendars", code], {**calendars[0], "code": code, "name": label(zh, en)}))


def _show_calendar(editing: Editing, calendar: Json) -> None:
    with st.form(editing.key("calendar_form", calendar["code"])):
        zone = st.text_input(say("process.zone"), calendar["zone"])
        weekdays = st.pills(
            say("process.weekdays"),
            list(range(1, 8)),
            selection_mode="multi",
            default=calendar["days"],
            format_func=lambda day: say(f"process.weekday_{day}"),
        )
        spans = st.text_input(say("process.spans"), _spans_text(calendar["spans"]), help=say("process.spans_help"))
        holidays = st.checkbox(say("process.chinese_holidays"), calendar["public_holidays"] == "china")
        st.caption(say("process.exceptions_hint"))
        rows = [{"day": one["day"], "spans": _spans_text(one["spans"])} for one in calendar["exceptions"]]
        for row in rows:
            row["day"] = pd.Timestamp(row["day"]).date()
        columns = {
            "day": st.column_config.DateColumn(say("process.day"), required=True),
            "spans": text_column("spans"),
        }
        exceptions = edited_table(rows, columns, editing.key("exceptions", calendar["code"]))
        if st.form_submit_button(say("process.save"), type="primary"):
            changed = {
                **calendar,
                "zone": zone.strip(),
                "days": sorted(weekdays),
                "spans": _spans(spans),
                "public_holidays": "china" if holidays else "none",
                "exceptions": [
                    {"day": str(row["day"])[:10], "spans": _spans(row["spans"])} for row in exceptions if row["day"]
                ],
            }
            editing.save(put(["calendars", calendar["code"]], changed))


def _spans_text(spans: list[Json]) -> str:
    return _SEPARATOR.join(f"{span['opens'][:5]}-{span['closes'][:5]}" for span in spans)


def _spans(text: object) -> list[Json]:
    """09:00-12:00、13:30-18:00; what is no time of day is refused by the server in words."""
    pieces = str(text or "").replace("，", _SEPARATOR).replace(",", _SEPARATOR).replace("–", "-").split(_SEPARATOR)
    pairs = [piece.partition("-") for piece in pieces if piece.strip()]
    return [{"opens": opens.strip(), "closes": closes.strip()} for opens, _, closes in pairs]
