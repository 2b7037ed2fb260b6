"""A month of a working calendar as a picture: worked, free, holiday, make-up day, exception."""

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.dwell import CalendarDay, CalendarMonth
from ui.session import say

#: kind of day → its colour; the kind stands in words beside the number of each special day
_COLORS = {
    "working": "#ccfbf1",
    "free": "#e2e8f0",
    "holiday": "#fecaca",
    "make_up": "#5eead4",
    "exception_working": "#a7f3d0",
    "exception_free": "#fed7aa",
}
_DAYS_PER_WEEK = 7


def show_month(month: CalendarMonth) -> None:
    """Weeks below one another, Monday first; what decided a day stands under its number."""
    rows = [_row(day, month.days[0].day.isoweekday()) for day in month.days]
    weekdays = [say(f"dwell.weekday_{number}") for number in range(1, _DAYS_PER_WEEK + 1)]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("weekday:N", sort=weekdays, title=None, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("week:O", title=None, axis=None),
        tooltip=[
            alt.Tooltip("day:N", title=say("dwell.day")),
            alt.Tooltip("kind:N", title=say("dwell.kind")),
            alt.Tooltip("name:N", title=say("dwell.holiday_name")),
            alt.Tooltip("hours:N", title=say("dwell.hours")),
        ],
    )
    kinds = list(_COLORS)
    scale = alt.Scale(domain=[say(f"dwell.kind_{kind}") for kind in kinds], range=[_COLORS[kind] for kind in kinds])
    legend = alt.Legend(orient="bottom", columns=3)
    squares = base.mark_rect(cornerRadius=4, stroke="white", strokeWidth=2).encode(
        color=alt.Color("kind:N", scale=scale, title=None, legend=legend)
    )
    numbers = base.mark_text(baseline="bottom", fontSize=14, color="#0f172a").encode(text="number:N")
    names = base.mark_text(baseline="top", dy=3, fontSize=10, color="#0f172a").encode(text="name:N")
    chart = alt.layer(squares, numbers, names).properties(height=alt.Step(44))
    st.altair_chart(chart, width="stretch", alt=say("dwell.month_picture", name=month.name))


def _row(day: CalendarDay, first_weekday: int) -> dict[str, object]:
    spans = " ".join(f"{span.opens:%H:%M}–{span.closes:%H:%M}" for span in day.spans)
    return {
        "day": day.day.isoformat(),
        "number": day.day.day,
        "weekday": say(f"dwell.weekday_{day.day.isoweekday()}"),
        "week": (day.day.day + first_weekday - 2) // _DAYS_PER_WEEK,
        "kind": say(f"dwell.kind_{day.kind}"),
        "name": day.name or "",
        "hours": spans or "—",
    }
