"""Gives what somebody leaves behind to others, and writes down what went where."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.identifiers import new_id
from crm_core.people.events import PersonLeft
from crm_core.people.repository import find_person
from crm_core.people.tables import Person
from crm_core.pipeline.handover.belongings import (
    Belonging,
    customers_of,
    delivery_roles_of,
    presales_roles_of,
    tasks_of,
    visits_of,
)
from crm_core.pipeline.handover.errors import StillHere, SuccessorUnfit
from crm_core.pipeline.handover.giving import give_leads, give_records, give_reports
from crm_core.pipeline.handover.heirs import heir_of, is_here
from crm_core.pipeline.handover.tables import Handover, HandoverItem
from crm_core.work.notifications import Message, notify


def plan_handover(session: Session, person: Person, *, on: date, successor_id: UUID | None) -> Handover:
    """Keep who is to take over on the day; a plan for another day gives way to it. Raises SuccessorUnfit."""
    if successor_id is not None:
        successor = find_person(session, successor_id)
        if successor.id == person.id or not is_here(session, successor.id, on):
            raise SuccessorUnfit(name=successor.name, day=str(on))
    handover = _handover_on(session, person.id, on) or _unfinished(session, person.id)
    if handover is None:
        handover = Handover(person_id=person.id)
        session.add(handover)
    handover.left_on, handover.successor_id = on, successor_id
    session.flush()
    return handover


def hand_over_at_leaving(session: Session, event: PersonLeft) -> None:
    """Reaction to PersonLeft: at once, or planned for the day that has been told."""
    person = find_person(session, event.person_id)
    handover = _handover_on(session, person.id, event.on)
    if handover is None:
        plan_handover(session, person, on=event.on, successor_id=None)
    if event.on <= clock.today():
        hand_over(session, person)


def hand_over(session: Session, person: Person, *, successor_id: UUID | None = None) -> Handover:
    """Give away whatever somebody who has left still holds; again, it gives only what has come since.

    A successor given here replaces the one that was planned. Raises StillHere, SuccessorUnfit.
    """
    if person.left_on is None or person.left_on > clock.today():
        raise StillHere(name=person.name)
    # two hand-overs of one person follow each other
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    handover = _handover_on(session, person.id, person.left_on)
    if handover is None or successor_id is not None:
        handover = plan_handover(session, person, on=person.left_on, successor_id=successor_id)
    given = _give(session, person, handover.successor_id, person.left_on)
    _write_items(session, handover, given)
    handover.finished_at = handover.finished_at or clock.now()
    session.flush()
    return handover


def preview_handover(session: Session, person: Person, *, successor_id: UUID | None) -> Sequence[Belonging]:
    """What would go where if they left today: the real thing, undone before anybody sees it. Raises SuccessorUnfit."""
    trial = session.begin_nested()
    try:
        plan_handover(session, person, on=clock.today(), successor_id=successor_id)
        return _give(session, person, successor_id, clock.today())
    finally:
        trial.rollback()
        session.expire_all()


def _give(session: Session, person: Person, successor_id: UUID | None, day: date) -> Sequence[Belonging]:
    heir_id = heir_of(session, person, successor_id)
    named_id = successor_id if successor_id == heir_id else None
    session.flush()
    given = list(give_leads(session, person, heir_id, named_id))
    # a visit goes with its lead
    owners = {lead.record_id: lead.to_person_id for lead in given}
    if heir_id is not None:
        rest = (presales_roles_of, customers_of, delivery_roles_of, tasks_of, visits_of)
        records = [one.going_to(_goes_to(one, owners, heir_id)) for read in rest for one in read(session, person.id)]
        give_records(session, person, records)
        given += [*records, *give_reports(session, person, heir_id, day)]
        _tell_heirs(session, person, records)
    session.expire_all()
    return given


def _goes_to(one: Belonging, lead_owners: dict[UUID, UUID | None], heir_id: UUID) -> UUID:
    with_lead = lead_owners.get(one.lead_id) if one.kind == "visit" and one.lead_id else None
    return with_lead or heir_id


def _tell_heirs(session: Session, person: Person, records: Sequence[Belonging]) -> None:
    """One message for everything; of leads, assignment tells by itself."""
    counts: Counter[UUID | None] = Counter(one.to_person_id for one in records)
    for heir_id, count in counts.items():
        if heir_id is not None:
            notify(session, heir_id, Message("handover_received", {"name": person.name, "count": count}))


def _write_items(session: Session, handover: Handover, given: Sequence[Belonging]) -> None:
    if not given:
        return
    now = clock.now()
    rows = [asdict(one) | {"id": new_id(), "created_at": now, "handover_id": handover.id} for one in given]
    statement = insert(HandoverItem)
    again = {name: statement.excluded[name] for name in ("name", "to_person_id", "to_pool")}
    session.execute(
        statement.on_conflict_do_update(index_elements=["handover_id", "kind", "record_id"], set_=again), rows
    )


def _handover_on(session: Session, person_id: UUID, day: date) -> Handover | None:
    return session.scalar(select(Handover).where(Handover.person_id == person_id, Handover.left_on == day))


def _unfinished(session: Session, person_id: UUID) -> Handover | None:
    unfinished = select(Handover).where(Handover.person_id == person_id, Handover.finished_at.is_(None))
    return session.scalar(unfinished.order_by(Handover.created_at.desc()).limit(1))
