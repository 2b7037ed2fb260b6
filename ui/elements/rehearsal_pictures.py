"""What a draft would change, in pictures, and which lists stand behind them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.rehearsals import FindingKind, RehearsalResult, TwoSided
from ui.elements.numbers import Number, show_numbers
from ui.elements.rehearsal_lists import choose_list
from ui.session import client, say

#: code → (name, what the interface is asked for)
Lists = dict[str, tuple[str, Mapping[str, Any]]]

_PEOPLE_DRAWN = 20
_OLD, _NEW, _ACTUAL = "#94a3b8", "#0f766e", "#d97706"


def show_assignment(rehearsal_id: UUID, result: RehearsalResult) -> Lists:
    """Who gets how many, and from whom to whom leads would go."""
    side = result.assignment
    lists: Lists = {"changed": (say("rehearsal.all_changed"), {"changed": True})}
    lists |= _changes(side.changes)
    lists["all"] = (say("rehearsal.all_leads"), {})
    _show_changes("assignment", side.changes)
    if side.people:
        st.markdown(f"**{say('rehearsal.loads')}**")
        _draw_people(result)
        st.caption(say("rehearsal.loads_shown", shown=min(_PEOPLE_DRAWN, len(side.people)), total=side.people_total))
    if side.flows:
        st.markdown(f"**{say('rehearsal.flows')}**")
        _draw_flows(result)
    for title, rows in (("rehearsal.outcomes", side.outcomes), ("rehearsal.rules", side.rules)):
        _show_two_sided(say(title), rows, _outcome_name)
        lists |= _two_sided_lists(rows, _outcome_name)
    for person in side.people:
        lists[f"old:{person.person_id}"] = _of_side("old", person.name, {"old_owner_id": person.person_id})
        lists[f"new:{person.person_id}"] = _of_side("new", person.name, {"new_owner_id": person.person_id})
    _show_exports(rehearsal_id)
    return lists


def show_gates(result: RehearsalResult) -> Lists:
    """Moves that were made and would be refused, by what they lack."""
    side = result.gates
    st.caption(say("rehearsal.gates_hint", moves=side.moves, old=side.old_blocked, new=side.new_blocked))
    _show_changes("move", {code: count for code, count in side.changes.items() if code != "same"})
    if side.items:
        st.markdown(f"**{say('rehearsal.lacking')}**")
        _draw_two_sided(side.items)
    lists: Lists = {"changed": (say("rehearsal.all_refused"), {"changed": True})} if side.items else {}
    return lists | _changes(side.changes) | _two_sided_lists(side.items)


def show_alarms(result: RehearsalResult) -> Lists:
    """Which steps would ring, day by day, in which stage and for whom."""
    side = result.alarms
    st.caption(say("rehearsal.alarms_hint", stays=side.stays, old=side.old, new=side.new))
    _show_changes("alarm", side.changes)
    if side.days:
        st.markdown(f"**{say('rehearsal.by_day')}**")
        _draw_days(side.days)
    lists: Lists = {"changed": (say("rehearsal.all_changed"), {"changed": True})} if side.days else {}
    lists |= _changes(side.changes)
    for title, rows in (("rehearsal.by_stage", side.stages), ("rehearsal.by_receiver", side.receivers)):
        if rows:
            st.markdown(f"**{say(title)}**")
            _draw_two_sided(rows)
        lists |= _two_sided_lists(rows)
    return lists | _two_sided_lists(side.days)


def show_stages(result: RehearsalResult) -> Lists:
    """Stages that go and come, and where their leads are taken."""
    if not result.stages:
        st.info(say("rehearsal.no_stages"))
        return {}
    rows = [
        {
            say("rehearsal.stage"): stage.name,
            say("rehearsal.column_change"): say(f"rehearsal.stage_{stage.change}"),
            say("rehearsal.leads"): stage.leads,
            say("rehearsal.target"): stage.target_name or "—",
        }
        for stage in result.stages
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    return {stage.stage: (stage.name, {"code": f"stage:{stage.stage}"}) for stage in result.stages if stage.leads}


def _show_changes(kind: FindingKind, changes: Mapping[str, int]) -> None:
    """A card for each kind of change; its button opens the list below."""
    numbers = [
        Number(f"change:{code}", say(f"rehearsal.change_{code}"), count) for code, count in changes.items() if count
    ]
    show_numbers(f"rehearsal-{kind}", numbers, partial(choose_list, kind))


def _changes(changes: Mapping[str, int]) -> Lists:
    return {f"change:{code}": (say(f"rehearsal.change_{code}"), {"change": code}) for code in changes}


def _two_sided_lists(rows: Sequence[TwoSided], named: Callable[[TwoSided], str] = lambda row: row.name) -> Lists:
    return {
        f"{side}_{row.code}": _of_side(side, named(row), {"code": f"{side}_{row.code}"})
        for row in rows
        for side in ("old", "new")
        if getattr(row, side)
    }


def _of_side(side: str, name: str, asked: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    return f"{say(f'rehearsal.column_{side}')} · {name}", asked


def _outcome_name(row: TwoSided) -> str:
    kind, _, code = row.code.partition(":")
    return say(f"rehearsal.outcome_{code}") if kind == "outcome" else row.name


def _show_two_sided(title: str, rows: Sequence[TwoSided], named: Callable[[TwoSided], str]) -> None:
    table = [
        {title: named(row), say("rehearsal.column_old"): row.old, say("rehearsal.column_new"): row.new} for row in rows
    ]
    st.dataframe(pd.DataFrame(table), hide_index=True)


def _draw_people(result: RehearsalResult) -> None:
    """Those whose load changes most."""
    people = result.assignment.people[:_PEOPLE_DRAWN]
    sides = (("actual", _ACTUAL), ("old", _OLD), ("new", _NEW))
    rows = [
        {"person": person.name, "side": say(f"rehearsal.column_{side}"), "leads": getattr(person, side)}
        for person in people
        for side, _ in sides
    ]
    _draw_bars(rows, "person", sides, say("rehearsal.leads_axis"))


def _draw_two_sided(rows: Sequence[TwoSided]) -> None:
    sides = (("old", _OLD), ("new", _NEW))
    flat = [
        {"what": row.name, "side": say(f"rehearsal.column_{side}"), "leads": getattr(row, side)}
        for row in rows
        for side, _ in sides
    ]
    _draw_bars(flat, "what", sides, say("rehearsal.count_axis"))


def _draw_bars(rows: list[dict[str, Any]], name: str, sides: Sequence[tuple[str, str]], axis: str) -> None:
    """Bars of both sides, one group a name, in the order of the rows."""
    order = list(dict.fromkeys(row[name] for row in rows))
    names = [say(f"rehearsal.column_{side}") for side, _ in sides]
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar()
        .encode(
            x=alt.X("leads:Q", title=axis, axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y(f"{name}:N", title=None, sort=order, axis=alt.Axis(labelLimit=160)),
            yOffset=alt.YOffset("side:N", sort=names),
            color=alt.Color(
                "side:N",
                title=None,
                scale=alt.Scale(domain=names, range=[color for _, color in sides]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[name, "side", "leads"],
        )
        .properties(height=alt.Step(10))
    )
    st.altair_chart(chart, width="stretch")


def _draw_days(days: Sequence[TwoSided]) -> None:
    sides = (("old", _OLD), ("new", _NEW))
    names = [say(f"rehearsal.column_{side}") for side, _ in sides]
    rows = [
        {"day": day.name, "side": say(f"rehearsal.column_{side}"), "alarms": getattr(day, side)}
        for day in days
        for side, _ in sides
    ]
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%m-%d")),
            y=alt.Y("alarms:Q", title=say("rehearsal.alarms"), axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color(
                "side:N",
                title=None,
                scale=alt.Scale(domain=names, range=[color for _, color in sides]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=["day", "side", "alarms"],
        )
        .properties(height=220)
    )
    st.altair_chart(chart, width="stretch")


def _draw_flows(result: RehearsalResult) -> None:
    """From whom (rows) to whom (columns): the darker, the more leads."""
    rows = [{"from": flow.from_name, "to": flow.to_name, "leads": flow.leads} for flow in result.assignment.flows]
    leaning = alt.Axis(labelAngle=-40, labelLimit=120, labelOverlap=False)
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("to:N", title=say("rehearsal.flow_to"), axis=leaning),
        y=alt.Y("from:N", title=say("rehearsal.flow_from"), axis=alt.Axis(labelLimit=160)),
        tooltip=["from", "to", "leads"],
    )
    cells = base.mark_rect().encode(
        color=alt.Color("leads:Q", title=None, scale=alt.Scale(scheme="teals"), legend=None)
    )
    text = base.mark_text(fontSize=11).encode(text="leads:Q")
    st.altair_chart((cells + text).properties(height=alt.Step(24)), width="stretch")


def _show_exports(rehearsal_id: UUID) -> None:
    """The files are made when they are wanted: there may be many leads."""
    with st.container(horizontal=True):
        for form in ("csv", "xlsx"):
            st.download_button(
                say("rehearsal.export", form=form.upper()),
                data=partial(client().download, f"/api/rehearsals/{rehearsal_id}/leads.{form}"),
                file_name=f"rehearsal.{form}",
                key=f"rehearsal-{form}",
                icon=":material/download:",
            )
