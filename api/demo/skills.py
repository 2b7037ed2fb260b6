"""Observed skills and the courses between the observations."""

from datetime import date, timedelta
from random import Random

from api.demo import planted
from api.demo.records import CourseAttendance, Person, SkillObservation
from api.demo.roster import Roster
from api.demo.working_days import next_working_day

#: skill → level that every rep should have, as in the default playbook
REQUIRED_LEVELS = {
    "price_objection": 3.5,
    "need_diagnosis": 3.5,
    "decision_chain": 3.0,
    "competitor_response": 3.0,
    "solution_presentation": 3.0,
    "closing": 3.0,
    "first_contact": 3.0,
    "executive_dialogue": 2.5,
    "delivery_handover": 2.5,
}
#: course → skill and true gain in levels
COURSES = {
    "price_negotiation": ("price_objection", planted.PRICE_COURSE_GAIN),
    "presentation_course": ("solution_presentation", planted.IDLE_COURSE_GAIN),
}
#: days before today
_COURSE_DAY = 90
_OBSERVATION_DAYS = (170, 140, 115, 60, 35, 12)
_NOISE = 0.3
_USUAL_GAP_SHARE = 0.25
_COURSE_SHARE = 1 / 3


def observe_skills(roster: Roster, rng: Random, today: date) -> tuple[list[SkillObservation], list[CourseAttendance]]:
    """Six observations of each active rep in each skill, and two courses attended by a third of the reps each."""
    reps = [rep for rep in roster.active_reps if rep.tier != "new"]
    observers = roster.with_role("trainer")
    pupils = {course: {rep.code for rep in rng.sample(reps, round(_COURSE_SHARE * len(reps)))} for course in COURSES}
    observations = []
    for skill, required in REQUIRED_LEVELS.items():
        lacking = _lacking(roster, skill, rng)
        for rep in roster.active_reps:
            level = required + (-rng.uniform(0.9, 1.5) if rep.code in lacking else rng.uniform(0.7, 1.2))
            observer = rng.choice(observers).code
            for days_ago in _OBSERVATION_DAYS:
                day = next_working_day(today - timedelta(days=days_ago))
                if rep.hired_on <= day < today:
                    true_level = level - _still_to_learn(rep, skill, days_ago, pupils)
                    seen = min(5.0, max(1.0, round(rng.gauss(true_level, _NOISE), 1)))
                    observations.append(SkillObservation(rep.code, skill, seen, day, observer))
    attendances = [
        CourseAttendance(
            rep.code, course, today - timedelta(days=_COURSE_DAY + 14), today - timedelta(days=_COURSE_DAY)
        )
        for course in COURSES
        for rep in reps
        if rep.code in pupils[course]
    ]
    return observations, attendances


def _lacking(roster: Roster, skill: str, rng: Random) -> set[str]:
    share = planted.PRICE_OBJECTION_GAP if skill == "price_objection" else _USUAL_GAP_SHARE
    reps: list[Person] = list(roster.active_reps)
    return {rep.code for rep in rng.sample(reps, round(share * len(reps)))}


def _still_to_learn(rep: Person, skill: str, days_ago: int, pupils: dict[str, set[str]]) -> float:
    """What a later course will add: the level of today holds from the course on."""
    return sum(
        gain
        for course, (taught, gain) in COURSES.items()
        if taught == skill and days_ago > _COURSE_DAY and rep.code in pupils[course]
    )
