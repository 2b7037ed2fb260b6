"""Observing skills and assigning courses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import func, select

from coaching.errors import (
    AssignmentClosed,
    AssignmentNotFound,
    CourseUnknown,
    DueDatePast,
    ObservationInFuture,
    SkillUnknown,
    TraineeUnknown,
)
from coaching.heat_map import gaps_of, observations_of, trainable
from coaching.tables import CourseAssignment, SkillObservation
from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.people.tables import Person
from crm_core.process.vocabulary import TrainingCourse
from crm_core.work.tasks import TaskOrder, make_task


@dataclass(frozen=True, slots=True)
class Seen:
    """A level of a skill that the viewer saw in somebody."""

    person_id: UUID
    skill: str
    level: float
    observed_on: date
    source: str
    lead_id: UUID | None = None
    note: str | None = None


def observe(acting: Acting, seen: Seen) -> SkillObservation:
    """Keep an observation. Raises SkillUnknown, TraineeUnknown, ObservationInFuture, FieldForbidden."""
    acting.policy.require_editable(acting.viewer, "skill", ["level"])
    skills = [skill.code for skill in acting.playbook.skills]
    if seen.skill not in skills:
        raise SkillUnknown(skill=seen.skill, allowed=", ".join(skills))
    if seen.observed_on > clock.today():
        raise ObservationInFuture(observed_on=seen.observed_on)
    _require_trainees(acting, [seen.person_id])
    observation = SkillObservation(
        person_id=seen.person_id,
        skill=seen.skill,
        level=seen.level,
        observed_on=seen.observed_on,
        source=seen.source,
        observed_by=acting.person_id,
        lead_id=seen.lead_id,
        note=seen.note,
    )
    acting.session.add(observation)
    acting.session.flush()
    return observation


def assign_course(acting: Acting, code: str, person_ids: Sequence[UUID], due_on: date) -> list[CourseAssignment]:
    """Assign a course and make each person's task; whoever has it open already keeps that assignment.

    Raises RightMissing, CourseUnknown, DueDatePast, TraineeUnknown.
    """
    acting.policy.require_right(acting.viewer, "training.assign")
    course = next((course for course in acting.playbook.courses if course.code == code), None)
    if course is None:
        raise CourseUnknown(course=code, allowed=", ".join(course.code for course in acting.playbook.courses))
    if due_on < clock.today():
        raise DueDatePast(due_on=due_on)
    wanted = list(dict.fromkeys(person_ids))
    _require_trainees(acting, wanted)
    open_now = _open_assignments(acting, code, wanted)
    return [open_now.get(person_id) or _assign(acting, course, person_id, due_on) for person_id in wanted]


def complete_course(acting: Acting, assignment_id: UUID) -> CourseAssignment:
    """Say that a course was taken: the trainee, or whoever may assign. Raises AssignmentNotFound, AssignmentClosed."""
    assignment = acting.session.scalar(
        select(CourseAssignment).where(CourseAssignment.id == assignment_id).with_for_update()
    )
    if assignment is None or not _concerns(acting, assignment):
        raise AssignmentNotFound(assignment_id=assignment_id)
    if assignment.state != "assigned":
        raise AssignmentClosed(state=assignment.state)
    assignment.state, assignment.completed_at = "completed", clock.now()
    acting.session.flush()
    return assignment


def assignments(
    acting: Acting, *, person_id: UUID | None = None, state: str | None = None, limit: int, offset: int
) -> tuple[Sequence[CourseAssignment], int]:
    """A page of one's own assignments, or of those one looks after, latest first."""
    concerned = CourseAssignment.person_id == acting.person_id
    if acting.policy.has_right(acting.viewer, "training.view"):
        concerned |= CourseAssignment.person_id.in_(select(Person.id).where(trainable(acting)))
    conditions = [concerned]
    if person_id is not None:
        conditions.append(CourseAssignment.person_id == person_id)
    if state is not None:
        conditions.append(CourseAssignment.state == state)
    total = acting.session.scalar(select(func.count()).select_from(CourseAssignment).where(*conditions)) or 0
    page = select(CourseAssignment).where(*conditions).order_by(CourseAssignment.created_at.desc(), CourseAssignment.id)
    return acting.session.scalars(page.limit(limit).offset(offset)).all(), total


def _assign(acting: Acting, course: TrainingCourse, person_id: UUID, due_on: date) -> CourseAssignment:
    seen = observations_of(acting.session, [person_id]).get(person_id, {})
    gap = gaps_of(acting.playbook, seen, clock.today())[course.skill]
    assignment = CourseAssignment(
        person_id=person_id,
        course=course.code,
        assigned_by=acting.person_id,
        due_on=due_on,
        state="assigned",
        gap_then=gap.gap,
    )
    acting.session.add(assignment)
    acting.session.flush()
    order = TaskOrder(
        assignee_id=person_id,
        kind="course",
        code="take_course",
        parameters={"title_zh": f"学习《{course.name}》", "title_en": f"Take the course: {course.name_en}"},
        due_at=datetime.combine(due_on, time(18), clock.BUSINESS_ZONE),
        origin_key=f"course_assignment:{assignment.id}",
    )
    make_task(acting.session, order, created_by=acting.person_id)
    return assignment


def _open_assignments(acting: Acting, code: str, person_ids: Sequence[UUID]) -> dict[UUID, CourseAssignment]:
    statement = select(CourseAssignment).where(
        CourseAssignment.course == code,
        CourseAssignment.state == "assigned",
        CourseAssignment.person_id.in_(person_ids),
    )
    return {assignment.person_id: assignment for assignment in acting.session.scalars(statement)}


def _require_trainees(acting: Acting, person_ids: Sequence[UUID]) -> None:
    found = set(acting.session.scalars(select(Person.id).where(Person.id.in_(person_ids), trainable(acting))))
    for person_id in person_ids:
        if person_id not in found:
            raise TraineeUnknown(person_id=person_id)


def _concerns(acting: Acting, assignment: CourseAssignment) -> bool:
    if assignment.person_id == acting.person_id:
        return True
    if not acting.policy.has_right(acting.viewer, "training.assign"):
        return False
    return (
        acting.session.scalar(select(Person.id).where(Person.id == assignment.person_id, trainable(acting))) is not None
    )
