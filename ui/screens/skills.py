"""The trainer's page: which skills the team lacks, who, and what is being done about it."""

from collections import defaultdict
from datetime import date, timedelta

import altair as alt
import pandas as pd
import streamlit as st

from api.contracts.skills import Assignments, NewAssignment, SkillHeatMap, TeamSkill
from ui.elements.display import day, plain, share, today
from ui.elements.frame import told_problems
from ui.elements.numbers import Number, show_numbers
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
    show_numbers("skills", [_number(skill) for skill in known])


def _number(skill: TeamSkill) -> Number:
    lacking = say(
        "skills.lacking",
        lacking=skill.lacking,
        people=skill.people_with_data,
        lowest=share(skill.lowest),
        highest=share(skill.highest),
    )
    return Number(skill.skill, skill.name, share(skill.share), lacking, explanation=skill.text)


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
    st.subheader(say("skills.map"))
    st.altair_chart(_drawn_map(pd.DataFrame(rows), order), width="stretch", alt=say("skills.map_hint"))
    st.caption(say("skills.map_hint"))
    with st.expander(say("frame.as_table")):
        table = pd.DataFrame(rows).pivot_table(index="person", columns="skill", values="gap")
        table = table.reindex(columns=order).rename_axis(index=say("skills.person"))
        st.dataframe(table.style.format("{:+.1f}", na_rep=""))


def _drawn_map(rows: pd.DataFrame, order: list[str]) -> alt.Chart:
    """Orange where a level is lacking, green where it is exceeded, nearly white where it is met."""
    gaps = alt.Scale(domain=[-1.5, 0, 1.5], range=["#5aa79b", "#f6f8f7", "#c2410c"], interpolate="rgb", clamp=True)
    upright = alt.Axis(labelAngle=-45, orient="top", labelLimit=160, labelOverlap=False)
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_rect(stroke="#fff")
        .encode(
            x=alt.X("skill:N", sort=order, title=None, axis=upright),
            y=alt.Y("person:N", title=None, axis=alt.Axis(labelOverlap=False)),
            color=alt.Color("gap:Q", title=say("skills.gap"), legend=alt.Legend(orient="bottom"), scale=gaps),
            tooltip=[
                alt.Tooltip("person", title=say("skills.person")),
                alt.Tooltip("skill", title=say("skills.skill_name")),
                alt.Tooltip("gap", title=say("skills.gap"), format="+.1f"),
                alt.Tooltip("observations", title=say("skills.observations")),
                alt.Tooltip("says", title=say("skills.says")),
            ],
        )
        .properties(height=alt.Step(18))
    )
    return chart


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
    running = client().get("/api/courses/assignments", Assignments, state="assigned", limit=100)
    done = client().get("/api/courses/assignments", Assignments, state="completed", limit=1).total
    st.subheader(say("skills.running", total=running.total))
    st.caption(say("skills.completed", total=done))
    classes: defaultdict[tuple[str, date, bool], list[str]] = defaultdict(list)
    for one in running.items:
        classes[one.course_name, one.due_on, one.is_overdue].append(one.person_name)
    rows = [
        {
            say("skills.course"): plain(course),
            say("skills.due"): day(due_on) + (f" :red-badge[{say('record_cards.overdue')}]" if is_overdue else ""),
            say("skills.people_in_it"): plain(f"{len(names)}: {'、'.join(names)}"),
        }
        for (course, due_on, is_overdue), names in classes.items()
    ]
    if rows:
        st.table(pd.DataFrame(rows).set_index(say("skills.course")))


show()
