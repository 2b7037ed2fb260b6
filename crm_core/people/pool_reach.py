"""Which waiting leads a person sees because they belong to the claim pool, as a condition of the database.

The assignment engine decides the same of a whole roster (`crm_core.pipeline.assignment.membership`); a test holds the
two together. Onboarding does not count here: whoever may not take leads yet sees them, and is told why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Exists, and_, false, func, literal, or_, select

from crm_core.foundation import clock
from crm_core.people.memberships import holds_on
from crm_core.people.tables import Membership, Person, Region, Team
from crm_core.people.viewer import Viewer
from crm_core.process.assignment_rules import Pool, PoolMembers


@dataclass(frozen=True, slots=True)
class PoolColumns:
    """The columns of a table whose rows wait in claim pools."""

    pool: Any
    owner_id: Any
    region_id: Any
    language: Any


def waiting_within_reach(viewer: Viewer, pools: Iterable[Pool], columns: PoolColumns) -> ColumnElement[bool]:
    """Rows that nobody owns and that wait in a pool of the viewer's."""
    reached = [
        (columns.pool == pool.code) & _belongs(viewer, pool.members, columns)
        for pool in pools
        if pool.kind == "claimed" and viewer.roles & set(pool.members.roles)
    ]
    return and_(columns.owner_id.is_(None), or_(false(), *reached))


def _belongs(viewer: Viewer, wanted: PoolMembers, columns: PoolColumns) -> Exists:
    """One position of the viewer's today fits everything that the pool wants."""
    region_id = func.coalesce(Membership.region_id, Team.region_id)
    position = (
        select(literal(1))
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Team, Team.id == Membership.team_id)
        .outerjoin(Region, Region.id == region_id)
        .where(
            Membership.person_id == viewer.person_id,
            holds_on(clock.today()),
            Membership.role.in_(wanted.roles),
            *_wanted_facts(wanted),
        )
    )
    if wanted.same_region:
        position = position.where(region_id == columns.region_id)
    if wanted.same_language:
        position = position.where(or_(columns.language.is_(None), columns.language == func.any(Person.languages)))
    return position.exists()


def _wanted_facts(wanted: PoolMembers) -> list[ColumnElement[bool]]:
    listed: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (Region.code, wanted.regions),
        (Team.name, wanted.teams),
        (Person.employee_number, wanted.people),
    )
    facts = [column.in_(values) for column, values in listed if values]
    return [*facts, *(literal(skill) == func.any(Person.skills) for skill in wanted.skills)]
