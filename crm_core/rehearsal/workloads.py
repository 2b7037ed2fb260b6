"""How loaded everybody was when a window began, and what really lightened or burdened them in it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.pipeline.assignment.facts import Loads
from crm_core.pipeline.assignment.repository import past_results
from crm_core.pipeline.assignment.tables import AssignmentDecision, RotationTurn
from crm_core.pipeline.tables import Lead
from crm_core.rehearsal.lead_pasts import LeadPasts
from crm_core.rehearsal.material import RULED_CAUSES, Arrival, LoadShift, Window
from crm_core.rehearsal.pasts import Values


def loads_at_start(session: Session, window: Window, pasts: LeadPasts, *, with_results: bool) -> Loads:
    """Open leads, rotation and, where a strategy asks for them, past results as the window found them."""
    return Loads(
        turns=_turns(session, window),
        open_leads=_open_leads(session, window, pasts),
        conversions=past_results(session, window.start) if with_results else {},
    )


def load_shifts(window: Window, pasts: LeadPasts, arrivals: Iterable[Arrival]) -> list[LoadShift]:
    """What happened to open leads, in order: of old leads for their real owners, of new ones for whoever has them."""
    arrived = {arrival.lead_id: arrival.instant for arrival in arrivals}
    shifts: list[LoadShift] = []
    for lead_id in pasts.ids:
        if lead_id in arrived:
            shifts.extend(_shifts_of_new(window, pasts, lead_id, arrived[lead_id]))
        else:
            shifts.extend(_shifts_of_old(window, pasts, lead_id))
    return sorted(shifts, key=lambda shift: (shift.instant, shift.lead_id, shift.change))


def _shifts_of_new(window: Window, pasts: LeadPasts, lead_id: UUID, arrived_at: datetime) -> Iterator[LoadShift]:
    burdened = _burdened(window, pasts, lead_id)
    if burdened is not None:
        # decided about anew: it leaves whoever had it
        yield LoadShift(arrived_at, lead_id, burdened, -1)
    was_open = True
    for instant, values in pasts.walk(lead_id, window.start, window.end):
        is_open = values["outcome"] == "open"
        if is_open != was_open:
            yield LoadShift(instant, lead_id, None, 1 if is_open else -1)
        was_open = is_open


def _shifts_of_old(window: Window, pasts: LeadPasts, lead_id: UUID) -> Iterator[LoadShift]:
    burdened = _burdened(window, pasts, lead_id)
    for instant, values in pasts.walk(lead_id, window.start, window.end):
        following = _owner_of_open(values)
        if following != burdened:
            changes: tuple[tuple[UUID | None, Literal[-1, 1]], ...] = ((burdened, -1), (following, 1))
            yield from (
                LoadShift(instant, lead_id, person_id, change) for person_id, change in changes if person_id is not None
            )
        burdened = following


def _open_leads(session: Session, window: Window, pasts: LeadPasts) -> dict[UUID, int]:
    """Those of today without the leads that something happened to, and with these as they were."""
    statement = select(Lead.owner_id, func.count()).where(Lead.outcome == "open", Lead.owner_id.is_not(None))
    counts: Counter[Any] = Counter()
    for owner_id, count in session.execute(statement.group_by(Lead.owner_id)):
        counts[owner_id] = count
    for lead_id in pasts.ids:
        counts[_owner_of_open(pasts.current(lead_id))] -= 1
        counts[_burdened(window, pasts, lead_id)] += 1
    return {owner_id: count for owner_id, count in counts.items() if owner_id is not None and count > 0}


def _burdened(window: Window, pasts: LeadPasts, lead_id: UUID) -> UUID | None:
    """Whose open lead it was when the window began; nobody's before it was made."""
    made_at = pasts.made_at(lead_id)
    if made_at is not None and made_at >= window.start:
        return None
    return _owner_of_open(pasts.at(lead_id, window.start))


def _owner_of_open(values: Values) -> UUID | None:
    owner_id: UUID | None = values["owner_id"] if values["outcome"] == "open" else None
    return owner_id


def _turns(session: Session, window: Window) -> dict[tuple[str, UUID], int]:
    """Today's rotation without the turns that the rules have given since."""
    turns = {
        (row.pool, row.person_id): row.turns
        for row in session.execute(select(RotationTurn.pool, RotationTurn.person_id, RotationTurn.turns))
    }
    decision = AssignmentDecision
    given = (
        select(decision.pool, decision.owner_id, func.count().label("leads"))
        .where(decision.decided_at >= window.start, decision.outcome == "assigned", decision.cause.in_(RULED_CAUSES))
        .group_by(decision.pool, decision.owner_id)
    )
    for row in session.execute(given):
        known = turns.get((row.pool, row.owner_id))
        if known is not None:
            turns[row.pool, row.owner_id] = max(0, known - row.leads)
    return turns
