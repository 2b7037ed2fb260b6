"""Writes new owners: leads by the rules of assignment or to the successor, everything else to whoever is named."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm_core.customers.tables import Customer, TimelineEntry
from crm_core.customers.timeline import channel_of
from crm_core.foundation import clock
from crm_core.foundation.identifiers import new_id
from crm_core.people.memberships import direct_manager
from crm_core.people.repository import names_of_people
from crm_core.people.roster import Position, ReportingCircle, change_position
from crm_core.people.tables import Membership, Person
from crm_core.pipeline.assignment.placement import Placement, place
from crm_core.pipeline.assignment.running import assign
from crm_core.pipeline.handover.belongings import Belonging, ItemKind, leads_of, reports_of
from crm_core.pipeline.tables import Lead
from crm_core.process.publication import published_playbook
from crm_core.work.tables import Task, Visit

_COLUMNS: Mapping[ItemKind, InstrumentedAttribute[Any]] = {
    "presales_role": Lead.presales_id,
    "customer": Customer.owner_id,
    "delivery_role": Customer.delivery_owner_id,
    "task": Task.assignee_id,
    "visit": Visit.owner_id,
}
#: whose field an entry on the timeline tells: whoever may not read it does not see the entry
_FIELDS: Mapping[ItemKind, tuple[str, str]] = {
    "presales_role": ("lead", "presales_id"),
    "customer": ("customer", "owner_id"),
    "delivery_role": ("customer", "delivery_owner_id"),
}
_TIMELINE_KINDS: Mapping[ItemKind, str] = {"task": "task", "visit": "visit"}


def give_leads(
    session: Session, person: Person, heir_id: UUID | None, successor_id: UUID | None
) -> Sequence[Belonging]:
    """Open leads go to the successor or, without one, where the rules say; parked ones to whoever takes over."""
    waiting, parked = leads_of(session, person.id, "open"), leads_of(session, person.id, "parked")
    if successor_id is None:
        assign(session, [lead.record_id for lead in waiting], "handover", taken_from=[person.id])
        # what no rule can place must not stay with somebody who is gone
        to_heir = [*_still_owned(session, person, waiting), *parked]
    else:
        to_heir = [*waiting, *parked]
    _place(session, person, to_heir, heir_id)
    return _with_new_owners(session, [*waiting, *parked])


def give_records(session: Session, person: Person, records: Sequence[Belonging]) -> None:
    """Each record to whom it is going, with an entry on its customer's timeline."""
    receivers: defaultdict[tuple[ItemKind, UUID], list[UUID]] = defaultdict(list)
    for one in records:
        if one.to_person_id is not None:
            receivers[one.kind, one.to_person_id].append(one.record_id)
    for (kind, receiver_id), ids in receivers.items():
        column = _COLUMNS[kind]
        values: dict[Any, Any] = {column.key: receiver_id}
        if column.class_ is Lead:
            values["version"] = Lead.version + 1
        model = column.class_
        session.execute(
            update(model).where(model.id.in_(ids), column == person.id).values(values),
            execution_options={"synchronize_session": False},
        )
    _tell_timeline(session, person, records)


def give_reports(session: Session, person: Person, heir_id: UUID, day: date) -> Sequence[Belonging]:
    """Whoever answered to somebody who leaves answers to who takes over; the successor to the manager above."""
    given = []
    for held, name in reports_of(session, person.id, day):
        manager_id = heir_id if held.person_id != heir_id else direct_manager(session, person.id, held.since)
        since = max(day, held.since)
        given.append(_reporting(session, held, manager_id, since, name))
    return given


def _reporting(session: Session, held: Membership, manager_id: UUID | None, since: date, name: str) -> Belonging:
    place = Position(held.role, held.team_id, held.region_id, manager_id, may_lack_region=True)
    try:
        change_position(session, held, place, since=since)
    except ReportingCircle:
        manager_id = None
        nobody = Position(held.role, held.team_id, held.region_id, None, may_lack_region=True)
        change_position(session, held, nobody, since=since)
    return Belonging("report", held.person_id, name, to_person_id=manager_id)


def _still_owned(session: Session, person: Person, leads: Sequence[Belonging]) -> Sequence[Belonging]:
    ids = [lead.record_id for lead in leads]
    left = frozenset(session.scalars(select(Lead.id).where(Lead.id.in_(ids), Lead.owner_id == person.id)))
    return [lead for lead in leads if lead.record_id in left]


def _place(session: Session, person: Person, leads: Sequence[Belonging], owner_id: UUID | None) -> None:
    if not leads:
        return
    session.execute(select(Lead.id).where(Lead.id.in_([lead.record_id for lead in leads])).with_for_update())
    placements = [
        Placement(
            lead_id=lead.record_id,
            customer_id=lead.customer_id,
            title=lead.name,
            cause="handover",
            outcome="assigned" if owner_id else "unassigned",
            previous_owner_id=person.id,
            owner_id=owner_id,
        )
        for lead in leads
        if lead.customer_id is not None
    ]
    place(session, published_playbook(session), placements)


def _with_new_owners(session: Session, leads: Sequence[Belonging]) -> Sequence[Belonging]:
    ids = [lead.record_id for lead in leads]
    rows = session.execute(select(Lead.id, Lead.owner_id, Lead.pool).where(Lead.id.in_(ids)))
    found = {row.id: (row.owner_id, row.pool) for row in rows}
    return [lead.going_to(*found[lead.record_id]) for lead in leads]


def _tell_timeline(session: Session, person: Person, records: Sequence[Belonging]) -> None:
    names = names_of_people(session, {one.to_person_id for one in records if one.to_person_id})
    now, channel = clock.now(), channel_of(session)
    rows = [
        {
            "id": new_id(),
            "created_at": now,
            "customer_id": one.customer_id,
            "lead_id": one.lead_id,
            "occurred_at": now,
            "kind": _TIMELINE_KINDS.get(one.kind, "field_change"),
            "channel": channel,
            "actor_id": None,
            "code": f"handed_over_{one.kind}",
            "details": _details(one, person.name, names),
        }
        for one in records
        if one.customer_id is not None
    ]
    if rows:
        session.execute(insert(TimelineEntry), rows)


def _details(one: Belonging, previous: str, names: Mapping[UUID, str]) -> dict[str, str]:
    new = names.get(one.to_person_id, "") if one.to_person_id else ""
    told = {"title": one.name, "previous": previous, "new": new}
    if one.kind in _FIELDS:
        told["record"], told["field"] = _FIELDS[one.kind]
    return told
