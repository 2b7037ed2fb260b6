"""Gives the leads of a window out anew by the rules of one playbook."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from crm_core.people.snapshots import Roster
from crm_core.pipeline.assignment.engine import Assigner
from crm_core.pipeline.assignment.facts import Loads
from crm_core.process.playbook import Playbook
from crm_core.rehearsal.material import Arrival, LoadShift, Material, day_of


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the rules put a lead; the reason says why no rule of its own did."""

    outcome: Literal["assigned", "pooled", "unassigned"]
    owner_id: UUID | None
    rule: str | None
    pool: str | None
    reason: str | None


def replay_assignment(
    material: Material, playbook: Playbook, tell_one_more: Callable[[], None] = lambda: None
) -> list[Placement]:
    """Where each arrival goes, in their order, on the roster of its day and the loads that follow from the rules."""
    world = _World(material, playbook)
    placements: list[Placement] = []
    for arrival in material.arrivals:
        placements.append(world.place(arrival))
        tell_one_more()
    return placements


class _World:
    """Loads that move on as the replay does."""

    def __init__(self, material: Material, playbook: Playbook) -> None:
        self._material = material
        self._playbook = playbook
        self._shifts = iter(material.shifts)
        self._next_shift = next(self._shifts, None)
        self._loads = Loads(
            turns=dict(material.loads.turns),
            open_leads=dict(material.loads.open_leads),
            conversions=material.loads.conversions,
        )
        self._owners: dict[UUID, UUID] = {}
        self._day: date | None = None
        self._assigners: dict[str, Assigner] = {}
        self._assigner: Assigner | None = None

    def place(self, arrival: Arrival) -> Placement:
        while self._next_shift is not None and self._next_shift.instant <= arrival.instant:
            self._shift(self._next_shift)
            self._next_shift = next(self._shifts, None)
        assigner = self._assigner_of(arrival)
        decision = assigner.decide(arrival.facts, self._loads, arrival.instant)
        if decision.person_id is not None and decision.pool is not None:
            self._loads.add(decision.pool, decision.person_id, decision.turns)
            self._owners[arrival.lead_id] = decision.person_id
        return Placement(decision.outcome, decision.person_id, decision.rule, decision.pool, decision.reason)

    def _assigner_of(self, arrival: Arrival) -> Assigner:
        """The rules on the roster of the day; what was given today begins anew with each day."""
        day = day_of(arrival.instant)
        if day != self._day or self._assigner is None:
            self._day = day
            self._loads.given_today.clear()
            self._assigner = Assigner(self._playbook, self._roster(arrival))
        return self._assigner

    def _roster(self, arrival: Arrival) -> Roster:
        return self._material.roster_at(arrival.instant)

    def _shift(self, shift: LoadShift) -> None:
        person_id = shift.person_id or self._owners.get(shift.lead_id)
        if person_id is not None:
            held = self._loads.open_leads.get(person_id, 0)
            self._loads.open_leads[person_id] = max(0, held + shift.change)
