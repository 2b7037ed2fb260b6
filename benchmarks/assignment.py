"""Placing 10,000 waiting leads at once, beside the usual loop that asks the database for every lead.

Both give out round robin among 200 reps of four regions. The engine also keeps a decision that can be taken again,
history, a timeline entry and messages; the loop keeps the new owner alone, with history.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from api import migrations
from api.bootstrap import register_tables
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.foundation.identifiers import new_id
from crm_core.people.tables import Membership, Person, Region
from crm_core.pipeline.assignment.running import assign_waiting
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.process.publication import publish_default

_LEADS, _LOOPED_LEADS, _REPS, _ROUNDS = 10_000, 300, 200, 3
_REGIONS = ("east", "west", "north", "south")
_ORIGIN = Origin("benchmark")


def place_by_engine(database: Database) -> int:
    """Page by page, as the job does it."""
    after, placed = None, 0
    while True:
        with database.transaction(_ORIGIN) as session:
            after, count = assign_waiting(session, after)
        placed += count.assigned
        if after is None:
            return placed


def place_in_a_loop(database: Database) -> int:
    """A query for the lead, one for whose turn it is, one write, one transaction: for every lead."""
    with database.reading() as session:
        lead_ids = session.scalars(select(Lead.id).where(Lead.owner_id.is_(None)).limit(_LOOPED_LEADS)).all()
    for lead_id in lead_ids:
        with database.transaction(_ORIGIN) as session:
            lead = session.get_one(Lead, lead_id)
            session.execute(text("SELECT pg_advisory_xact_lock(1)"))
            owned = select(Lead.owner_id, func.count().label("leads")).group_by(Lead.owner_id).subquery()
            reps = select(Membership.person_id).outerjoin(owned, owned.c.owner_id == Membership.person_id)
            turn = reps.where(Membership.region_id == lead.region_id, Membership.role == "rep")
            person_id = session.scalar(turn.order_by(func.coalesce(owned.c.leads, 0), Membership.person_id).limit(1))
            session.execute(update(Lead).where(Lead.id == lead_id).values(owner_id=person_id))
    return len(lead_ids)


def fill(database: Database) -> None:
    """A company with waiting leads; those of an earlier round are closed, so that nobody is full."""
    now = clock.now()
    with database.transaction(_ORIGIN) as session:
        regions: dict[str, UUID] = {region.code: region.id for region in session.scalars(select(Region))}
        if not regions:
            regions = {code: new_id() for code in _REGIONS}
            add_people(session.execute, regions)
        session.execute(text("UPDATE leads SET owner_id = NULL, pool = NULL"))
        waiting = session.scalar(select(func.count()).select_from(Lead)) or 0
        if waiting:
            session.execute(text("DELETE FROM rotation_turns"))
            return
        customers = rows(name="客户{}", name_pinyin="ke hu {}", size="large", industry="储能", created_at=now)
        session.execute(insert(Customer), customers)
        leads = [
            {
                **row("线索{}", place, "title"),
                "customer_id": customer["id"],
                "region_id": regions[_REGIONS[place % 4]],
                "stage": "lead_assignment",
                "stage_entered_at": now,
                "fields": {},
                "created_at": now,
            }
            for place, customer in enumerate(customers)
        ]
        session.execute(insert(Lead), leads)
        moves = [
            {"id": new_id(), "lead_id": lead["id"], "to_stage": "lead_assignment", "kind": "created", "moved_at": now}
            for lead in leads
        ]
        session.execute(insert(StageMove), moves)


def add_people(execute: Callable[..., Any], regions: dict[str, UUID]) -> None:
    execute(insert(Region), [{"id": key, "code": code, "name": code} for code, key in regions.items()])
    people = [{**row("销售{}", place, "name"), "name_pinyin": f"xiao shou {place}"} for place in range(_REPS)]
    execute(insert(Person), [{**person, "employee_number": f"E{i:04}"} for i, person in enumerate(people)])
    managed_by = people[0]["id"]
    held = [
        {
            "id": new_id(),
            "person_id": person["id"],
            "role": "rep",
            "region_id": regions[_REGIONS[place % 4]],
            "manager_id": managed_by,
            "since": date(2020, 1, 1),
        }
        for place, person in enumerate(people)
    ]
    execute(insert(Membership), held)


def rows(**values: Any) -> list[dict[str, Any]]:
    return [
        {"id": new_id()}
        | {name: value.format(place) if isinstance(value, str) else value for name, value in values.items()}
        for place in range(_LEADS)
    ]


def row(pattern: str, place: int, name: str) -> dict[str, Any]:
    return {"id": new_id(), name: pattern.format(place)}


def measure(database: Database, works: Iterable[Callable[[Database], int]]) -> dict[str, float]:
    """Leads a second of each way, the median of some rounds."""
    rates: dict[str, float] = {}
    for work in works:
        taken = []
        for _ in range(_ROUNDS):
            fill(database)
            started = time.perf_counter()
            placed = work(database)
            taken.append(placed / (time.perf_counter() - started))
        rates[work.__name__] = statistics.median(taken)
    return rates


def main() -> None:
    """Print leads a second and the ratio; and how even the engine was."""
    register_tables()
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedDatabase(Path(folder))
        database = Database(embedded.start())
        migrations.upgrade(database)
        with database.transaction(_ORIGIN) as session:
            playbook = publish_default(session)
            # without teams nobody is asked: the default asks for region, team and manager
            version = text("UPDATE playbook_versions SET content = jsonb_set(content, '{onboarding,required}', '[]')")
            session.execute(version)
            assert playbook.version == 1
        rates = measure(database, (place_in_a_loop, place_by_engine))
        with database.reading() as session:
            leads = func.count().label("leads")
            given = session.scalars(select(leads).select_from(AssignmentDecision).group_by(AssignmentDecision.owner_id))
            counts = given.all()
        database.dispose()
        embedded.stop()
    loop, engine = rates["place_in_a_loop"], rates["place_by_engine"]
    print("| way | leads/s | ratio |\n|---|---|---|")
    print(f"| a query a lead | {loop:,.0f} | 1 |")
    print(f"| engine, {_LEADS:,} at once | {engine:,.0f} | {engine / loop:.1f} |")
    print(f"\n{_LEADS:,} leads in {_LEADS / engine:.1f} s; max − min per rep: {max(counts) - min(counts)}")


if __name__ == "__main__":
    main()
