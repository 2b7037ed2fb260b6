"""Skill gaps of a team, what was seen of people's skills, and the courses that are assigned."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.contracts.skills import (
    Assignment,
    AssignmentFilter,
    Assignments,
    Gap,
    NewAssignment,
    NewObservation,
    ObservationKept,
    PersonSkills,
    SkillHeatMap,
    SuggestedCourse,
    TeamSkill,
)
from api.dependencies import LocaleDep
from coaching.heat_map import SkillColumn, gaps_of, heat_map, observations_of
from coaching.skill_gaps import FEWEST_OBSERVATIONS, SkillGap
from coaching.tables import CourseAssignment
from coaching.training import Seen, assign_course, assignments, complete_course, observe
from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.translations import Locale, translate
from crm_core.people.repository import names_of_people
from crm_core.process.vocabulary import TrainingCourse, Word

router = APIRouter(prefix="/api", tags=["skills"])


@router.get("/skills/heat-map")
def read_heat_map(
    acting: ActingDep,
    locale: LocaleDep,
    team_id: Annotated[UUID | None, Query(description="All reps within reach when left out")] = None,
) -> SkillHeatMap:
    """Who lacks which skill, how surely, and which course trains it."""
    found = heat_map(acting, team_id)
    return SkillHeatMap(
        skills=[_team_skill(column, locale) for column in found.skills],
        people=[
            PersonSkills(
                person_id=row.person_id,
                person_name=row.name,
                gaps=[_gap(skill, gap, locale) for skill, gap in row.gaps.items()],
            )
            for row in found.people
        ],
    )


@router.get("/skills/mine")
def read_own_skills(acting: ActingDep, locale: LocaleDep) -> PersonSkills:
    """One's own gaps."""
    acting.policy.require_readable(acting.viewer, "skill", ["level"])
    return PersonSkills(
        person_id=acting.person_id,
        person_name=names_of_people(acting.session, [acting.person_id])[acting.person_id],
        gaps=[_gap(skill, gap, locale) for skill, gap in _gaps(acting, acting.person_id).items()],
    )


@router.post("/skills/observations", status_code=status.HTTP_201_CREATED)
def keep_observation(seen: NewObservation, acting: ActingDep, locale: LocaleDep) -> ObservationKept:
    """Note which level of a skill was seen in somebody; answers with the gap that follows."""
    observation = observe(acting, Seen(**seen.model_dump()))
    gap = _gaps(acting, seen.person_id)[seen.skill]
    return ObservationKept(id=observation.id, gap=_gap(seen.skill, gap, locale))


@router.post("/courses/assignments", status_code=status.HTTP_201_CREATED)
def assign(wanted: NewAssignment, acting: ActingDep, locale: LocaleDep) -> Assignments:
    """Assign a course to people; each gets a task. Who has the course open already keeps that assignment."""
    made = assign_course(acting, wanted.course, wanted.person_ids, wanted.due_on)
    return Assignments(items=_shown(acting, made, locale), total=len(made))


@router.get("/courses/assignments")
def list_assignments(acting: ActingDep, locale: LocaleDep, wanted: Annotated[AssignmentFilter, Query()]) -> Assignments:
    """One's own course assignments, and those of the people one trains."""
    rows, total = assignments(acting, **wanted.model_dump())
    return Assignments(items=_shown(acting, rows, locale), total=total)


@router.post("/courses/assignments/{assignment_id}/completed")
def complete(assignment_id: UUID, acting: ActingDep, locale: LocaleDep) -> Assignment:
    """Say that the course was taken."""
    return _shown(acting, [complete_course(acting, assignment_id)], locale)[0]


def _gaps(acting: Acting, person_id: UUID) -> dict[str, SkillGap]:
    seen = observations_of(acting.session, [person_id]).get(person_id, {})
    return gaps_of(acting.playbook, seen, clock.today())


def _gap(skill: str, gap: SkillGap, locale: Locale) -> Gap:
    text = translate(
        f"skill_gap.person.{_verdict(gap)}", locale, observations=gap.observations, needed=FEWEST_OBSERVATIONS
    )
    return Gap(skill=skill, is_established=gap.is_established, text=text, **asdict(gap))


def _verdict(gap: SkillGap) -> str:
    if not gap.has_enough_data:
        return "not_enough_data"
    if gap.is_established:
        return "established"
    return "likely" if gap.is_lacking else "none"


def _team_skill(column: SkillColumn, locale: Locale) -> TeamSkill:
    name = _name(column.skill, locale)
    verdict = "not_enough_data" if column.team.share is None else "share"
    text = translate(
        f"skill_gap.team.{verdict}",
        locale,
        skill=name,
        percent=round((column.team.share or 0) * 100),
        people=column.team.people_with_data,
        needed=FEWEST_OBSERVATIONS,
    )
    return TeamSkill(
        skill=column.skill.code,
        name=name,
        required=column.skill.required_level,
        text=text,
        courses=[_course(course, locale) for course in column.courses],
        **asdict(column.team),
    )


def _course(course: TrainingCourse, locale: Locale) -> SuggestedCourse:
    return SuggestedCourse(code=course.code, name=_name(course, locale), hours=course.hours)


def _shown(acting: Acting, rows: Sequence[CourseAssignment], locale: Locale) -> list[Assignment]:
    courses = {course.code: course for course in acting.playbook.courses}
    names = names_of_people(acting.session, {row.person_id for row in rows})
    today = clock.today()
    return [
        Assignment(
            id=row.id,
            created_at=row.created_at,
            course=row.course,
            course_name=_name(courses[row.course], locale) if row.course in courses else row.course,
            skill=courses[row.course].skill if row.course in courses else None,
            person_id=row.person_id,
            person_name=names[row.person_id],
            assigned_by=row.assigned_by,
            due_on=row.due_on,
            state=row.state,
            completed_at=row.completed_at,
            gap_then=row.gap_then,
            is_overdue=row.state == "assigned" and row.due_on < today,
        )
        for row in rows
    ]


def _name(word: Word, locale: Locale) -> str:
    return word.name_en if locale == "en" else word.name
