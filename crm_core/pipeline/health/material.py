"""What the figures of stage health are made of, and the part of it that belongs to a team, a region or a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.pipeline.health.durations import wall_hours, working_hours
from crm_core.pipeline.health.event_log import EventLog, Integers, instant_number, read_event_log
from crm_core.pipeline.health.positions import PositionBook, Positions
from crm_core.pipeline.health.stays import Passages, Stays, passages_of, stays_of
from crm_core.pipeline.health.survival import Floats
from crm_core.process.playbook import Playbook

Clock = Literal["wall", "working"]
GroupKind = Literal["region", "team", "person"]


@dataclass(frozen=True, slots=True)
class Window:
    """Leads that enter a stage from `since` on and before `until` are looked at, and followed up to now."""

    since: datetime
    until: datetime
    clock: Clock = "wall"


@dataclass(frozen=True, eq=False)
class Belonging:
    """Of each row: the numbers of the person, team and region to which it belongs; -1 is none."""

    person: Integers
    team: Integers
    region: Integers

    def of(self, kind: GroupKind) -> Integers:
        return {"person": self.person, "team": self.team, "region": self.region}[kind]

    def chosen(self, rows: NDArray[np.bool_] | Integers) -> "Belonging":
        return Belonging(self.person[rows], self.team[rows], self.region[rows])


@dataclass(frozen=True, eq=False)
class Material:
    """Stays that began in the window, passages that did, and the leads that stand open now; hours beside each.

    Stays and passages belong to whoever owned the lead on entering, in the team of that day; standing leads to their
    owner and team of today.
    """

    log: EventLog
    teams: tuple[UUID, ...]
    now: int
    stays: Stays
    stay_hours: Floats
    stay_belongs: Belonging
    passages: Passages
    passage_hours: Floats
    passage_belongs: Belonging
    #: positions of leads in the log
    standing: Integers
    standing_hours: Floats
    standing_belongs: Belonging

    def group(self, kind: GroupKind, number: int) -> "Material":
        """The part that belongs to one group."""
        return self._chosen(*(one.of(kind) == number for one in self._belongings()))

    def stage(self, number: int) -> "Material":
        """The part of one stage."""
        return self._chosen(
            self.stays.stage == number, self.passages.stage == number, self.log.lead_stage[self.standing] == number
        )

    def entered_between(self, since: int, until: int) -> "Material":
        """The stays and passages that began in a part of the window."""
        begun, passed = self.stays.entered_at, self.passages.entered_at
        everything = np.ones(len(self.standing), dtype=bool)
        return self._chosen((begun >= since) & (begun < until), (passed >= since) & (passed < until), everything)

    def groups(self, kind: GroupKind) -> list[int]:
        """The numbers of the groups that have anything here."""
        found = np.unique(np.concatenate([one.of(kind) for one in self._belongings()]))
        return [int(number) for number in found if number >= 0]

    def ids(self, kind: GroupKind) -> Sequence[UUID]:
        """What the numbers of groups stand for."""
        return {"person": self.log.names.people, "team": self.teams, "region": self.log.names.regions}[kind]

    def _belongings(self) -> tuple[Belonging, Belonging, Belonging]:
        return self.stay_belongs, self.passage_belongs, self.standing_belongs

    def _chosen(self, stays: NDArray[np.bool_], passages: NDArray[np.bool_], standing: NDArray[np.bool_]) -> "Material":
        of_passages = self.passages
        return Material(
            self.log,
            self.teams,
            self.now,
            self.stays.chosen(stays),
            self.stay_hours[stays],
            self.stay_belongs.chosen(stays),
            Passages(
                of_passages.lead[passages],
                of_passages.stage[passages],
                of_passages.entered_at[passages],
                of_passages.decided_at[passages],
                of_passages.fate[passages],
                of_passages.stay[passages],
            ),
            self.passage_hours[passages],
            self.passage_belongs.chosen(passages),
            self.standing[standing],
            self.standing_hours[standing],
            self.standing_belongs.chosen(standing),
        )


def read_material(session: Session, playbook: Playbook, condition: ColumnElement[bool], window: Window) -> Material:
    """Everything about the leads for which a condition holds."""
    log = read_event_log(session, playbook, condition)
    book = PositionBook(session, log.names)
    now = instant_number(clock.now())
    since, until = instant_number(window.since), instant_number(window.until)
    every_stay = stays_of(log, now)
    passages = passages_of(log, every_stay, since, until)
    begun = (every_stay.entered_at >= since) & (every_stay.entered_at < until)
    stays = every_stay.chosen(begun)
    held = book.positions(stays.owner, stays.entered_at)
    belongs = _belonging(log, stays.lead, stays.owner, held)
    standing = np.flatnonzero(log.lead_outcome == 0)
    held_now = book.positions(log.lead_owner[standing], np.full(len(standing), now))
    # a passage begins with a stay of the window, so it belongs where that stay does
    place = np.cumsum(begun) - 1
    return Material(
        log,
        book.teams,
        now,
        stays,
        _stay_hours(playbook, book, stays, held, window.clock),
        belongs,
        passages,
        wall_hours(passages.entered_at, passages.decided_at),
        belongs.chosen(place[passages.stay]),
        standing,
        np.maximum(wall_hours(log.lead_entered_at[standing], np.full(len(standing), now)), 0),
        _belonging(log, standing, log.lead_owner[standing], held_now),
    )


def _belonging(log: EventLog, lead: Integers, owner: Integers, held: Positions) -> Belonging:
    """The region is the owner's of that day, else the lead's own."""
    return Belonging(owner, held.team, np.where(held.region >= 0, held.region, log.lead_region[lead]))


def _stay_hours(playbook: Playbook, book: PositionBook, stays: Stays, held: Positions, kind: Clock) -> Floats:
    """On the working clock by the calendar of the owner's team of that day."""
    if kind == "wall":
        return wall_hours(stays.entered_at, stays.left_at)
    hours = np.zeros(len(stays.lead))
    codes: dict[str | None, list[int]] = {}
    for number, code in enumerate((*book.calendars, None)):
        codes.setdefault(playbook.calendar(code).code, []).append(number if number < len(book.calendars) else -1)
    for code, teams in codes.items():
        rows = np.isin(held.team, teams)
        hours[rows] = working_hours(stays.entered_at[rows], stays.left_at[rows], playbook.calendar(code))
    return hours
