"""The moves forwards and the wins of a window, each with the fields and documents that the lead had at that moment.

A move is placed among the changes of its lead by its own entry in history: both are stamped by the same clock.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.customers.tables import Document
from crm_core.foundation.history import HistoryEntry
from crm_core.pipeline.dwell.repository import among
from crm_core.pipeline.tables import StageMove
from crm_core.rehearsal.lead_pasts import LeadPasts
from crm_core.rehearsal.material import DocumentState, PastMove, Window
from crm_core.rehearsal.pasts import Pasts, changes_of

_JUDGED_KINDS = ("forward", "won")
_MOVE_NAMES = ("id", "lead_id", "moved_at", "kind", "from_stage", "to_stage", "is_override", "owner_id")
_DOCUMENT_NAMES = ("verdict", "verdict_reasons")


def load_moves(session: Session, window: Window, pasts: LeadPasts) -> list[PastMove]:
    """In the order in which they were made."""
    statement = (
        select(*(getattr(StageMove, name) for name in _MOVE_NAMES))
        .where(StageMove.moved_at >= window.start, StageMove.moved_at < window.end, StageMove.kind.in_(_JUDGED_KINDS))
        .order_by(StageMove.moved_at, StageMove.id)
    )
    moves = session.execute(statement).all()
    recorded = _recorded_at(session, [move.id for move in moves])
    documents = _documents(session, {move.lead_id for move in moves})
    return [
        _past_move(move, recorded.get(move.id, move.moved_at), pasts, documents)
        for move in moves
        if move.from_stage is not None
    ]


def _past_move(
    move: Any, instant: datetime, pasts: LeadPasts, documents: Mapping[UUID, Sequence["_KeptDocument"]]
) -> PastMove:
    newest: dict[str, DocumentState] = {}
    for document in documents.get(move.lead_id, ()):
        if document.made_at <= instant:
            newest[document.kind] = document.state_at(instant)
    return PastMove(
        move_id=move.id,
        lead_id=move.lead_id,
        moved_at=move.moved_at,
        kind="won" if move.kind == "won" else "forward",
        from_stage=move.from_stage or move.to_stage,
        to_stage=move.to_stage,
        is_override=move.is_override,
        owner_id=move.owner_id,
        values=pasts.at(move.lead_id, instant),
        documents=newest,
    )


@dataclass(frozen=True, slots=True)
class _KeptDocument:
    document_id: UUID
    kind: str
    made_at: datetime
    pasts: Pasts

    def state_at(self, instant: datetime) -> DocumentState:
        values = self.pasts.at(self.document_id, instant)
        return DocumentState(values["verdict"], tuple(values["verdict_reasons"] or ()))


def _recorded_at(session: Session, move_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When history took note of each move."""
    statement = select(HistoryEntry.record_id, HistoryEntry.changed_at).where(
        HistoryEntry.table_name == "stage_moves",
        HistoryEntry.operation == "insert",
        among(HistoryEntry.record_id, move_ids),
    )
    return {record_id: at for record_id, at in session.execute(statement) if record_id is not None}


def _documents(session: Session, lead_ids: set[UUID]) -> dict[UUID, list[_KeptDocument]]:
    """The documents of each lead, oldest first, so that of each kind the latest one stays."""
    statement = (
        select(
            Document.id,
            Document.lead_id,
            Document.kind,
            Document.created_at,
            Document.verdict,
            Document.verdict_reasons,
        )
        .where(among(Document.lead_id, lead_ids))
        .order_by(Document.created_at, Document.id)
    )
    rows = session.execute(statement).all()
    current: dict[UUID, Mapping[str, Any]] = {
        row.id: {"verdict": row.verdict, "verdict_reasons": row.verdict_reasons} for row in rows
    }
    pasts = Pasts(current, changes_of(session, "documents", _DOCUMENT_NAMES, list(current)))
    found: defaultdict[UUID, list[_KeptDocument]] = defaultdict(list)
    for row in rows:
        made_at = pasts.made_at(row.id) or row.created_at
        found[row.lead_id].append(_KeptDocument(row.id, row.kind, made_at, pasts))
    return dict(found)
