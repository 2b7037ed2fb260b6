"""Who works here: the list, whom no leads reach yet, and one person when the address names one."""

import streamlit as st

from api.contracts.people import People, PersonFacts, Teams
from api.contracts.roster import Newcomers
from ui.elements.display import plain
from ui.elements.frame import own_part
from ui.elements.links import asked_id, link
from ui.elements.paging import page_offset, show_pager
from ui.elements.person_page import show_person
from ui.session import client, say

_PAGE_ROWS = 30
_ROLES = ("rep", "presales", "delivery", "finance", "trainer", "manager", "director", "operations", "admin")


def show() -> None:
    person_id = asked_id()
    if person_id:
        show_person(person_id)
        link("people", say("people.all"), icon=":material/arrow_back:")
        return
    st.title(say("people.title"))
    link("roster_changes", say("people.changes"), icon=":material/history:")
    with own_part():
        _show_newcomers()
    _show_list()


def _show_newcomers() -> None:
    """Whoever should get leads and does not, with what is missing."""
    found = client().get("/api/roster/newcomers", Newcomers)
    if not found.total:
        st.success(say("people.all_ready"), icon=":material/check_circle:")
        return
    with st.expander(say("people.newcomers", count=found.total), icon=":material/hourglass_top:", expanded=True):
        for one in found.items:
            link("people", f"{one.name} · {one.readiness.explanation}", one.person_id, icon=":material/person_alert:")


def _show_list() -> None:
    words = st.text_input(say("people.search"), placeholder=say("people.search_hint"))
    teams = {team.id: team.name for team in client().get("/api/teams", Teams).items}
    role_column, team_column = st.columns(2)
    role = role_column.selectbox(
        say("people.role"), ["", *_ROLES], format_func=lambda code: say(f"role.{code}") if code else say("people.any")
    )
    team_id = team_column.selectbox(
        say("people.team"), [None, *teams], format_func=lambda one: teams[one] if one else say("people.any")
    )
    with_left = st.toggle(say("people.with_left"))
    found = client().get(
        "/api/people",
        People,
        search=words,
        role=role or None,
        team_id=team_id,
        with_left=with_left,
        limit=_PAGE_ROWS,
        offset=page_offset("people", words, role, team_id, with_left),
    )
    st.caption(say("people.count", total=found.total))
    for person in found.items:
        link("people", _line(person), person.id, icon=":material/person:")
    show_pager("people", found.total, _PAGE_ROWS)


def _line(person: PersonFacts) -> str:
    positions = [
        " ".join(filter(None, (say(f"role.{held.role}"), held.team, held.region))) for held in person.memberships
    ]
    left = say("people.left_on", day=person.left_on) if person.left_on else ""
    return plain(" · ".join(filter(None, (person.name, person.employee_number, *positions, left))))


show()
