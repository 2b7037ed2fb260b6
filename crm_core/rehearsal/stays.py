"""How long leads stayed in their stages in a window, and the open leads of stages that a draft gives up."""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from crm_core.pipeline.tables import Lead, StageMove
from crm_core.rehearsal.material import OpenLead, PastStay, Window

_ENTERING = frozenset({"created", "forward", "back", "reopened", "mapped"})
_ENDING = frozenset({"forward", "back", "mapped", "won", "lost", "parked"})


def load_stays(session: Session, window: Window) -> list[PastStay]:
    """Every stay of an open lead that reaches into the window."""
    stays = [*_moving(session, window), *_standing(session, window)]
    return sorted(stays, key=lambda stay: (stay.entered_at, stay.lead_id))


def load_stranded(session: Session, kept_stages: Collection[str]) -> list[OpenLead]:
    """Open and parked leads in stages other than these; lost ones are found a stage when they come back."""
    statement = (
        select(Lead.id, Lead.stage, Lead.stage_entered_at, Lead.owner_id)
        .where(Lead.outcome.in_(("open", "parked")), Lead.stage.not_in(kept_stages))
        .order_by(Lead.stage_entered_at, Lead.id)
    )
    return [OpenLead(*row) for row in session.execute(statement)]


def _standing(session: Session, window: Window) -> Iterator[PastStay]:
    """Open leads that have not moved since the window began."""
    has_moved = exists().where(StageMove.lead_id == Lead.id, StageMove.moved_at >= window.start)
    statement = select(Lead.id, Lead.stage, Lead.stage_entered_at, Lead.owner_id, Lead.region_id).where(
        Lead.outcome == "open", Lead.stage_entered_at < window.end, ~has_moved
    )
    for row in session.execute(statement):
        yield PastStay(row.id, row.stage, row.stage_entered_at, None, row.owner_id, row.region_id)


def _moving(session: Session, window: Window) -> Iterator[PastStay]:
    """The stays between the moves of leads that have moved since the window began."""
    has_moved = select(StageMove.lead_id).where(StageMove.moved_at >= window.start)
    move = StageMove
    statement = (
        select(
            move.lead_id,
            move.kind,
            move.to_stage,
            move.moved_at,
            move.owner_id,
            Lead.owner_id.label("last_owner_id"),
            Lead.region_id,
        )
        .join(Lead, Lead.id == move.lead_id)
        .where(move.lead_id.in_(has_moved), move.moved_at < window.end)
        .where(or_(move.kind.in_(_ENTERING), move.kind.in_(_ENDING)))
        .order_by(move.lead_id, move.moved_at, move.id)
    )
    for _, moves in groupby(session.execute(statement), key=lambda row: row.lead_id):
        yield from _between(list(moves), window.start)


def _between(moves: list[Any], start: datetime) -> Iterator[PastStay]:
    entered: Any = None
    for move in moves:
        if entered is not None and move.kind in _ENDING and move.moved_at >= start:
            yield _stay(entered, move.moved_at, move.owner_id)
        entered = move if move.kind in _ENTERING else None if move.kind in _ENDING else entered
    if entered is not None:
        yield _stay(entered, None, entered.last_owner_id)


def _stay(entered: Any, left_at: datetime | None, owner_id: UUID | None) -> PastStay:
    return PastStay(entered.lead_id, entered.to_stage, entered.moved_at, left_at, owner_id, entered.region_id)
