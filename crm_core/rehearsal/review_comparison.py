"""The reviews of stages that either side calls for at the end of the window."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.pipeline.health.reviews import Finding, findings
from crm_core.process.playbook import Playbook

#: trigger, and the team or region that it speaks of; none: the whole company
ReviewKey = tuple[str, UUID | None]


def review_changes(session: Session, old: Playbook, new: Playbook, instant: datetime) -> list[dict[str, Any]]:
    """One entry for each review that either side calls for; nothing where both have the same triggers."""
    if old.health.reviews == new.health.reviews:
        return []
    before, after = _called_for(session, old, instant), _called_for(session, new, instant)
    return [
        _entry(before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys(), key=lambda key: (key[0], str(key[1])))
    ]


def _called_for(session: Session, playbook: Playbook, instant: datetime) -> dict[ReviewKey, Finding]:
    with clock.frozen(instant):
        return {(found.trigger.code, found.group_id): found for found in findings(session, playbook)}


def _entry(old: Finding | None, new: Finding | None) -> dict[str, Any]:
    told = new or old
    assert told is not None
    trigger = told.trigger
    return {
        "trigger": trigger.code,
        "name": trigger.name.model_dump(),
        "stage": trigger.stage,
        "measure": trigger.measure,
        "group": trigger.group,
        "group_id": str(told.group_id) if told.group_id else None,
        "change": "new" if old is None else "gone" if new is None else "same",
        "value": told.value,
        "bound": trigger.below if trigger.below is not None else trigger.above,
        "count": told.count,
    }
