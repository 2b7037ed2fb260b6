"""Pictures of stage health: funnel, survival curves, heat map of ages, trend by week."""

from itertools import pairwise

import altair as alt
import pandas as pd

from api.contracts.stage_health import StageFacts, StageHealthView
from ui.session import say

_FATES = ("forward", "undecided", "back", "parked", "lost")
_COLORS = ("#0f766e", "#a8b8b3", "#d97706", "#64748b", "#9f1239")
_HOURS_A_DAY = 24


def funnel(stages: list[StageFacts]) -> alt.Chart:
    """What became of the leads that entered each stage."""
    rows = [
        {
            "stage": stage.name,
            "code": stage.stage,
            "fate": say(f"stage_health.fate.{fate}"),
            "figure": fate,
            "leads": getattr(stage.step, fate),
            "order": place,
        }
        for stage in stages
        for place, fate in enumerate(_FATES)
    ]
    chart: alt.Chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar()
        .encode(
            x=alt.X("leads:Q", title=say("stage_health.leads"), axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("stage:N", title=None, sort=[stage.name for stage in stages]),
            order="order:O",
            color=alt.Color(
                "fate:N",
                title=None,
                legend=alt.Legend(orient="bottom", columns=3),
                scale=alt.Scale(domain=[say(f"stage_health.fate.{fate}") for fate in _FATES], range=list(_COLORS)),
            ),
            tooltip=[
                alt.Tooltip("stage", title=say("leads.stage")),
                alt.Tooltip("fate", title=say("stage_health.became")),
                alt.Tooltip("leads", title=say("stage_health.leads")),
            ],
        )
        .properties(height=alt.Step(34))
        .add_params(alt.selection_point(name="cell", fields=["code", "figure"]))
    )
    return chart


def curves(stages: list[StageFacts]) -> alt.Chart | None:
    """The share that is still in the stage after so many days; None where no stage has enough stays."""
    rows = [
        {"stage": stage.name, "days": hours / _HOURS_A_DAY, "share": share, "lowest": lowest, "highest": highest}
        for stage in stages
        for hours, share, lowest, highest in stage.dwell.curve
    ]
    if not rows:
        return None
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("days:Q", title=say("stage_health.days_in_stage")),
        color=alt.Color("stage:N", title=None, sort=[stage.name for stage in stages], legend=_legend()),
    )
    band = base.mark_area(opacity=0.12, interpolate="step-after").encode(
        y=alt.Y("lowest:Q", title=say("stage_health.still_there"), axis=alt.Axis(format="%")), y2="highest:Q"
    )
    line = base.mark_line(interpolate="step-after").encode(
        y=alt.Y("share:Q"),
        tooltip=[
            alt.Tooltip("stage", title=say("leads.stage")),
            alt.Tooltip("days", title=say("stage_health.days_in_stage"), format=".1f"),
            alt.Tooltip("share", title=say("stage_health.still_there"), format=".0%"),
        ],
    )
    chart: alt.Chart = (band + line).properties(height=340)
    return chart


def ages(health: StageHealthView) -> alt.Chart:
    """How many open leads of each stage are how old; a cell opens its list."""
    columns = age_names(health.age_edges_hours)
    rows = [
        {"stage": stage.name, "code": stage.stage, "age": columns[place], "column": place, "leads": count}
        for stage in health.stages
        for place, count in enumerate(stage.standing.ages)
    ]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X(
            "age:N", title=say("stage_health.age"), sort=columns, axis=alt.Axis(labelAngle=-40, labelOverlap=False)
        ),
        y=alt.Y("stage:N", title=None, sort=[stage.name for stage in health.stages]),
    )
    cells = base.mark_rect(stroke="#fff").encode(
        color=alt.Color("leads:Q", legend=None, scale=alt.Scale(range=["#f6f8f7", "#d97706"], interpolate="rgb")),
        tooltip=[
            alt.Tooltip("stage", title=say("leads.stage")),
            alt.Tooltip("age", title=say("stage_health.age")),
            alt.Tooltip("leads", title=say("stage_health.leads")),
        ],
    )
    cells = cells.add_params(alt.selection_point(name="cell", fields=["code", "column"]))
    chart: alt.Chart = (cells + base.mark_text().encode(text="leads:Q")).properties(height=alt.Step(34))
    return chart


def trend(health: StageHealthView) -> alt.Chart:
    """Leads that entered each stage by week."""
    names = {stage.stage: stage.name for stage in health.stages}
    rows = [
        {
            "week": pd.Timestamp(week.week),
            "stage": names[week.stage],
            "code": week.stage,
            "entered": week.step.entered,
            "forward": week.step.forward,
            "back": week.back_flow.back,
            "median": week.dwell.median_hours.value,
        }
        for week in health.weeks
    ]
    chart: alt.Chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("week:T", title=say("stage_health.week"), axis=alt.Axis(format="%m-%d")),
            y=alt.Y("entered:Q", title=say("stage_health.entered"), axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color("stage:N", title=None, sort=list(names.values()), legend=_legend()),
            tooltip=[
                alt.Tooltip("stage", title=say("leads.stage")),
                alt.Tooltip("week:T", title=say("stage_health.week"), format="%Y-%m-%d"),
                alt.Tooltip("entered", title=say("stage_health.entered")),
                alt.Tooltip("forward", title=say("stage_health.fate.forward")),
                alt.Tooltip("back", title=say("stage_health.went_back")),
                alt.Tooltip("median", title=say("stage_health.median_hours"), format=".1f"),
            ],
        )
        .properties(height=320)
    )
    return chart


def age_names(edges: list[float]) -> list[str]:
    """The columns of the heat map in words: days."""
    days = [round(edge / _HOURS_A_DAY) for edge in edges]
    between = [say("stage_health.days_between", low=low, high=high) for low, high in pairwise(days)]
    return [say("stage_health.days_under", high=days[0]), *between, say("stage_health.days_over", low=days[-1])]


def _legend() -> alt.Legend:
    return alt.Legend(orient="bottom", columns=3)
