"""Where leads go: what waits, where each rotation stands, what was decided last, and what would happen to a lead."""

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.assignment import Decisions, LeadToTry, RotationFacts, Rotations, RunPromised, TriedLead
from api.contracts.people import Regions
from api.contracts.playbook import PlaybookView
from ui.elements.decision_steps import show_decision, show_steps
from ui.elements.display import moment, plain
from ui.elements.frame import told_problems
from ui.elements.links import link
from ui.elements.paging import page_offset, show_pager
from ui.session import client, say

_PAGE_LENGTH = 20
_OUTCOMES = ("assigned", "pooled", "unassigned")
_CAUSES = ("arrival", "retry", "recycle", "handover", "manual", "claim", "release")


def show() -> None:
    """What waits first; then rotations, decisions, and the try-out."""
    st.title(say("assignment.title"))
    rotations = client().get("/api/assignment/rotation", Rotations)
    _show_waiting(rotations.waiting)
    turns, decisions, tried = st.tabs([say(f"assignment.tab_{name}") for name in ("turns", "decisions", "try")])
    with turns:
        for rotation in rotations.items:
            _show_rotation(rotation)
    with decisions:
        _show_decisions()
    with tried:
        _show_try()


def _show_waiting(waiting: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.metric(say("assignment.waiting"), waiting)
        if st.button(say("assignment.run"), icon=":material/play_arrow:", disabled=waiting == 0):
            with told_problems():
                promised = client().post("/api/assignment/run", RunPromised)
                st.success(say("assignment.running", count=promised.waiting))
        link("pools", say("menu.pools"), icon=":material/inbox:")


def _show_rotation(rotation: RotationFacts) -> None:
    """Bars of what the rotation gave; grey ones are held back now. The numbers stand in the table."""
    st.subheader(plain(rotation.pool_name))
    st.caption(say(f"assignment.strategy_{rotation.strategy}"))
    if not rotation.places:
        st.warning(say("assignment.nobody"), icon=":material/person_off:")
        return
    # leads of a region go round in it, so that its people stand together
    places = sorted(rotation.places, key=lambda place: place.region_name or "")
    rows = pd.DataFrame(
        {
            "person": [f"{place.region_name or ''} {place.person_name}".strip() for place in places],
            "given": [place.given for place in places],
            "state": [place.held_back or say("assignment.may_have") for place in places],
            "is_free": [place.held_back is None for place in places],
        }
    )
    st.altair_chart(_drawn_rotation(rows), width="stretch", alt=say("assignment.given_hint"))
    st.caption(say("assignment.given_hint"))
    with st.expander(say("frame.as_table")):
        st.dataframe(_table(rotation), hide_index=True)
    names = {str(place.person_id): place.person_name for place in rotation.places}
    chosen = st.selectbox(
        say("assignment.list_of"),
        list(names),
        index=None,
        format_func=lambda person_id: names[person_id],
        key=f"list-of-{rotation.pool}",
        placeholder=say("frame.choose"),
    )
    if chosen:
        _show_list(rotation.pool, chosen)


def _drawn_rotation(rows: pd.DataFrame) -> alt.Chart:
    colour = alt.Color("is_free:N", scale=alt.Scale(domain=[True, False], range=["#1f7a6d", "#b8c0bd"]), legend=None)
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("given:Q", title=say("assignment.given"), axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("person:N", sort=None, title=None, axis=alt.Axis(labelOverlap=False)),
            color=colour,
            tooltip=[
                alt.Tooltip("person", title=say("decision_steps.person")),
                alt.Tooltip("given", title=say("assignment.given")),
                alt.Tooltip("state", title=say("assignment.state")),
            ],
        )
        .properties(height=alt.Step(20))
    )
    return chart


def _table(rotation: RotationFacts) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                say("decision_steps.person"): place.person_name,
                say("assignment.region"): place.region_name or "",
                say("assignment.given"): place.given,
                say("decision_steps.turns"): place.turns,
                say("decision_steps.given_today"): place.given_today,
                say("decision_steps.open_leads"): place.open_leads,
                say("assignment.limit"): place.limit,
                say("assignment.weight"): place.weight,
                say("assignment.state"): place.held_back or say("assignment.may_have"),
            }
            for place in rotation.places
        ]
    )


def _show_list(pool: str, person_id: str) -> None:
    """The decisions behind a bar."""
    found = client().get("/api/assignment/decisions", Decisions, pool=pool, owner_id=person_id, limit=_PAGE_LENGTH)
    st.caption(say("assignment.count", total=found.total))
    for decision in found.items:
        link("lead", f"{moment(decision.decided_at)} · {decision.lead_title or '—'}", decision.lead_id)


def _show_decisions() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        outcome = st.pills(
            say("assignment.outcome"), _OUTCOMES, format_func=lambda code: say(f"assignment.outcome_{code}")
        )
        cause = st.selectbox(
            say("assignment.cause"),
            _CAUSES,
            index=None,
            placeholder=say("frame.choose"),
            format_func=lambda code: say(f"assignment.cause_{code}"),
            width=220,
        )
    offset = page_offset("decisions", outcome, cause)
    found = client().get(
        "/api/assignment/decisions", Decisions, outcome=outcome, cause=cause, limit=_PAGE_LENGTH, offset=offset
    )
    st.caption(say("assignment.count", total=found.total))
    for decision in found.items:
        title = f"{moment(decision.decided_at)} · {plain(decision.lead_title)} · {plain(decision.text)}"
        with st.expander(title):
            link("lead", decision.lead_title or "—", decision.lead_id, icon=":material/route:")
            show_decision(decision)
    show_pager("decisions", found.total, _PAGE_LENGTH)


def _show_try() -> None:
    """A lead that does not exist; nothing is written."""
    st.caption(say("assignment.try_hint"))
    playbook = client().get("/api/playbook", PlaybookView)
    regions = {region.code: region.name for region in client().get("/api/regions", Regions).items}
    with st.form("try"):
        facts = _facts(playbook, regions)
        if not st.form_submit_button(say("assignment.try"), type="primary"):
            return
    with told_problems():
        tried = client().post("/api/assignment/try", TriedLead, LeadToTry(**facts))
        st.markdown(f"**{plain(tried.text)}**")
        if tried.reason:
            st.caption(plain(tried.reason))
        show_steps(tried.steps, "try")


def _facts(playbook: PlaybookView, regions: dict[str, str]) -> dict[str, object]:
    """What the rules may look at; what is left empty is unknown."""
    sources = [field for stage in playbook.stages for field in stage.fields if field.code == "source"]
    choices = {
        "region": regions,
        "size": {size.code: size.name for size in playbook.customer_sizes},
        "source": {choice.code: choice.name for field in sources for choice in field.choices},
    }
    left, right = st.columns(2)
    facts: dict[str, object] = {}
    with left:
        for name, options in choices.items():
            facts[name] = st.selectbox(
                say(f"assignment.fact_{name}"),
                list(options),
                index=None,
                placeholder=say("assignment.unknown"),
                format_func=options.__getitem__,
            )
        facts["amount"] = st.number_input(say("assignment.fact_amount"), value=None, min_value=0.0)
    with right:
        for name in ("industry", "city", "product", "language"):
            facts[name] = st.text_input(say(f"assignment.fact_{name}")).strip() or None
    return {name: value for name, value in facts.items() if value is not None}


show()
