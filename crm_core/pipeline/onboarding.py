"""Onboarding as a gate: who gets leads, and what keeps the others from getting any."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from crm_core.people.snapshots import Roster, RosterMember
from crm_core.pipeline.assignment.membership import members_of
from crm_core.process.health_rules import OnboardingItem
from crm_core.process.playbook import Playbook

#: nobody asks this role for leads; the roster lacks something; no pool asks for this person; away until a day
Obstacle = Literal["role", "onboarding", "no_pool", "away"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether leads reach somebody on a day."""

    person_id: UUID
    #: what is asked of everybody whom leads reach, and whether the roster knows it of this person
    checklist: tuple[tuple[OnboardingItem, bool], ...]
    #: codes of the pools that ask for this person
    pools: tuple[str, ...]
    away_until: date | None
    obstacle: Obstacle | None

    @property
    def receives_leads(self) -> bool:
        return self.obstacle is None

    @property
    def missing(self) -> tuple[OnboardingItem, ...]:
        return tuple(item for item, is_known in self.checklist if not is_known)


class Onboarding:
    """The playbook's demands, and the pools that ask for people, on the roster of one day."""

    def __init__(self, playbook: Playbook, roster: Roster) -> None:
        self._roster = roster
        self._required = playbook.onboarding.required
        pools = playbook.assignment.pools
        self._asked_by: dict[UUID, list[str]] = {}
        for pool in pools:
            for member in members_of(pool, roster, self._required):
                self._asked_by.setdefault(member.person_id, []).append(pool.code)
        # whoever may only claim leads waits for none
        giving = [pool for pool in pools if pool.kind == "assigned"] or list(pools)
        self._roles = frozenset(role for pool in giving for role in pool.members.roles)

    def readiness(self, person_id: UUID) -> Readiness:
        held = self._roster.of_person(person_id)
        asked = [member for member in held if member.role in self._roles] or list(held)
        best = min(asked, key=lambda member: len(self._missing(member)), default=None)
        missing = self._missing(best) if best else frozenset(self._required)
        return Readiness(
            person_id=person_id,
            checklist=tuple((item, item not in missing) for item in self._required),
            pools=tuple(self._asked_by.get(person_id, ())),
            away_until=best.away_until if best else None,
            obstacle=self._obstacle(person_id, best),
        )

    def waiting(self) -> Sequence[Readiness]:
        """Everybody in a role that gets leads whom none reach yet, those on leave apart."""
        ids = dict.fromkeys(member.person_id for member in self._roster.members if member.role in self._roles)
        found = [self.readiness(person_id) for person_id in ids]
        return [one for one in found if one.obstacle in {"onboarding", "no_pool"}]

    def _obstacle(self, person_id: UUID, best: RosterMember | None) -> Obstacle | None:
        if best is None or (best.role not in self._roles and person_id not in self._asked_by):
            return "role"
        if self._missing(best):
            return "onboarding"
        if person_id not in self._asked_by:
            return "no_pool"
        is_away = best.away_until is not None and best.away_until > self._roster.day
        return "away" if is_away else None

    def _missing(self, member: RosterMember) -> frozenset[str]:
        return frozenset(member.unknown) & frozenset(self._required)
