"""What happened to a lead before it came here, told by another system: put in order, and judged whole.

The other system had its own stages, so steps may be skipped here; everything else must make sense: nothing follows the
end of a deal but its money or its reopening, and nothing is dated before what it follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_core.foundation.errors import Invalid
from crm_core.process.playbook import Playbook

ENDS = frozenset({"won", "lost", "parked"})
_MONEY = ("contract", "invoiced", "paid")


class PastImpossible(Invalid):
    """Something that cannot follow what was before; parameters: event."""

    code = "past_impossible"


@dataclass(frozen=True, slots=True)
class PastEvent:
    """A stage's code, or created, won, lost, parked, reopened, invoiced, paid."""

    event: str
    happened_at: datetime
    reason: str | None = None
    moved_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class PastMove:
    kind: str
    from_stage: str | None
    to_stage: str
    moved_at: datetime
    dwell_seconds: float | None
    reason: str | None
    moved_by: UUID | None


@dataclass(slots=True)
class Standing:
    """Where a lead stands after its past, and the moves that led there."""

    moves: list[PastMove]
    stage: str
    stage_entered_at: datetime
    outcome: str = "open"
    outcome_at: datetime | None = None
    outcome_reason: str | None = None
    payment_state: str | None = None
    back_moves: int = 0


def standing_after(playbook: Playbook, events: Sequence[PastEvent]) -> Standing | None:
    """The result of events in the order in which they happened; none of no events. Raises PastImpossible."""
    standing: Standing | None = None
    for event in events:
        standing = standing or _begin(playbook, event)
        if event.event in ENDS:
            _end(playbook, standing, event)
        elif event.event in _MONEY:
            _receive(standing, event)
        elif event.event == "reopened":
            _reopen(standing, event)
        elif event.event != "created":
            _step(playbook, standing, event)
    return standing


def _begin(playbook: Playbook, event: PastEvent) -> Standing:
    """The first thing that is known: a deal that was won stood in the last stage, any other not further than told."""
    stages = [stage.code for stage in playbook.stages]
    if event.event in {"reopened", *_MONEY}:
        raise PastImpossible(event=event.event)
    stage = event.event if event.event in stages else stages[-1] if event.event == "won" else stages[0]
    begun = PastMove("created", None, stage, event.happened_at, None, None, event.moved_by)
    return Standing([begun], stage, event.happened_at)


def _step(playbook: Playbook, standing: Standing, event: PastEvent) -> None:
    if standing.outcome != "open":
        raise PastImpossible(event=event.event)
    here, there = playbook.stage_position(standing.stage), playbook.stage_position(event.event)
    if here == there:
        return
    _move(standing, "forward" if there > here else "back", event, to_stage=event.event)
    standing.back_moves += there < here
    standing.stage, standing.stage_entered_at = event.event, event.happened_at


def _end(playbook: Playbook, standing: Standing, event: PastEvent) -> None:
    if standing.outcome != "open" and not (event.event == "lost" and standing.outcome == "parked"):
        raise PastImpossible(event=event.event)
    _move(standing, event.event, event)
    standing.outcome, standing.outcome_at = event.event, event.happened_at
    if event.event == "won":
        standing.payment_state = "contract"
    else:
        standing.outcome_reason = _reason_code(playbook, event)


def _receive(standing: Standing, event: PastEvent) -> None:
    """Invoiced and paid follow the contract; a table that tells of the payment alone is believed."""
    if standing.payment_state is None or _MONEY.index(event.event) <= _MONEY.index(standing.payment_state):
        raise PastImpossible(event=event.event)
    _move(standing, event.event, event)
    standing.payment_state = event.event


def _reopen(standing: Standing, event: PastEvent) -> None:
    if standing.outcome not in {"lost", "parked"}:
        raise PastImpossible(event=event.event)
    _move(standing, "reopened", event)
    standing.outcome, standing.outcome_at, standing.outcome_reason = "open", None, None
    standing.stage_entered_at = event.happened_at


def _move(standing: Standing, kind: str, event: PastEvent, *, to_stage: str | None = None) -> None:
    dwell_seconds = (event.happened_at - standing.stage_entered_at).total_seconds()
    target = to_stage or standing.stage
    standing.moves.append(
        PastMove(kind, standing.stage, target, event.happened_at, dwell_seconds, event.reason, event.moved_by)
    )


def _reason_code(playbook: Playbook, event: PastEvent) -> str | None:
    """Ours where a reason of ours is called so; other words stay with the move."""
    reasons = playbook.outcome_reasons.lost if event.event == "lost" else playbook.outcome_reasons.parked
    told = (event.reason or "").strip().casefold()
    return next(
        (one.code for one in reasons if told in {one.code, one.name.zh.casefold(), one.name.en.casefold()}), None
    )
