"""Skill gaps of a team: people × skills, and the course that each common gap calls for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from coaching.skill_gaps import Observation, SkillGap, TeamGap, skill_gap, team_gap
from coaching.tables import SkillObservation
from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.people.memberships import holds_on
from crm_core.people.repository import PERSON_COLUMNS
from crm_core.people.tables import Membership, Person
from crm_core.process.playbook import Playbook
from crm_core.process.vocabulary import Skill, TrainingCourse


@dataclass(frozen=True, slots=True)
class SkillColumn:
    """One skill over a team; `courses` train it."""

    skill: Skill
    team: TeamGap
    courses: tuple[TrainingCourse, ...]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person over all skills, by skill code."""

    person_id: UUID
    name: str
    gaps: Mapping[str, SkillGap]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Skills by how many lack them, worst first; people by name."""

    skills: tuple[SkillColumn, ...]
    people: tuple[PersonRow, ...]


def heat_map(acting: Acting, team_id: UUID | None = None) -> HeatMap:
    """The reps of today within the viewer's reach, or of one team of them."""
    acting.policy.require_right(acting.viewer, "training.view")
    reps = _reps(acting, team_id)
    today = clock.today()
    seen = observations_of(acting.session, [person.id for person in reps])
    people = tuple(
        PersonRow(person.id, person.name, gaps_of(acting.playbook, seen.get(person.id, {}), today)) for person in reps
    )
    columns = [_column(acting.playbook, skill, people) for skill in acting.playbook.skills]
    return HeatMap(tuple(sorted(columns, key=lambda column: -(column.team.share or 0))), people)


def gaps_of(playbook: Playbook, seen: Mapping[str, Sequence[Observation]], today: date) -> dict[str, SkillGap]:
    """One person's gap in each skill of the playbook."""
    return {skill.code: skill_gap(skill.required_level, seen.get(skill.code, ()), today) for skill in playbook.skills}


def observations_of(session: Session, person_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, list[Observation]]]:
    """What was seen of these people, by person and skill."""
    found: defaultdict[UUID, defaultdict[str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for row in session.scalars(select(SkillObservation).where(SkillObservation.person_id.in_(person_ids))):
        found[row.person_id][row.skill].append(Observation(row.level, row.observed_on))
    return found


def trainable(acting: Acting) -> ColumnElement[bool]:
    """The condition for people whose skills the viewer looks after."""
    return acting.policy.visible(acting.viewer, "skill", PERSON_COLUMNS)


def _reps(acting: Acting, team_id: UUID | None) -> Sequence[Person]:
    today = clock.today()
    held = select(Membership.person_id).where(Membership.role == "rep", holds_on(today))
    if team_id is not None:
        held = held.where(Membership.team_id == team_id)
    statement = select(Person).where(Person.id.in_(held), trainable(acting)).order_by(Person.name_pinyin, Person.id)
    return acting.session.scalars(statement).all()


def _column(playbook: Playbook, skill: Skill, people: Sequence[PersonRow]) -> SkillColumn:
    courses = tuple(course for course in playbook.courses if course.skill == skill.code)
    return SkillColumn(skill, team_gap([person.gaps[skill.code] for person in people]), courses)
