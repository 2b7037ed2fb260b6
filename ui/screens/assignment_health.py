"""Assignment health: do new leads find an owner in time, and if not, since when and why. One page."""

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.assignment_health import AssignmentHealthView, DiagnosisView, HourFacts
from api.contracts.leads import Leads
from ui.elements.display import moment, plain, share
from ui.elements.frame import told_problems
from ui.elements.links import link
from ui.elements.numbers import Number, show_numbers
from ui.elements.paging import page_offset, show_pager
from ui.elements.record_cards import show_lead_line
from ui.session import client, say

_KINDS = ("waiting", "judged", "backlog")
_KIND, _HOUR = "assignment_health_kind", "assignment_health_hour"
_PAGE_LENGTH = 10
_DAYS = 4


def show() -> None:
    """The share first, then the story of an incident, what to do, and the evidence."""
    st.title(say("assignment_health.title"))
    health = client().get("/api/assignment-health", AssignmentHealthView, hours=_DAYS * 24)
    _show_share(health)
    _show_hours(health)
    incidents = {one.id: one for one in health.incidents}
    chosen = st.selectbox(
        say("assignment_health.incident"),
        [None, *incidents],
        format_func=lambda one: (
            say("assignment_health.now")
            if one is None
            else say(
                "assignment_health.incident_line",
                opened=moment(incidents[one].opened_at),
                closed=moment(incidents[one].closed_at),
                share=share(incidents[one].highest_share),
            )
        ),
    )
    page = client().get("/api/assignment-health/diagnosis", DiagnosisView, incident_id=chosen)
    _show_story(page)
    _show_findings(page)
    _show_changes(page)
    _show_list()


def _show_share(health: AssignmentHealthView) -> None:
    now, limits = health.now, health.limits
    explained = say("assignment_health.definition", hours=limits.waiting_hours, window=limits.window_hours)
    st.metric(say("assignment_health.share"), share(now.share), help=explained)
    interval = say("assignment_health.interval", low=share(now.lowest), high=share(now.highest), count=now.judged)
    st.caption(f"{interval} · {explained}")
    if now.is_alarming:
        st.warning(say("assignment_health.alarming", limit=share(limits.alert_share)), icon=":material/warning:")
    in_pools = say("assignment_health.in_pools", count=now.in_pools)
    numbers = [
        Number("waiting", say("assignment_health.waiting"), now.waiting, in_pools),
        Number("judged", say("assignment_health.judged"), now.judged),
        Number("backlog", say("assignment_health.backlog"), now.backlog),
    ]
    show_numbers("assignment", numbers, _choose)
    if st.button(say("assignment_health.check"), icon=":material/refresh:"):
        with told_problems():
            client().call("POST", "/api/assignment-health/checks")
            st.rerun()


def _choose(kind: str) -> None:
    st.session_state[_KIND] = kind
    st.session_state.pop(_HOUR, None)


def _show_hours(health: AssignmentHealthView) -> None:
    """New leads by the hour in which they came; a bar opens its list."""
    rows = [row for hour in health.hours for row in _bars(hour)]
    st.subheader(say("assignment_health.hours"))
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar()
        .encode(
            x=alt.X("hour:T", title=None, axis=alt.Axis(format="%m-%d %H:%M", labelOverlap=True)),
            y=alt.Y("leads:Q", title=say("assignment_health.received"), axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color(
                "state:N",
                title=None,
                legend=alt.Legend(orient="bottom"),
                scale=alt.Scale(
                    domain=[say("assignment_health.in_time"), say("assignment_health.waited")],
                    range=["#0f766e", "#9f1239"],
                ),
            ),
            tooltip=[
                alt.Tooltip("hour:T", format="%m-%d %H:%M", title=say("assignment_health.hour")),
                alt.Tooltip("state", title=say("assignment_health.state")),
                alt.Tooltip("leads", title=say("assignment_health.received")),
            ],
        )
        .properties(height=260)
        .add_params(alt.selection_point(name="bar", fields=["code", "kind"]))
    )
    chosen = st.altair_chart(chart, width="stretch", on_select="rerun", key="arrivals", selection_mode="bar")
    bars = chosen.get("selection", {}).get("bar", []) if chosen else []
    if bars and st.session_state.get("taken-bar") != bars[0]:
        st.session_state["taken-bar"] = bars[0]
        st.session_state[_KIND], st.session_state[_HOUR] = bars[0]["kind"], bars[0]["code"]


def _bars(hour: HourFacts) -> list[dict[str, object]]:
    shown = {"hour": pd.Timestamp(hour.hour).tz_convert("Asia/Shanghai"), "code": hour.hour.isoformat()}
    in_time = {"state": say("assignment_health.in_time"), "kind": "received", "leads": hour.received - hour.waited}
    waited = {"state": say("assignment_health.waited"), "kind": "waited", "leads": hour.waited}
    return [{**shown, **in_time}, {**shown, **waited}]


def _show_story(page: DiagnosisView) -> None:
    """What happened in the order of time, and what to do."""
    st.subheader(say("assignment_health.story"))
    for sentence in page.summary:
        st.markdown(f"- {plain(sentence)}")
    if page.first_empty is not None:
        _draw_timeline(page)
    if page.repairs:
        st.subheader(say("assignment_health.repairs"))
        st.markdown("\n".join(f"1. {plain(repair.text)}" for repair in page.repairs))


def _draw_timeline(page: DiagnosisView) -> None:
    """Suspected changes, the last good run and the first empty one on a line of time."""
    rows = [{"at": change.at, "what": change.text, "kind": say("assignment_health.cause")} for change in page.causes]
    for run, key in ((page.last_good, "last_good"), (page.first_empty, "first_empty")):
        if run is not None:
            rows.append(
                {"at": run.decided_at, "what": say(f"assignment_health.{key}"), "kind": say(f"assignment_health.{key}")}
            )
    frame = pd.DataFrame(rows)
    frame["at"] = pd.to_datetime(frame["at"], utc=True).dt.tz_convert("Asia/Shanghai")
    kinds = [say(f"assignment_health.{key}") for key in ("cause", "last_good", "first_empty")]
    chart = (
        alt.Chart(frame)
        .mark_point(filled=True, size=140)
        .encode(
            x=alt.X("at:T", title=None, axis=alt.Axis(format="%m-%d %H:%M")),
            y=alt.Y("kind:N", title=None, sort=kinds),
            color=alt.Color(
                "kind:N", legend=None, scale=alt.Scale(domain=kinds, range=["#d97706", "#0f766e", "#9f1239"])
            ),
            tooltip=[
                alt.Tooltip("at:T", format="%Y-%m-%d %H:%M", title=say("assignment_health.when")),
                alt.Tooltip("what", title=say("assignment_health.what")),
            ],
        )
        .properties(height=alt.Step(34))
    )
    st.altair_chart(chart, width="stretch", alt=say("assignment_health.story"))
    for run, key in ((page.last_good, "last_good"), (page.first_empty, "first_empty")):
        if run is not None:
            link("lead", f"{say(f'assignment_health.{key}')} · {moment(run.decided_at)}", run.lead_id)


def _show_findings(page: DiagnosisView) -> None:
    if not page.findings:
        return
    st.subheader(say("assignment_health.findings"))
    for finding in page.findings:
        with st.container(border=True, gap="xsmall"):
            st.markdown(plain(finding.text))
            for reason in finding.reasons:
                people = "、".join(reason.people)
                counted = say("assignment_health.in_decisions", count=reason.decisions)
                st.caption(plain(f"{reason.text} · {counted}" + (f" · {people}" if people else "")))


def _show_changes(page: DiagnosisView) -> None:
    if not page.changes:
        return
    st.subheader(say("assignment_health.changes"))
    rows = [
        {
            say("assignment_health.suspected"): "●" if change.is_suspected else "",
            say("assignment_health.when"): moment(change.at),
            say("assignment_health.what"): change.text,
            say("assignment_health.who"): change.actor_name or "—",
            say("assignment_health.through"): change.channel_name,
            say("assignment_health.before"): say("display.hours", count=f"{change.hours_before_break:.1f}"),
            say("assignment_health.details"): "; ".join(change.details),
        }
        for change in page.changes
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _show_list() -> None:
    """The leads behind a number or a bar."""
    st.subheader(say("assignment_health.behind"))
    hour = st.session_state.get(_HOUR)
    kinds = ["received", "waited"] if hour else list(_KINDS)
    if st.session_state.get(_KIND) not in kinds:
        st.session_state[_KIND] = kinds[0]
    kind = st.pills(
        say("assignment_health.number"), kinds, key=_KIND, format_func=lambda one: say(f"assignment_health.{one}")
    )
    if hour:
        st.caption(say("assignment_health.of_hour", hour=moment(pd.Timestamp(hour).to_pydatetime())))
    offset = page_offset("assignment-health", kind, hour)
    query = {"kind": kind or kinds[0], "hour": hour, "limit": _PAGE_LENGTH, "offset": offset}
    found = client().get("/api/assignment-health/leads", Leads, **query)
    st.caption(say("leads.count", total=found.total))
    for lead in found.items:
        show_lead_line(lead)
    show_pager("assignment-health", found.total, _PAGE_LENGTH)


show()
