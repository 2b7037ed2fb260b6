"""How long a lead has stood in its stage, what is left of the limit, and the ladder of reminders."""

from datetime import time, timedelta
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.dwell import DwellReceiver, DwellStep, DwellView, NewSnooze
from api.contracts.leads import LeadDetail
from ui.elements.display import local_instant, moment, plain, today
from ui.elements.frame import told_problems
from ui.session import client, say

_ICONS = {
    "fired": ":material/notifications_active:",
    "snoozed": ":material/snooze:",
    "due": ":material/hourglass_bottom:",
    "ahead": ":material/schedule:",
}
_SNOOZE_UNTIL = time(18)


def show_dwell(lead: LeadDetail) -> None:
    """Nothing for a closed lead, or where the stage has no limit."""
    dwell = client().get(f"/api/leads/{lead.id}/dwell", DwellView)
    if dwell.limit_hours is None or not dwell.is_open:
        return
    with st.container(border=True, key="dwell"):
        st.markdown(_headline(dwell))
        st.altair_chart(_bar(dwell), width="stretch", alt=say("dwell.bar"))
        for step in dwell.steps:
            _show_step(step)
        if dwell.snooze:
            by, until = plain(dwell.snooze.snoozed_by_name), moment(dwell.snooze.until)
            st.info(say("dwell.snoozed", by=by, until=until, reason=plain(dwell.snooze.reason)))
        _show_snooze(lead, dwell)


def _headline(dwell: DwellView) -> str:
    spent, remaining = dwell.spent_hours or 0.0, dwell.remaining_hours or 0.0
    unit = say(f"dwell.unit_{dwell.clock}")
    words = {"spent": _hours(spent), "limit": dwell.limit_hours, "unit": unit}
    if dwell.is_overdue:
        line = say("dwell.over", hours=_hours(-remaining), **words)
    else:
        line = say("dwell.left", hours=_hours(remaining), due=moment(dwell.overdue_at), **words)
    calendar = f" :small[:gray[{plain(dwell.calendar_name)}]]" if dwell.calendar_name else ""
    return f"{line}{calendar}"


def _bar(dwell: DwellView) -> Any:
    """Hours spent on a track that ends with the last step of the ladder; a mark a step."""
    spent, limit = dwell.spent_hours or 0.0, dwell.limit_hours or 0
    due = [float(limit + step.after_hours) for step in dwell.steps]
    names = [say("dwell.step", number=step.step + 1) for step in dwell.steps]
    marks = pd.DataFrame({"hours": due, "step": names})
    end = max([spent, *due]) * 1.02
    unit = say(f"dwell.unit_{dwell.clock}")
    axis = alt.X("hours:Q", title=unit, scale=alt.Scale(domain=[0, end], nice=False))
    told = [alt.Tooltip("hours:Q", title=unit, format=".1f")]
    track = alt.Chart(pd.DataFrame([{"hours": end}])).mark_bar(size=14, color="#e2e8f0").encode(x=axis)
    color = "#d97706" if dwell.is_overdue else "#0f766e"
    bar = alt.Chart(pd.DataFrame([{"hours": spent}])).mark_bar(size=14, color=color).encode(x=axis, tooltip=told)
    rules = alt.Chart(marks).mark_rule(strokeWidth=2, color="#7f1d1d")
    return alt.layer(track, bar, rules.encode(x=axis, tooltip=["step:N", *told])).properties(height=44)


def _show_step(step: DwellStep) -> None:
    """When, whom, and which task; words as well as signs."""
    people = "、".join(_named(receiver) for receiver in step.receivers) or say("dwell.nobody")
    when = moment(step.fired_at) if step.fired_at else moment(step.due_at)
    line = say(f"dwell.step_{step.state}", number=step.step + 1, when=when, people=people)
    st.markdown(f"{_ICONS[step.state]} {line}")
    if step.task:
        st.caption(say("dwell.task", title=plain(step.task)))


def _named(receiver: DwellReceiver) -> str:
    role = say(f"dwell.as_{receiver.stands_in or receiver.rule}")
    return f"{plain(receiver.name)}（{role}）" if receiver.name else role


def _show_snooze(lead: LeadDetail, dwell: DwellView) -> None:
    if not dwell.may_snooze:
        return
    with st.container(horizontal=True):
        with st.popover(say("dwell.snooze"), icon=":material/snooze:"), st.form("snooze", border=False):
            latest = today() + timedelta(days=dwell.longest_snooze_days - 1)
            chosen = st.date_input(say("dwell.until"), today() + timedelta(days=1), min_value=today(), max_value=latest)
            reason = st.text_input(say("lead.reason"))
            if st.form_submit_button(say("lead.confirm")):
                with told_problems():
                    wanted = NewSnooze(until=local_instant(chosen, _SNOOZE_UNTIL), reason=reason)
                    client().post(f"/api/leads/{lead.id}/dwell/snooze", DwellView, wanted)
                    st.rerun()
        if dwell.snooze and st.button(say("dwell.end_snooze")):
            with told_problems():
                client().call("DELETE", f"/api/leads/{lead.id}/dwell/snooze")
                st.rerun()


def _hours(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}"
