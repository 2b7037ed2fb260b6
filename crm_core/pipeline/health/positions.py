"""In which team and region somebody was on the day of a move: the roster of that day, not of today."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation.clock import BUSINESS_ZONE
from crm_core.people.tables import Membership, Team
from crm_core.pipeline.health.event_log import Integers, Names, number_instant

#: whose leads are counted by team; somebody who trains as well belongs to the team in which they sell
_SELLING_ROLES = frozenset({"rep", "manager", "director"})
_DAY_MICROSECONDS = 86_400_000_000
#: days are counted from 2000 on; no membership of interest lies further off
_MOST_DAYS = 1 << 20


@dataclass(frozen=True, eq=False)
class Positions:
    """Of each (owner, instant) asked for: position in `teams` and in the regions of the log; -1 is none."""

    team: Integers
    region: Integers


class PositionBook:
    """Every position that the owners of leads ever held, ready for looking many days up at once."""

    def __init__(self, session: Session, names: Names) -> None:
        teams = session.scalars(select(Team).order_by(Team.id)).all()
        self.teams: tuple[UUID, ...] = tuple(team.id for team in teams)
        #: calendar code of each team
        self.calendars: tuple[str | None, ...] = tuple(team.calendar for team in teams)
        held = _held(session)
        place = {team.id: number for number, team in enumerate(teams)}
        region_place = {region: number for number, region in enumerate(names.regions)}
        of_team = {team.id: team.region_id for team in teams}
        rows: list[tuple[int, int, int]] = []
        for number, person in enumerate(names.people):
            for membership in held.get(person, ()):
                region = membership.region_id or (of_team[membership.team_id] if membership.team_id else None)
                team_place = place[membership.team_id] if membership.team_id else -1
                rows.append((_key(number, membership.since), team_place, region_place[region] if region else -1))
        rows.sort()
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        self._keys, self._team, self._region = table[:, 0], table[:, 1], table[:, 2]

    def positions(self, owner: Integers, instant: Integers) -> Positions:
        """The latest position that had begun on the day; before the first one, the first one."""
        if not len(self._keys):
            nowhere = np.full(len(owner), -1, dtype=np.int64)
            return Positions(nowhere, nowhere)
        wanted = owner * _MOST_DAYS + np.clip(_local_days(instant), 0, _MOST_DAYS - 1)
        before = np.maximum(np.searchsorted(self._keys, wanted, side="right") - 1, 0)
        after = np.minimum(before + 1, len(self._keys) - 1)
        found = np.where(self._belongs(before, owner), before, after)
        known = self._belongs(found, owner) & (owner >= 0)
        return Positions(np.where(known, self._team[found], -1), np.where(known, self._region[found], -1))

    def _belongs(self, row: Integers, owner: Integers) -> NDArray[np.bool_]:
        belongs: NDArray[np.bool_] = self._keys[row] // _MOST_DAYS == owner
        return belongs


def _held(session: Session) -> dict[UUID, list[Membership]]:
    """Positions by person: those in which they sell, or any where they never do."""
    held: defaultdict[UUID, list[Membership]] = defaultdict(list)
    for membership in session.scalars(select(Membership)):
        held[membership.person_id].append(membership)
    return {
        person: [one for one in positions if one.role in _SELLING_ROLES] or positions
        for person, positions in held.items()
    }


def _key(person: int, day: date) -> int:
    return person * _MOST_DAYS + min(max((day - date(2000, 1, 1)).days, 0), _MOST_DAYS - 1)


def _local_days(instant: Integers) -> Integers:
    """Days since 2000 where the business is; its zone has had one offset since long before that."""
    offset = BUSINESS_ZONE.utcoffset(number_instant(0).replace(tzinfo=None))
    assert offset is not None
    return (instant + int(offset.total_seconds()) * 1_000_000) // _DAY_MICROSECONDS
