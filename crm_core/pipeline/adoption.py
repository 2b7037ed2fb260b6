"""Leads that came from another system take up where they stood there; `Gate.adopt` is the way in.

Only a lead that nobody has moved here has its past told by another system. Its next move forwards still asks for
everything that the stages up to there require.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.timeline import Happening, append_many, channel_of
from crm_core.foundation import clock
from crm_core.foundation.bulk import copy_rows
from crm_core.foundation.identifiers import new_id
from crm_core.pipeline.dwell.alarms import reschedule
from crm_core.pipeline.dwell.repository import among
from crm_core.pipeline.errors import LeadHasOwnMoves
from crm_core.pipeline.past import Standing
from crm_core.pipeline.tables import Lead, StageMove

_STAND = text(
    "UPDATE leads SET version = leads.version + 1, stage = past.stage, stage_entered_at = past.stage_entered_at, "
    "outcome = past.outcome, outcome_at = past.outcome_at, outcome_reason = past.outcome_reason, "
    "payment_state = past.payment_state, back_moves = past.back_moves "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:stage AS text[]), CAST(:stage_entered_at AS timestamptz[]), "
    "CAST(:outcome AS text[]), CAST(:outcome_at AS timestamptz[]), CAST(:outcome_reason AS text[]), "
    "CAST(:payment_state AS text[]), CAST(:back_moves AS integer[])) "
    "AS past(id, stage, stage_entered_at, outcome, outcome_at, outcome_reason, payment_state, back_moves) "
    "WHERE leads.id = past.id"
)
_STANDING_COLUMNS = (
    "stage", "stage_entered_at", "outcome", "outcome_at", "outcome_reason", "payment_state", "back_moves",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Adoption:
    """A lead of ours, and where its past has led it."""

    lead_id: UUID
    customer_id: UUID
    title: str
    #: whose it is; other systems rarely tell whose it was
    owner_id: UUID | None
    standing: Standing


def moved_here(session: Session, lead_ids: Collection[UUID]) -> set[UUID]:
    """Those of the leads that have been moved here, or have their past already."""
    own = or_(StageMove.kind != "created", StageMove.is_imported)
    return set(session.scalars(select(StageMove.lead_id).where(among(StageMove.lead_id, lead_ids), own).distinct()))


def adopt_leads(acting: Acting, adoptions: Sequence[Adoption]) -> None:
    """Write the past of many leads. Raises RightMissing, LeadHasOwnMoves."""
    acting.policy.require_right(acting.viewer, "import.history")
    if not adoptions:
        return
    session, ids = acting.session, [adoption.lead_id for adoption in adoptions]
    session.execute(select(Lead.id).where(among(Lead.id, ids)).order_by(Lead.id).with_for_update())
    if moved_here(session, ids):
        raise LeadHasOwnMoves()
    copy_rows(session, StageMove, [row for adoption in adoptions for row in _move_rows(acting, adoption)])
    session.execute(_STAND, _standings(adoptions))
    for lead in session.identity_map.values():
        if isinstance(lead, Lead):
            session.expire(lead)
    reschedule(session, acting.playbook, ids)
    append_many(session, [_happening(acting, adoption) for adoption in adoptions])


def _standings(adoptions: Sequence[Adoption]) -> dict[str, list[Any]]:
    columns = {name: [getattr(adoption.standing, name) for adoption in adoptions] for name in _STANDING_COLUMNS}
    return {"ids": [adoption.lead_id for adoption in adoptions], **columns}


def _move_rows(acting: Acting, adoption: Adoption) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "id": new_id(),
            "created_at": now,
            "lead_id": adoption.lead_id,
            "from_stage": move.from_stage,
            "to_stage": move.to_stage,
            "kind": move.kind,
            "reason": move.reason,
            "is_override": False,
            "is_imported": True,
            "moved_at": move.moved_at,
            "moved_by": move.moved_by,
            "dwell_seconds": move.dwell_seconds,
            "owner_id": adoption.owner_id,
            "playbook_version": acting.playbook.version,
        }
        for move in adoption.standing.moves
    ]


def _happening(acting: Acting, adoption: Adoption) -> Happening:
    return Happening(
        customer_id=adoption.customer_id,
        lead_id=adoption.lead_id,
        kind="note",
        channel=channel_of(acting.session),
        actor_id=acting.person_id,
        code="lead_past_imported",
        details={
            "record": "lead",
            "field": "stage",
            "title": adoption.title,
            "count": len(adoption.standing.moves),
            "claimed_stage": adoption.standing.stage,
        },
    )
