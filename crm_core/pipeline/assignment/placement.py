"""Writes who got which lead: the lead, the decision, the rotation, the timeline, the message, in few statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from crm_core.customers.timeline import Happening, append_many, channel_of
from crm_core.foundation import clock
from crm_core.foundation.bulk import copy_rows
from crm_core.foundation.events import publish
from crm_core.foundation.identifiers import new_id
from crm_core.people.repository import names_of_people
from crm_core.pipeline.assignment.events import LeadsPlaced
from crm_core.pipeline.assignment.tables import AssignmentDecision, RotationTurn
from crm_core.pipeline.dwell.alarms import reschedule
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook
from crm_core.work.notifications import Message, notify_all

#: the version rises: whoever edits the lead meanwhile learns of its new owner
_WRITE_LEADS = text(
    "UPDATE leads SET owner_id = new.owner_id, pool = new.pool, version = leads.version + 1, "
    "owned_since = CASE WHEN new.owner_id IS NULL THEN NULL ELSE CAST(:now AS timestamptz) END "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:owners AS uuid[]), CAST(:pools AS text[])) AS new(id, owner_id, pool) "
    "WHERE leads.id = new.id"
)
_PLACED_COLUMNS = ("owner_id", "pool", "owned_since", "version")


@dataclass(frozen=True, slots=True)
class Placement:
    """What becomes of one lead: an owner, a claim pool to wait in, or neither."""

    lead_id: UUID
    customer_id: UUID
    title: str
    #: arrival, retry, recycle, handover, manual, claim, release
    cause: str
    outcome: str
    previous_owner_id: UUID | None = None
    owner_id: UUID | None = None
    #: the pool that it comes through; it waits there when nobody owns it
    pool: str | None = None
    rule: str | None = None
    reason: str | None = None
    decided_by: UUID | None = None
    roster_digest: str | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    #: an outcome that leaves the lead as it is, such as nobody again, is only written down
    changes_lead: bool = True


def place(session: Session, playbook: Playbook, placements: Sequence[Placement]) -> None:
    """Write placements of leads that the caller has locked."""
    if not placements:
        return
    session.flush()
    changed = [placement for placement in placements if placement.changes_lead]
    _write_leads(session, changed)
    _write_decisions(session, playbook, placements)
    _write_timeline(session, playbook, changed)
    _notify_people(session, changed)
    if changed:
        reschedule(session, playbook, [placement.lead_id for placement in changed])
        publish(session, LeadsPlaced(tuple(placement.lead_id for placement in changed)))


def advance_rotation(
    session: Session, turns: Mapping[tuple[str, UUID], int], given: Mapping[tuple[str, UUID], int]
) -> None:
    """Keep where the rotations stand, and one more lead for whoever got one."""
    rows = [
        {"id": new_id(), "created_at": clock.now(), "pool": pool, "person_id": person_id, "turns": count}
        | {"given": given.get((pool, person_id), 0)}
        for (pool, person_id), count in sorted(turns.items())
    ]
    if not rows:
        return
    statement = upsert(RotationTurn)
    told = {"turns": statement.excluded.turns, "given": RotationTurn.given + statement.excluded.given}
    session.execute(statement.on_conflict_do_update(index_elements=["pool", "person_id"], set_=told), rows)


def _write_leads(session: Session, placements: Sequence[Placement]) -> None:
    values = {
        "now": clock.now(),
        "ids": [placement.lead_id for placement in placements],
        "owners": [placement.owner_id for placement in placements],
        "pools": [placement.pool if placement.owner_id is None else None for placement in placements],
    }
    session.execute(_WRITE_LEADS, values)
    for placement in placements:
        held = session.identity_map.get(identity_key(Lead, placement.lead_id))
        if held is not None:
            session.expire(held, _PLACED_COLUMNS)


def _write_decisions(session: Session, playbook: Playbook, placements: Sequence[Placement]) -> None:
    told = ("lead_id", "cause", "outcome", "rule", "pool", "owner_id", "previous_owner_id", "decided_by", "reason")
    now = clock.now()
    rows = [
        {name: getattr(placement, name) for name in (*told, "roster_digest", "record")}
        | {"id": new_id(), "created_at": now, "decided_at": now, "playbook_version": playbook.version}
        for placement in placements
    ]
    copy_rows(session, AssignmentDecision, rows)


def _write_timeline(session: Session, playbook: Playbook, placements: Sequence[Placement]) -> None:
    """Who reads owners reads who got the lead."""
    if not placements:
        return
    now, channel = clock.now(), channel_of(session)
    names = names_of_people(session, {placement.owner_id for placement in placements if placement.owner_id})
    pools = {pool.code: pool.name for pool in playbook.assignment.pools}
    happenings = []
    for placement in placements:
        details = {"record": "lead", "field": "owner_id", "title": placement.title, "cause": placement.cause}
        code = "lead_waiting"
        if placement.owner_id is not None:
            code, details["owner"] = "lead_owner", names.get(placement.owner_id, "")
        elif placement.pool is not None:
            name = pools.get(placement.pool)
            code, details["pool_zh"] = "lead_pooled", name.zh if name else placement.pool
            details["pool_en"] = name.en if name else placement.pool
        happenings.append(
            Happening(
                customer_id=placement.customer_id,
                kind="field_change",
                channel=channel,
                lead_id=placement.lead_id,
                occurred_at=now,
                actor_id=placement.decided_by,
                code=code,
                details=details,
            )
        )
    append_many(session, happenings)


def _notify_people(session: Session, placements: Sequence[Placement]) -> None:
    """Each person hears once of a run, of one lead by its title; nobody hears of what they did themselves."""
    got: defaultdict[UUID, list[Placement]] = defaultdict(list)
    lost: defaultdict[UUID, list[Placement]] = defaultdict(list)
    for placement in placements:
        if placement.owner_id is not None and placement.owner_id != placement.decided_by:
            got[placement.owner_id].append(placement)
        previous = placement.previous_owner_id
        if previous is not None and previous not in {placement.owner_id, placement.decided_by}:
            lost[previous].append(placement)
    told = (("received", got), ("taken_away", lost))
    messages = [(person_id, _message(code, theirs)) for code, people in told for person_id, theirs in people.items()]
    notify_all(session, messages)


def _message(code: str, placements: Sequence[Placement]) -> Message:
    if len(placements) > 1:
        return Message(f"leads_{code}", {"count": len(placements)})
    [only] = placements
    return Message(f"lead_{code}", {"title": only.title}, only.customer_id, only.lead_id)
