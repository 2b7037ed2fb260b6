"""Regions, teams, people, skills and courses as rows."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from api.demo.company import DemoCompany
from api.demo.loading.dated_rows import DatedRow, identity, optional_identity
from api.demo.records import Person as DemoPerson
from api.demo.working_days import CHINA
from coaching.tables import CourseAssignment, SkillObservation
from crm_core.people.names import pinyin
from crm_core.people.tables import Membership, Person, Region, Team


def roster_rows(company: DemoCompany) -> Iterator[DatedRow]:
    """Regions and teams first, then everybody, then who was what when."""
    founded_at = _morning(min(person.hired_on for person in company.people) - timedelta(days=1))
    for region in company.regions:
        values = {"id": identity(Region, region.code), "created_at": founded_at, "code": region.code}
        yield DatedRow(Region, {**values, "name": region.name}, founded_at)
    for team in company.teams:
        values = {"id": identity(Team, team.code), "created_at": founded_at, "name": team.name}
        yield DatedRow(Team, {**values, "region_id": optional_identity(Region, team.region_code)}, founded_at)
    for person in company.people:
        yield _person(person)
    for person in company.people:
        yield from _memberships(person)
    for person in company.people:
        if person.left_on:
            values = {"id": identity(Person, person.code), "left_on": person.left_on}
            yield DatedRow(Person, values, _morning(person.left_on), operation="update")


def _person(person: DemoPerson) -> DatedRow:
    hired_at = _morning(person.hired_on)
    values = {
        "id": identity(Person, person.code),
        "created_at": hired_at,
        "name": person.name,
        "name_pinyin": pinyin(person.name),
        "employee_number": person.code,
        "email": person.email,
        "mobile": person.mobile,
        "hired_on": person.hired_on,
        "left_on": None,
        "locale": "zh",
    }
    return DatedRow(Person, values, hired_at)


def _memberships(person: DemoPerson) -> Iterator[DatedRow]:
    for place, membership in enumerate(person.memberships):
        values = {
            "id": identity(Membership, f"{person.code}-{place}"),
            "created_at": _morning(membership.since),
            "person_id": identity(Person, person.code),
            "role": membership.role,
            "team_id": identity(Team, membership.team_code),
            "region_id": optional_identity(Region, membership.region_code),
            "manager_id": optional_identity(Person, membership.manager_code),
            "since": membership.since,
            "until": membership.until,
        }
        yield DatedRow(Membership, values, _morning(membership.since))


def training_rows(company: DemoCompany) -> Iterator[DatedRow]:
    """What was seen of skills, and the courses taken."""
    for place, seen in enumerate(company.skill_observations):
        at, observer = _morning(seen.observed_on), identity(Person, seen.observer_code)
        values = {
            "id": identity(SkillObservation, str(place)),
            "created_at": at,
            "person_id": identity(Person, seen.person_code),
            "skill": seen.skill,
            "level": seen.level,
            "observed_on": seen.observed_on,
            "source": "recording_review",
            "observed_by": observer,
        }
        yield DatedRow(SkillObservation, values, at, observer)
    trainer = identity(Person, company.rosters[0].by_login("trainer").code)
    for attendance in company.course_attendances:
        at = _morning(attendance.assigned_on)
        course_values = {
            "id": identity(CourseAssignment, f"{attendance.person_code}-{attendance.course}"),
            "created_at": at,
            "person_id": identity(Person, attendance.person_code),
            "course": attendance.course,
            "assigned_by": trainer,
            "due_on": attendance.assigned_on + timedelta(days=21),
            "state": "completed" if attendance.completed_on else "assigned",
            "completed_at": _morning(attendance.completed_on) if attendance.completed_on else None,
        }
        yield DatedRow(CourseAssignment, course_values, at, trainer)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), CHINA)
