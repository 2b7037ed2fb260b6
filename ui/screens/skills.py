"""The trainer's page: which skills the team lacks, who, and what is being done about it."""

from datetime import timedelta

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.skills import Assignments, NewAssignment, SkillHeatMap, TeamSkill
from ui.elements.display import day, plain, share, today
from ui.elements.frame import told_problems
from ui.session import client, me, say

_DUE_DAYS = 21


def show() -> None:
    """Shares of the team first, then the map of people and skills, then courses."""
    st.title(say("skills.title"))
    heat = client().get("/api/skills/heat-map", SkillHeatMap)
    _show_worst(heat.skills)
    _show_map(heat)
    if "training.assign" in me().rights:
        _show_assignment(heat)
    _show_running()


def _show_worst(skills: list[TeamSkill]) -> None:
    known = [skill for skill in skills if skill.share is not None][:4]
    if not known:
        st.info(say("skills.not_enough"))
        return
    for column, skill in zip(st.columns(len(known)), known, strict=True):
        column.metric(skill.name, share(skill.share), border=True, help=skill.text)
        column.caption(
            say(
                "skills.lacking",
                lacking=skill.lacking,
                people=skill.people_with_data,
                lowest=share(skill.lowest),
                highest=share(skill.highest),
            )
        )


def _show_map(heat: SkillHeatMap) -> None:
    """Gap by person and skill; a cell without enough observations stays empty and says so."""
    names = {skill.skill: skill.name for skill in heat.skills}
    rows = [
        {
            "person": person.person_name,
            "skill": names.get(gap.skill, gap.skill),
            "gap": gap.gap,
            "observations": gap.observations,
            "says": gap.text,
        }
        for person in heat.people
        for gap in person.gaps
    ]
    if not rows:
        return
    order = [skill.name for skill in heat.skills]
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_rect(stroke="#fff")
        .encode(
            x=alt.X("skill:N", sort=order, title=None, axis=alt.Axis(labelAngle=-35, orient="top", labelLimit=160)),
            y=alt.Y("person:N", title=None, axis=alt.Axis(labelOverlap=False)),
            color=alt.Color(
                "gap:Q",
                title=say("skills.gap"),
                scale=alt.Scale(
                    domain=[-1.5, 0, 1.5], range=["#5aa79b", "#f6f8f7", "#c2410c"], interpolate="rgb", clamp=True
                ),
            ),
            tooltip=["person", "skill", alt.Tooltip("gap", format="+.1f"), "observations", "says"],
        )
        .properties(height=alt.Step(18))
    )
    st.subheader(say("skills.map"))
    st.altair_chart(chart, width="stretch")
    st.caption(say("skills.map_hint"))


def _show_assignment(heat: SkillHeatMap) -> None:
    """The course for a gap, offered to those who have it; one may be taken out."""
    st.subheader(say("skills.assign"))
    skills = [skill for skill in heat.skills if skill.courses]
    if not skills:
        st.caption(say("skills.no_course"))
        return
    skill = st.selectbox(say("skills.skill"), skills, format_func=lambda one: one.name)
    courses = {course.code: course.name for course in skill.courses}
    lacking = {
        person.person_id: person.person_name
        for person in heat.people
        for gap in person.gaps
        if gap.skill == skill.skill and gap.is_established
    }
    with st.form("assignment"):
        course = st.selectbox(say("skills.course"), list(courses), format_func=lambda code: courses[code])
        people = st.multiselect(
            say("skills.people"),
            list(lacking),
            default=list(lacking),
            placeholder=say("frame.choose"),
            format_func=lambda one: lacking[one],
        )
        due_on = st.date_input(say("skills.due"), today() + timedelta(days=_DUE_DAYS))
        if st.form_submit_button(say("skills.send", count=len(people)), type="primary") and people and course:
            with told_problems():
                wanted = NewAssignment(course=course, person_ids=people, due_on=due_on)
                made = client().post("/api/courses/assignments", Assignments, wanted)
                st.success(say("skills.sent", count=made.total))


def _show_running() -> None:
    running = client().get("/api/courses/assignments", Assignments, limit=50)
    st.subheader(say("skills.running", total=running.total))
    for one in running.items:
        state = say(f"skills.state_{one.state}") + (f" · {say('record_cards.overdue')}" if one.is_overdue else "")
        st.markdown(f"**{plain(one.person_name)}** {plain(one.course_name)} :gray[{day(one.due_on)} · {state}]")


show()
