"""One person: positions over time, whether leads arrive, facts, leaving and what becomes of what they hold."""

from datetime import date, timedelta
from uuid import UUID

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.people import MembershipFacts, PersonChange, PersonDetail, PersonFacts, ReadinessFacts
from ui.elements.display import plain
from ui.elements.frame import told_problems
from ui.elements.handover import show_handover
from ui.elements.links import link
from ui.session import client, me, say

_BETWEEN_WORDS = "、"


def show_person(person_id: UUID) -> None:
    person = client().get(f"/api/people/{person_id}", PersonDetail)
    st.title(plain(person.name))
    st.caption(plain(" · ".join(filter(None, (person.employee_number, person.email, person.mobile, person.wecom_id)))))
    if person.left_on:
        st.warning(say("people.left_on", day=person.left_on), icon=":material/logout:")
    if person.onboarding:
        _show_readiness(person.onboarding)
    _show_positions(person.memberships, person.day)
    _show_around(person)
    if "roster.edit" in me().rights:
        _show_facts_form(person)
        show_handover(person)


def _show_readiness(readiness: ReadinessFacts) -> None:
    """The checklist of what must be known before leads arrive."""
    st.subheader(say("people.onboarding"))
    if readiness.receives_leads:
        st.success(readiness.explanation, icon=":material/check_circle:")
    else:
        st.info(readiness.explanation, icon=":material/info:")
    with st.container(horizontal=True):
        for item in readiness.checklist:
            icon = ":material/check:" if item.is_known else ":material/close:"
            st.badge(plain(item.name), icon=icon, color="green" if item.is_known else "red")
    if readiness.pools:
        st.caption(say("people.pools", pools=_BETWEEN_WORDS.join(map(plain, readiness.pools))))


def _show_positions(held: list[MembershipFacts], today: date) -> None:
    """One bar a position, from its first day to its last."""
    st.subheader(say("people.positions"))
    if not held:
        st.caption(say("people.no_position"))
        return
    rows = [
        {
            "position": " ".join(filter(None, (say(f"role.{one.role}"), one.team, one.region))),
            "since": one.since.isoformat(),
            "until": (one.until or max(today, one.since) + timedelta(days=1)).isoformat(),
            "open": say("people.lasting") if one.until is None else str(one.until),
            "manager": one.manager or "—",
        }
        for one in held
    ]
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(cornerRadius=3, color="#0f766e")
        .encode(
            x=alt.X("since:T", title=None, axis=alt.Axis(format="%Y-%m-%d", labelOverlap=True)),
            x2="until:T",
            y=alt.Y("position:N", title=None, sort=[row["position"] for row in rows]),
            tooltip=[
                alt.Tooltip("position:N", title=say("people.position")),
                alt.Tooltip("since:N", title=say("people.since")),
                alt.Tooltip("open:N", title=say("people.until")),
                alt.Tooltip("manager:N", title=say("people.manager")),
            ],
        )
        .properties(height=alt.Step(30))
    )
    st.altair_chart(chart, width="stretch", alt=say("people.positions"))
    with st.expander(say("people.positions_list")):
        for row in rows:
            st.markdown(plain(f"{row['since']} → {row['open']} · {row['position']} · {row['manager']}"))


def _show_around(person: PersonDetail) -> None:
    if person.manager:
        link("people", say("people.reports_to", name=person.manager.name), person.manager.id, icon=":material/north:")
    if person.team_members:
        with st.expander(say("people.colleagues", count=len(person.team_members)), icon=":material/groups:"):
            for one in person.team_members:
                link("people", one.name, one.id)


def _show_facts_form(person: PersonDetail) -> None:
    with st.expander(say("people.correct"), icon=":material/edit:"), st.form("facts"):
        texts = {
            name: st.text_input(say(f"people.{name}"), getattr(person, name) or "", max_chars=longest)
            for name, longest in (("employee_number", 40), ("email", 200), ("mobile", 40), ("wecom_id", 80))
        }
        lists = {
            name: st.text_input(say(f"people.{name}"), _BETWEEN_WORDS.join(getattr(person, name)))
            for name in ("skills", "languages")
        }
        limit = st.number_input(
            say("people.open_leads_limit"), min_value=0, max_value=100_000, value=person.open_leads_limit
        )
        away = st.date_input(say("people.away_until"), value=person.away_until)
        if st.form_submit_button(say("people.keep"), type="primary"):
            with told_problems():
                client().put(
                    f"/api/people/{person.id}",
                    PersonFacts,
                    PersonChange(
                        **{name: text.strip() or None for name, text in texts.items()},
                        **{name: _words(text) for name, text in lists.items()},
                        open_leads_limit=limit,
                        away_until=away if isinstance(away, date) else None,
                    ),
                )
                st.rerun()


def _words(text: str) -> list[str]:
    for separator in "，,;；":
        text = text.replace(separator, _BETWEEN_WORDS)
    return [word.strip() for word in text.split(_BETWEEN_WORDS) if word.strip()]
