"""A move as a line on the customer's timeline."""

from crm_core.customers.acting import Acting
from crm_core.customers.timeline import Happening, channel_of
from crm_core.pipeline.tables import Lead, StageMove

#: which field a move tells of, so that only those who may read it see the timeline entry
_TOLD_FIELD = {
    "invoiced": "payment_state",
    "paid": "payment_state",
    "forward": "stage",
    "back": "stage",
    "mapped": "stage",
}


def move_happening(acting: Acting, lead: Lead, move: StageMove) -> Happening:
    """What the timeline keeps of a move."""
    return Happening(
        customer_id=lead.customer_id,
        lead_id=lead.id,
        kind="stage_move",
        channel=channel_of(acting.session),
        occurred_at=move.moved_at,
        actor_id=acting.person_id,
        code=f"lead_{move.kind}",
        details={
            "record": "lead",
            "field": _TOLD_FIELD.get(move.kind, "outcome"),
            "title": lead.title,
            "from_stage": move.from_stage,
            "to_stage": move.to_stage,
            "is_override": move.is_override,
        },
    )
