"""Rosters and playbooks for tests of assignment, without a database."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from crm_core.people.snapshots import Roster, RosterMember
from crm_core.pipeline.assignment.facts import LeadFacts
from crm_core.process.assignment_rules import Assignment
from crm_core.process.health_rules import Onboarding
from crm_core.process.playbook import Playbook
from crm_core.process.playbook_files import default_playbook

DAY = date(2026, 3, 4)
#: a Wednesday, 10:00 in Shanghai
INSTANT = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
#: the same day, 23:00 in Shanghai
NIGHT = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)

ANYBODY: dict[str, Any] = {"code": "anybody", "name": {"zh": "所有人", "en": "Everybody"}}


def member(number: int, **facts: Any) -> RosterMember:
    """A rep of the east region of whom everything is known; person ids follow the number."""
    given: dict[str, Any] = {
        "person_id": UUID(int=number),
        "employee_number": f"T{number:03}",
        "role": "rep",
        "team": "华东一队",
        "team_id": UUID(int=9001),
        "region": "east",
        "region_id": UUID(int=9002),
        "manager_id": UUID(int=9003),
        "calendar": None,
        "skills": (),
        "languages": ("zh",),
        "open_leads_limit": None,
        "away_until": None,
        "unknown": (),
    }
    return RosterMember(**{**given, **facts})


def roster(*members: RosterMember) -> Roster:
    return Roster(DAY, tuple(sorted(members, key=lambda m: (m.employee_number or "", str(m.person_id), m.role))))


def lead(**facts: Any) -> LeadFacts:
    return LeadFacts(**{"received_at": INSTANT, "region": "east", **facts})


def playbook(
    *pools: dict[str, Any],
    rules: tuple[dict[str, Any], ...] | None = None,
    fallback: dict[str, Any] | None = None,
    required: tuple[str, ...] = (),
) -> Playbook:
    """The default playbook with these pools; without rules every lead goes to the first pool."""
    headquarters = {"code": "headquarters", "name": {"zh": "总部池", "en": "Headquarters"}, "kind": "claimed"}
    assignment = Assignment.model_validate(
        {
            "rules": rules if rules is not None else (rule("all", str(pools[0]["code"])),),
            "pools": [*pools, headquarters],
            "fallback": fallback or {"pool": "headquarters"},
        }
    )
    changed = {"assignment": assignment, "onboarding": Onboarding.model_validate({"required": required})}
    return default_playbook().model_copy(update=changed)


def rule(code: str, pool: str, *conditions: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "name": {"zh": code, "en": code}, "pool": pool, "conditions": conditions}
