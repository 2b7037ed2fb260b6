"""Rings the alarm of assignment health: once for each incident, and once more when it is over."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.errors import NotFound
from crm_core.foundation.identifiers import new_id
from crm_core.people.memberships import people_with_role
from crm_core.pipeline.health.assignment_health import WaitingShare, waiting_share
from crm_core.pipeline.health.tables import AssignmentIncident
from crm_core.process.health_rules import AssignmentHealth
from crm_core.process.publication import published_playbook
from crm_core.work.notifications import Message, notify


class IncidentNotFound(NotFound):
    code = "assignment_incident_not_found"


def watch_assignment(session: Session) -> WaitingShare:
    """Look at the share now; open an incident, note that it got worse, or close it. Raises PlaybookMissing."""
    rules = published_playbook(session).health.assignment
    share = waiting_share(session, rules)
    current = open_incident(session, for_update=True)
    if current is None:
        if share.is_alarming(rules):
            _open(session, rules, share)
    elif share.is_healthy(rules):
        current.status, current.closed_at = "closed", share.at
        session.flush()
        _tell(session, rules, "assignment_recovered", current.id, share)
    elif share.share is not None and share.share > current.highest_share:
        current.judged, current.waiting, current.highest_share = share.judged, share.waiting, share.share
        session.flush()
    return share


def open_incident(session: Session, *, for_update: bool = False) -> AssignmentIncident | None:
    statement = select(AssignmentIncident).where(AssignmentIncident.status == "open")
    return session.scalar(statement.with_for_update() if for_update else statement)


def find_incident(session: Session, incident_id: UUID) -> AssignmentIncident:
    """Raises IncidentNotFound."""
    found = session.get(AssignmentIncident, incident_id)
    if found is None:
        raise IncidentNotFound(id=str(incident_id))
    return found


def incidents(session: Session, limit: int = 20) -> Sequence[AssignmentIncident]:
    """The latest first."""
    statement = select(AssignmentIncident).order_by(AssignmentIncident.opened_at.desc(), AssignmentIncident.id)
    return session.scalars(statement.limit(limit)).all()


def _open(session: Session, rules: AssignmentHealth, share: WaitingShare) -> None:
    """Of two who look at once, one opens it and tells."""
    values = {
        "id": new_id(),
        "created_at": clock.now(),
        "status": "open",
        "opened_at": share.at,
        "judged": share.judged,
        "waiting": share.waiting,
        "highest_share": share.share,
    }
    statement = insert(AssignmentIncident).values(values).on_conflict_do_nothing().returning(AssignmentIncident.id)
    incident_id = session.scalar(statement)
    if incident_id is not None:
        _tell(session, rules, "assignment_alarm", incident_id, share)


def _tell(session: Session, rules: AssignmentHealth, code: str, incident_id: UUID, share: WaitingShare) -> None:
    told: dict[str, Any] = {
        "share": f"{share.share or 0:.0%}",
        "waiting": share.waiting,
        "judged": share.judged,
        "hours": f"{rules.waiting_hours:g}",
        "limit": f"{rules.alert_share:.0%}",
        "incident_id": str(incident_id),
    }
    for person_id in sorted(people_with_role(session, rules.receiver, clock.today())):
        notify(session, person_id, Message(code, told, origin_key=f"{code}:{incident_id}"))
