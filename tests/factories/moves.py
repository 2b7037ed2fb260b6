"""Moves of leads that a test puts where it needs them, past the gate: the database lets none stand without them."""

from datetime import datetime

from sqlalchemy.orm import Session

from crm_core.pipeline.tables import Lead, StageMove

_ENDS = {"won": ["won"], "lost": ["lost"], "parked": ["parked"]}
_PAYMENTS = {"invoiced": ["invoiced"], "paid": ["invoiced", "paid"]}


def stand(session: Session, lead: Lead) -> Lead:
    """Write a lead that is not yet in the database, with the moves that say where it stands."""
    if lead.outcome == "won" and lead.payment_state is None:
        lead.payment_state = "contract"
    session.add(lead)
    session.flush()
    session.add(_move(lead, "created", lead.created_at))
    for kind in [*_ENDS.get(lead.outcome, []), *_PAYMENTS.get(lead.payment_state or "", [])]:
        session.flush()
        session.add(_move(lead, kind, lead.outcome_at or lead.created_at))
    session.flush()
    return lead


def _move(lead: Lead, kind: str, moved_at: datetime) -> StageMove:
    return StageMove(
        lead_id=lead.id,
        from_stage=None if kind == "created" else lead.stage,
        to_stage=lead.stage,
        kind=kind,
        moved_at=moved_at,
        moved_by=lead.owner_id,
        owner_id=lead.owner_id,
    )
