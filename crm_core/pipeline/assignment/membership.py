"""Who belongs to a pool on a roster, and why the others do not."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from crm_core.people.snapshots import Roster, RosterMember
from crm_core.pipeline.assignment.facts import LeadFacts
from crm_core.process.assignment_rules import Pool

#: why somebody on the roster is outside a pool, or inside it and not asked for this lead
OutsideReason = Literal[
    "wrong_role",
    "not_named",
    "not_in_pool_teams",
    "onboarding_incomplete",
    "not_in_pool_regions",
    "lacks_skill",
    "lead_without_region",
    "not_in_lead_region",
    "lacks_language",
]
#: of several positions that a person holds, the one that comes furthest speaks for them
_ORDER: tuple[OutsideReason, ...] = (
    "wrong_role",
    "not_named",
    "not_in_pool_teams",
    "onboarding_incomplete",
    "not_in_pool_regions",
    "lacks_skill",
    "lead_without_region",
    "not_in_lead_region",
    "lacks_language",
)


@dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody on the roster who is not asked; `lacks` names the items or skills that are missing."""

    member: RosterMember
    reason: OutsideReason
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Circle:
    """Everybody on the roster, each once: whom a pool asks for a lead, and who is left out."""

    asked: tuple[RosterMember, ...]
    outside: tuple[Outsider, ...]


def circle_of(pool: Pool, roster: Roster, required: Iterable[str], facts: LeadFacts) -> Circle:
    """Whom a pool asks for a lead; `required` are the onboarding items without which nobody gets leads."""
    items = frozenset(required)
    asked: dict[UUID, RosterMember] = {}
    outside: dict[UUID, Outsider] = {}
    for member in roster.members:
        outsider = _outsider(pool, member, items) or _stranger(pool, member, facts)
        if outsider is None:
            asked.setdefault(member.person_id, member)
            continue
        known = outside.get(member.person_id)
        if known is None or _ORDER.index(outsider.reason) > _ORDER.index(known.reason):
            outside[member.person_id] = outsider
    left_out = tuple(outsider for person_id, outsider in outside.items() if person_id not in asked)
    return Circle(tuple(asked.values()), left_out)


def members_of(pool: Pool, roster: Roster, required: Iterable[str] = ()) -> tuple[RosterMember, ...]:
    """Everybody whom a pool asks for some lead or other."""
    items = frozenset(required)
    found: dict[UUID, RosterMember] = {}
    for member in roster.members:
        if _outsider(pool, member, items) is None:
            found.setdefault(member.person_id, member)
    return tuple(found.values())


def _outsider(pool: Pool, member: RosterMember, required: frozenset[str]) -> Outsider | None:
    """Whoever does not belong to the pool, whatever the lead."""
    wanted = pool.members
    if member.role not in wanted.roles:
        return Outsider(member, "wrong_role")
    if wanted.people and member.employee_number not in wanted.people:
        return Outsider(member, "not_named")
    if wanted.teams and member.team not in wanted.teams:
        return Outsider(member, "not_in_pool_teams")
    unknown = tuple(item for item in member.unknown if item in required)
    if unknown:
        return Outsider(member, "onboarding_incomplete", unknown)
    if wanted.regions and member.region not in wanted.regions:
        return Outsider(member, "not_in_pool_regions")
    lacking = tuple(skill for skill in wanted.skills if skill not in member.skills)
    return Outsider(member, "lacks_skill", lacking) if lacking else None


def _stranger(pool: Pool, member: RosterMember, facts: LeadFacts) -> Outsider | None:
    """Whoever belongs to the pool and is not for this lead."""
    if pool.members.same_region:
        if facts.region is None:
            return Outsider(member, "lead_without_region")
        if member.region != facts.region:
            return Outsider(member, "not_in_lead_region")
    if pool.members.same_language and facts.language is not None and facts.language not in member.languages:
        return Outsider(member, "lacks_language")
    return None
