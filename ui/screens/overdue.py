"""Leads that stand too long: where they stand, which reminders went out, and the calendars that count the hours."""

from datetime import timedelta
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.dwell import Breaches, BreachFacts, CalendarFacts, CalendarMonth, Calendars
from api.contracts.leads import BoardView, Leads
from ui.elements.calendar_month import show_month
from ui.elements.display import moment, plain, today
from ui.elements.frame import own_part
from ui.elements.links import link
from ui.elements.numbers import Number, show_numbers
from ui.elements.paging import page_offset, show_pager
from ui.elements.record_cards import show_lead_line
from ui.session import client, say

_PAGE_LENGTH = 20
_STAGE, _DAYS = "overdue_stage", 30
_MONTHS = 6


def show() -> None:
    """Three matters, a tab each."""
    st.title(say("dwell.title"))
    leads, reminders, calendars = st.tabs([say(f"dwell.tab_{name}") for name in ("leads", "reminders", "calendars")])
    with leads, own_part():
        _show_leads()
    with reminders, own_part():
        _show_reminders()
    with calendars, own_part():
        _show_calendars()


def _show_leads() -> None:
    board = client().get("/api/leads/board", BoardView)
    late = [Number(stage.stage, stage.name, stage.overdue) for stage in board.stages]
    show_numbers("overdue", late, _choose_stage)
    names = {stage.stage: stage.name for stage in board.stages}
    stage = st.pills(say("leads.stage"), list(names), key=_STAGE, format_func=lambda code: names[code])
    offset = page_offset("overdue", stage)
    found = client().get(
        "/api/leads",
        Leads,
        overdue=True,
        stage=stage,
        sort="is_overdue",
        order="ascending",
        limit=_PAGE_LENGTH,
        offset=offset,
    )
    st.caption(say("dwell.longest_first", total=found.total))
    for lead in found.items:
        show_lead_line(lead)
    show_pager("overdue", found.total, _PAGE_LENGTH)


def _choose_stage(stage: str) -> None:
    st.session_state[_STAGE] = stage


def _show_reminders() -> None:
    """How many steps fired on which day, and each of them."""
    since = f"{today() - timedelta(days=_DAYS)}T00:00:00+08:00"
    recent = client().get("/api/dwell/breaches", Breaches, since=since, limit=200)
    if not recent.items:
        st.caption(say("dwell.no_reminders", days=_DAYS))
        return
    st.altair_chart(_by_day(recent.items), width="stretch", alt=say("dwell.by_day"))
    offset = page_offset("reminders")
    page = client().get("/api/dwell/breaches", Breaches, since=since, limit=_PAGE_LENGTH, offset=offset)
    st.caption(say("dwell.reminders", total=page.total, days=_DAYS))
    for breach in page.items:
        _show_breach(breach)
    show_pager("reminders", page.total, _PAGE_LENGTH)


def _by_day(items: list[BreachFacts]) -> Any:
    rows = [{"day": moment(breach.fired_at)[:5], "stage": breach.stage_name} for breach in items]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar()
        .encode(
            x=alt.X("day:O", title=None),
            y=alt.Y("count():Q", title=say("dwell.fired"), axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color("stage:N", title=None, legend=alt.Legend(orient="bottom")),
            tooltip=["day", "stage", "count()"],
        )
        .properties(height=220)
    )


def _show_breach(breach: BreachFacts) -> None:
    with st.container(border=True, gap="xsmall"):
        link("lead", breach.lead_title or "—", breach.lead_id, icon=":material/route:")
        people = "、".join(receiver.name or "—" for receiver in breach.receivers) or say("dwell.nobody")
        known = [moment(breach.fired_at), breach.customer_name, breach.owner_name]
        step = say("dwell.step", number=breach.step + 1)
        st.caption(plain(" · ".join([step, breach.stage_name, *(part for part in known if part)])))
        st.caption(say("dwell.told", people=plain(people)))


def _show_calendars() -> None:
    calendars = client().get("/api/calendars", Calendars)
    names = {calendar.code: calendar.name for calendar in calendars.items}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        code = st.selectbox(say("dwell.calendar"), list(names), format_func=lambda code: names[code])
        month = st.selectbox(say("dwell.month"), _months())
    calendar = next(one for one in calendars.items if one.code == code)
    _show_facts(calendar)
    show_month(client().get(f"/api/calendars/{code}/days", CalendarMonth, month=month))


def _show_facts(calendar: CalendarFacts) -> None:
    if calendar.unannounced_years:
        years = "、".join(str(year) for year in calendar.unannounced_years)
        st.warning(say("dwell.unannounced", years=years), icon=":material/event_busy:")
    state = say("dwell.open_now" if calendar.is_open_now else "dwell.closed_now")
    teams = "、".join(calendar.teams) or say("dwell.no_teams")
    st.caption(plain(say("dwell.calendar_facts", state=state, zone=calendar.zone, teams=teams)))


def _months() -> list[str]:
    """The present month and those that follow."""
    return [str(month) for month in pd.period_range(today(), periods=_MONTHS, freq="M")]


show()
