"""Where the rotation of each pool stands today, and who may have leads at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.people.snapshots import RosterMember, roster_on
from crm_core.pipeline.assignment.candidates import ExclusionReason, Standing, exclusion_reason, standing_of
from crm_core.pipeline.assignment.facts import LeadFacts
from crm_core.pipeline.assignment.membership import members_of
from crm_core.pipeline.assignment.repository import loads_now
from crm_core.pipeline.assignment.tables import RotationTurn
from crm_core.process.assignment_rules import Pool
from crm_core.process.playbook import Playbook
from crm_core.process.working_time import working_time


@dataclass(frozen=True, slots=True)
class Place:
    """One member of a pool: place in the rotation, leads that it gave, and what keeps them from leads now."""

    standing: Standing
    given: int
    reason: ExclusionReason | None

    @property
    def member(self) -> RosterMember:
        return self.standing.member


@dataclass(frozen=True, slots=True)
class Rotation:
    """A pool from which leads are assigned, with its members in the order of the roster."""

    pool: Pool
    places: tuple[Place, ...]


def rotations(session: Session, playbook: Playbook) -> Sequence[Rotation]:
    """The rotation of every pool from which leads are assigned."""
    roster, loads, now = roster_on(session, clock.today()), loads_now(session, playbook), clock.now()
    given = _given(session)
    nothing = LeadFacts(now)
    found = []
    for pool in playbook.assignment.pools:
        if pool.kind != "assigned":
            continue
        places = []
        for member in members_of(pool, roster, playbook.onboarding.required):
            standing = standing_of(pool, member, nothing, loads)
            is_working = working_time(playbook.calendar(member.calendar)).is_open(now)
            reason = exclusion_reason(pool, standing, nothing, roster.day, is_working=is_working)
            places.append(Place(standing, given.get((pool.code, member.person_id), 0), reason))
        found.append(Rotation(pool, tuple(places)))
    return found


def _given(session: Session) -> dict[tuple[str, UUID], int]:
    rows = session.execute(select(RotationTurn.pool, RotationTurn.person_id, RotationTurn.given))
    return {(row.pool, row.person_id): row.given for row in rows}
