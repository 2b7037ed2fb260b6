"""What somebody holds that others must go on with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from crm_core.customers.tables import Customer
from crm_core.people.tables import Membership, Person
from crm_core.pipeline.tables import Lead
from crm_core.work.tables import Task, Visit

ItemKind = Literal["lead", "presales_role", "customer", "delivery_role", "task", "visit", "report"]
#: won and lost leads stay with whoever closed them: they are what somebody has done
_UNFINISHED = ("open", "parked")


@dataclass(frozen=True, slots=True)
class Belonging:
    """One thing that is handed over, and where it goes."""

    kind: ItemKind
    record_id: UUID
    name: str
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    to_person_id: UUID | None = None
    to_pool: str | None = None

    def going_to(self, person_id: UUID | None, pool: str | None = None) -> Self:
        return replace(self, to_person_id=person_id, to_pool=pool)


def leads_of(session: Session, person_id: UUID, outcome: str) -> Sequence[Belonging]:
    """Leads of one outcome that the person owns."""
    return _read(session, "lead", _leads(Lead.owner_id == person_id, Lead.outcome == outcome))


def presales_roles_of(session: Session, person_id: UUID) -> Sequence[Belonging]:
    """Unfinished leads that the person supports."""
    return _read(session, "presales_role", _leads(Lead.presales_id == person_id, Lead.outcome.in_(_UNFINISHED)))


def customers_of(session: Session, person_id: UUID) -> Sequence[Belonging]:
    return _read(session, "customer", _customers(Customer.owner_id == person_id))


def delivery_roles_of(session: Session, person_id: UUID) -> Sequence[Belonging]:
    return _read(session, "delivery_role", _customers(Customer.delivery_owner_id == person_id))


def tasks_of(session: Session, person_id: UUID) -> Sequence[Belonging]:
    """Open tasks; the name is the title or, for one that the product made, its kind."""
    titles = select(Task.id, Task.title, Task.parameters, Task.kind, Task.customer_id, Task.lead_id).where(
        Task.assignee_id == person_id, Task.status == "open"
    )
    return [
        Belonging("task", row.id, row.title or row.parameters.get("title_zh") or row.kind, row.customer_id, row.lead_id)
        for row in session.execute(titles.order_by(Task.created_at, Task.id))
    ]


def visits_of(session: Session, person_id: UUID) -> Sequence[Belonging]:
    """Visits that are planned and not held."""
    planned = select(Visit.id, Visit.purpose, Visit.customer_id, Visit.lead_id, Customer.name).join(
        Customer, Customer.id == Visit.customer_id
    )
    pending = planned.where(Visit.owner_id == person_id, Visit.held_at.is_(None)).order_by(Visit.planned_at, Visit.id)
    return [
        Belonging("visit", row.id, (row.purpose or row.name)[:200], row.customer_id, row.lead_id)
        for row in session.execute(pending)
    ]


def reports_of(session: Session, person_id: UUID, day: date) -> Sequence[tuple[Membership, str]]:
    """Positions under this person that last beyond a day, with the names of who holds them."""
    lasting = or_(Membership.until.is_(None), Membership.until > day)
    statement = (
        select(Membership, Person.name)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.manager_id == person_id, Membership.person_id != person_id, lasting)
        .order_by(Membership.since, Membership.id)
    )
    return [(row.Membership, row.name) for row in session.execute(statement)]


def leavers_with_belongings(session: Session, today: date) -> Sequence[UUID]:
    """Everybody who has left and still holds leads, customers or open tasks, however that came about."""
    holds = or_(
        exists().where(Lead.owner_id == Person.id, Lead.outcome.in_(_UNFINISHED)),
        exists().where(Customer.owner_id == Person.id),
        exists().where(Task.assignee_id == Person.id, Task.status == "open"),
    )
    return session.scalars(select(Person.id).where(Person.left_on <= today, holds).order_by(Person.id)).all()


def _leads(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    columns = (Lead.id, Lead.title.label("name"), Lead.customer_id, Lead.id.label("lead_id"))
    return select(*columns).where(*conditions).order_by(Lead.received_at, Lead.id)


def _customers(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    columns = (Customer.id, Customer.name.label("name"), Customer.id.label("customer_id"))
    return select(*columns).where(condition).order_by(Customer.created_at, Customer.id)


def _read(session: Session, kind: ItemKind, statement: Select[*tuple[Any, ...]]) -> Sequence[Belonging]:
    return [
        Belonging(kind, row["id"], row["name"], row["customer_id"], row.get("lead_id"))
        for row in session.execute(statement).mappings()
    ]
