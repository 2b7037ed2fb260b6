"""Stays of leads in stages: each from a move that leads into the stage to the next move of the lead, or until now."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from crm_core.pipeline.health.event_log import KINDS, EventLog, Integers

#: how a stay ended; OTHERWISE is for what says nothing about selling, such as a stage that left the playbook
OPEN: Final = 0
FORWARD: Final = 1
BACK: Final = 2
LOST: Final = 3
PARKED: Final = 4
OTHERWISE: Final = 5

_ENTERING = tuple(KINDS.index(kind) for kind in ("created", "reopened", "forward", "mapped", "back"))
_EXITS = np.array(
    [
        {"forward": FORWARD, "won": FORWARD, "back": BACK, "lost": LOST, "parked": PARKED}.get(kind, OTHERWISE)
        for kind in KINDS
    ]
)


@dataclass(frozen=True, eq=False)
class Stays:
    """One row a stay, sorted by lead and time. Signing is the way forward out of the last stage.

    Time in which a lead is parked or lost belongs to no stay; coming back to a stage, or reopening, begins a new one.
    """

    lead: Integers
    stage: Integers
    entered_at: Integers
    #: now for a running one
    left_at: Integers
    ending: Integers
    #: whose it was on entering, else who had it first after that; -1 is nobody
    owner: Integers

    def chosen(self, condition: NDArray[np.bool_]) -> "Stays":
        return Stays(
            self.lead[condition],
            self.stage[condition],
            self.entered_at[condition],
            self.left_at[condition],
            self.ending[condition],
            self.owner[condition],
        )


def stays_of(log: EventLog, now: int) -> Stays:
    """The stays that a log tells of; a stage that the playbook does not have is left out."""
    count = len(log.lead)
    begins = np.flatnonzero(np.isin(log.kind, _ENTERING) & (log.to_stage >= 0))
    following = np.minimum(begins + 1, max(count - 1, 0))
    is_last = (begins + 1 >= count) | (log.lead[following] != log.lead[begins])
    lead = log.lead[begins]
    owner = log.owner[begins]
    owner_after = np.where(is_last, log.lead_owner[lead], log.owner[following])
    for later in (owner_after, log.lead_owner[lead]):
        owner = np.where(owner >= 0, owner, later)
    return Stays(
        lead=lead,
        stage=log.to_stage[begins],
        entered_at=log.moved_at[begins],
        left_at=np.where(is_last, np.maximum(now, log.moved_at[begins]), log.moved_at[following]),
        ending=np.where(is_last, OPEN, _EXITS[log.kind[following]]),
        owner=owner,
    )


@dataclass(frozen=True, eq=False)
class Passages:
    """What became of leads after they first entered a stage within a window; a lead stands here once for each stage.

    FORWARD: it has gone on from this stage, however often it went back before. LOST and PARKED: it has not, and ended
    so. BACK: it has not, and stands in an earlier stage. OPEN: it has not, and stands in this one.
    """

    lead: Integers
    stage: Integers
    entered_at: Integers
    #: when it went on or ended; now where neither has happened
    decided_at: Integers
    fate: Integers
    #: of the stay with which it begins
    stay: Integers


def passages_of(log: EventLog, stays: Stays, since: int, until: int) -> Passages:
    """The passages that begin from `since` on and before `until`, followed up to now."""
    later = np.flatnonzero(stays.entered_at >= since)
    key = stays.lead[later] * len(log.names.stages) + stays.stage[later]
    keys, firsts = np.unique(key, return_index=True)
    inside = stays.entered_at[later[firsts]] < until
    keys, first = keys[inside], later[firsts[inside]]
    goes_on = stays.ending[later] == FORWARD
    forward_keys, places = np.unique(key[goes_on], return_index=True)
    forward_at = stays.left_at[later[goes_on]][places]
    if len(forward_keys):
        at = np.minimum(np.searchsorted(forward_keys, keys), len(forward_keys) - 1)
        went_on, went_on_at = forward_keys[at] == keys, forward_at[at]
    else:
        went_on, went_on_at = np.zeros(len(keys), dtype=bool), np.zeros(len(keys), dtype=np.int64)
    fate, decided_at = _fates(log, stays, first)
    return Passages(
        lead=stays.lead[first],
        stage=stays.stage[first],
        entered_at=stays.entered_at[first],
        decided_at=np.where(went_on, went_on_at, decided_at),
        fate=np.where(went_on, FORWARD, fate),
        stay=first,
    )


def _fates(log: EventLog, stays: Stays, first: Integers) -> tuple[Integers, Integers]:
    """Of leads that have not gone on by a move: what they are now, and since when."""
    lead, now = stays.lead[first], int(stays.left_at.max(initial=0))
    outcome, place = log.lead_outcome[lead], log.lead_stage[lead]
    # a lead that stands further on without a forward move was carried there when its stage left the playbook
    standing = np.select([place == stays.stage[first], place > stays.stage[first]], [OPEN, FORWARD], BACK)
    fate = np.select([outcome == 2, outcome == 3, outcome == 1], [LOST, PARKED, FORWARD], standing)
    ended_at = np.where(outcome == 0, now, log.lead_outcome_at[lead])
    carried = (outcome == 0) & (fate == FORWARD)
    return fate, np.where(carried, stays.left_at[first], ended_at)
