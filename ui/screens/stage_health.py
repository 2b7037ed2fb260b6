"""Stage health: where leads stay, how far they come, where they age; every number opens its list."""

from datetime import timedelta
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.leads import Leads
from api.contracts.people import Teams
from api.contracts.stage_health import Estimate, Groups, Reviews, StageFacts, StageHealthView
from ui.elements import health_charts
from ui.elements.display import moment, next_minute, plain, share
from ui.elements.frame import own_part
from ui.elements.paging import page_offset, show_pager
from ui.elements.record_cards import show_lead_line
from ui.session import client, say

_PERIODS = (30, 90, 180, 365)
_FIGURES = ("open", "overdue", "entered", "forward", "undecided", "back", "lost", "parked", "went_back", "stayed")
_PAGE_LENGTH = 10
#: where the chosen number is kept, so that pictures and tables can choose
_STAGE, _FIGURE, _AGE = "health_stage", "health_figure", "health_age"


def show() -> None:
    """The choice of leads, the pictures, the figures, the list behind them."""
    st.title(say("stage_health.title"))
    wanted = _choice()
    health = client().get("/api/stage-health", StageHealthView, **wanted)
    st.caption(say("stage_health.counted", leads=health.leads, since=moment(health.since), until=moment(health.until)))
    if not health.leads:
        st.info(say("stage_health.nothing"))
        return
    _show_pictures(health)
    _show_figures(health)
    _show_list(health, wanted)
    _show_groups(wanted)
    with own_part():
        _show_reviews()


def _choice() -> dict[str, Any]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        days = st.selectbox(
            say("stage_health.period"), _PERIODS, index=1, format_func=lambda one: say("stage_health.days", count=one)
        )
        clock = st.segmented_control(
            say("stage_health.clock"),
            ("wall", "working"),
            default="wall",
            format_func=lambda one: say(f"stage_health.clock_{one}"),
        )
        teams = {team.id: team.name for team in client().get("/api/teams", Teams).items}
        team = st.selectbox(
            say("stage_health.team"),
            [None, *teams],
            format_func=lambda one: teams[one] if one else say("stage_health.all_teams"),
        )
    until = next_minute()
    since = until - timedelta(days=days or 90)
    return {"since": since.isoformat(), "until": until.isoformat(), "clock": clock or "wall", "team_id": team}


def _show_pictures(health: StageHealthView) -> None:
    st.subheader(say("stage_health.funnel"))
    chosen = st.altair_chart(
        health_charts.funnel(health.stages), width="stretch", on_select="rerun", key="funnel", selection_mode="cell"
    )
    _take(chosen, "figure")
    st.subheader(say("stage_health.ages"))
    chosen = st.altair_chart(
        health_charts.ages(health), width="stretch", on_select="rerun", key="ages", selection_mode="cell"
    )
    _take(chosen, "column")
    st.caption(say("stage_health.pictures_hint"))
    st.subheader(say("stage_health.dwell"))
    curves = health_charts.curves(health.stages)
    if curves is None:
        st.info(say("stage_health.too_few", fewest=health.fewest))
    else:
        _draw(curves, say("stage_health.dwell_hint"))
    st.subheader(say("stage_health.trend"))
    _draw(health_charts.trend(health), say("stage_health.trend_hint"))


def _draw(chart: alt.Chart, hint: str) -> None:
    st.altair_chart(chart, width="stretch", alt=hint)
    st.caption(hint)


def _take(chosen: Any, kind: str) -> None:
    """A cell that was just clicked chooses the list below; one that was clicked before leaves later choices alone."""
    cells = chosen.get("selection", {}).get("cell", []) if chosen else []
    if not cells or st.session_state.get(f"taken-{kind}") == cells[0]:
        return
    cell = st.session_state[f"taken-{kind}"] = cells[0]
    st.session_state[_STAGE] = cell["code"]
    st.session_state[_FIGURE] = cell.get("figure", "open")
    st.session_state[_AGE] = cell.get("column")


def _show_figures(health: StageHealthView) -> None:
    """Each figure with the n that it rests on and its 95 % interval."""
    st.subheader(say("stage_health.figures"))
    st.dataframe(pd.DataFrame([_row(stage) for stage in health.stages]), hide_index=True)
    st.caption(say("stage_health.figures_hint", fewest=health.fewest))
    rows = [
        {
            say("leads.stage"): stage.name,
            say("stage_health.reason"): reason.name,
            say("stage_health.leads"): reason.count,
        }
        for stage in health.stages
        for reason in stage.loss_reasons or ()
    ]
    if rows:
        with st.expander(say("stage_health.loss_reasons")):
            st.dataframe(pd.DataFrame(rows), hide_index=True)


def _row(stage: StageFacts) -> dict[str, str]:
    dwell, step, standing = stage.dwell, stage.step, stage.standing
    return {
        say("leads.stage"): stage.name,
        say("stage_health.open"): f"{standing.open}",
        say("stage_health.overdue"): f"{standing.overdue} · {_shares(standing.overdue_share, standing.open)}",
        say("stage_health.conversion"): _shares(step.conversion, step.decided),
        say("stage_health.median"): _hours(dwell.median_hours, dwell.stays),
        say("stage_health.p90"): _hours(dwell.p90_hours, dwell.stays),
        say("stage_health.within"): _shares(step.conversion_within_horizon, step.decided),
        say("stage_health.back_flow"): _shares(stage.back_flow.share, stage.back_flow.ended),
        say("stage_health.mean"): _mean(dwell.mean_hours, dwell.stays),
    }


def _hours(figure: Estimate, count: int) -> str:
    if figure.value is None:
        return say("stage_health.not_known", count=count)
    low, high = (f"{bound:.1f}" if bound is not None else "…" for bound in (figure.lowest, figure.highest))
    return f"{say('display.hours', count=f'{figure.value:.1f}')} ({low}–{high}, n={count})"


def _mean(hours: float | None, count: int) -> str:
    return "—" if hours is None else f"{say('display.hours', count=f'{hours:.1f}')} (n={count})"


def _shares(figure: Estimate, count: int) -> str:
    if figure.value is None:
        return say("stage_health.not_known", count=count)
    return f"{share(figure.value)} ({share(figure.lowest)}–{share(figure.highest)}, n={count})"


def _show_list(health: StageHealthView, wanted: dict[str, Any]) -> None:
    """The leads behind a number."""
    st.subheader(say("stage_health.behind"))
    stages = {stage.stage: stage.name for stage in health.stages}
    fullest = max(health.stages, key=lambda one: one.standing.open)
    st.session_state.setdefault(_STAGE, fullest.stage)
    st.session_state.setdefault(_FIGURE, "open")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stage = st.selectbox(say("leads.stage"), list(stages), key=_STAGE, format_func=lambda code: stages[code])
        figure = st.selectbox(
            say("stage_health.figure"), _FIGURES, key=_FIGURE, format_func=lambda one: say(f"stage_health.fate.{one}")
        )
        columns = health_charts.age_names(health.age_edges_hours)
        age = None
        if figure in {"open", "overdue"}:
            age = st.selectbox(
                say("stage_health.age"),
                [None, *range(len(columns))],
                key=_AGE,
                format_func=lambda one: say("stage_health.any_age") if one is None else columns[one],
            )
    offset = page_offset("health", stage, figure, age, wanted["team_id"], wanted["clock"])
    query = {**wanted, "stage": stage, "figure": figure, "age": age, "limit": _PAGE_LENGTH, "offset": offset}
    found = client().get("/api/stage-health/leads", Leads, **query)
    st.caption(say("leads.count", total=found.total))
    for lead in found.items:
        show_lead_line(lead)
    show_pager("health", found.total, _PAGE_LENGTH)


def _show_groups(wanted: dict[str, Any]) -> None:
    """Teams, regions or people side by side."""
    st.subheader(say("stage_health.compare"))
    kind = st.segmented_control(
        say("stage_health.by"),
        ("team", "region", "person"),
        default="team",
        format_func=lambda one: say(f"stage_health.by_{one}"),
    )
    groups = client().get("/api/stage-health/groups", Groups, **wanted, by=kind or "team")
    rows = [
        {say(f"stage_health.by_{groups.by}"): plain(group.name), **_row(stage)}
        for group in groups.items
        for stage in group.stages
        if stage.step.entered or stage.standing.open
    ]
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def _show_reviews() -> None:
    st.subheader(say("stage_health.reviews"))
    reviews = client().get("/api/stage-health/reviews", Reviews)
    if not reviews.items:
        st.caption(say("stage_health.no_reviews"))
    for review in reviews.items[:10]:
        with st.expander(f"{plain(review.title)} · {plain(review.assignee_name)}"):
            found = client().get(f"/api/stage-health/reviews/{review.task_id}/leads", Leads)
            for lead in found.items[:_PAGE_LENGTH]:
                show_lead_line(lead)


show()
