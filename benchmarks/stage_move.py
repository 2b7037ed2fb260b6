"""What a stage move costs: gate, history, timeline, alarms and jobs, beside bare SQLAlchemy writing the same rows.

The bare side writes the lead, the move and the timeline entry of each move, in one transaction, on tables without
history and guard: what any CRM would have to write. Threads share a process, as in the server; processes do not.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

from sqlalchemy import MetaData, Table, insert, text, update

from api import subscriptions
from api.bootstrap import register_jobs, register_tables
from api.cli.running import prepare
from crm_core.customers.acting import Acting
from crm_core.customers.tables import Customer, TimelineEntry
from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.foundation.events import install_reactions
from crm_core.foundation.files import FileStore
from crm_core.foundation.identifiers import new_id
from crm_core.foundation.resources import Resources
from crm_core.foundation.settings import Settings
from crm_core.people.memberships import viewer_of
from crm_core.people.rights import access_policy
from crm_core.people.tables import Membership, Person, Region
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.leads import create_lead
from crm_core.pipeline.repository import find_lead
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.process.publication import published_playbook

_LEADS = 400
_WORKERS = 2
_MOVES_OF_A_LEAD = 3
_FIELDS = {
    "source": "exhibition",
    "contact_channel": "phone",
    "contact_result": "约定周四现场勘测",
    "pain_points": ["energy_cost", "unclear_return", "tight_cash"],
    "decision_maker": "总经理赵先生",
}
Step = Callable[[Database, UUID, str], None]


def move_through_the_gate(database: Database, lead_id: UUID, to_stage: str) -> None:
    """What the route does after the log-in."""
    with database.transaction(Origin("benchmark")) as session:
        playbook = published_playbook(session)
        policy = access_policy(playbook)
        owner_id = session.get_one(Lead, lead_id).owner_id
        assert owner_id is not None
        acting = Acting(session, viewer_of(session, owner_id), policy, playbook)
        Gate(acting).advance(find_lead(session, acting.viewer, policy, lead_id), to_stage)


def write_the_same_rows(database: Database, lead_id: UUID, to_stage: str) -> None:
    """The rows alone, by hand."""
    leads, moves, entries = _bare_tables()
    with database.engine.begin() as connection:
        now = clock.now()
        row = connection.execute(leads.select().where(leads.c.id == lead_id).with_for_update()).mappings().one()
        changed = {"stage": to_stage, "stage_entered_at": now, "version": row["version"] + 1}
        connection.execute(update(leads).where(leads.c.id == lead_id).values(changed))
        dwell_seconds = (now - row["stage_entered_at"]).total_seconds()
        move = {"id": new_id(), "created_at": now, "lead_id": lead_id, "from_stage": row["stage"], "to_stage": to_stage}
        move |= {"kind": "forward", "is_override": False, "moved_at": now, "dwell_seconds": dwell_seconds}
        connection.execute(insert(moves).values(move | {"is_imported": False}))
        entry = {"id": new_id(), "created_at": now, "customer_id": row["customer_id"], "lead_id": lead_id}
        entry |= {"occurred_at": now, "kind": "stage_move", "channel": "screen", "code": "lead_forward", "details": {}}
        connection.execute(insert(entries).values(entry))


def _bare_tables() -> tuple[Table, Table, Table]:
    leads, moves, entries = (f"bare_{table.__tablename__}" for table in (Lead, StageMove, TimelineEntry))
    return _METADATA.tables[leads], _METADATA.tables[moves], _METADATA.tables[entries]


_METADATA = MetaData()


def _copy_tables(database: Database) -> None:
    """The same columns and indexes, without triggers and foreign keys."""
    with database.engine.begin() as connection:
        for mapped in (Lead, StageMove, TimelineEntry):
            name = mapped.__tablename__
            connection.execute(text(f"CREATE TABLE bare_{name} (LIKE {name} INCLUDING ALL)"))
            connection.execute(text(f"INSERT INTO bare_{name} OVERRIDING SYSTEM VALUE SELECT * FROM {name}"))
        connection.execute(text("ALTER TABLE bare_stage_moves ALTER COLUMN number RESTART WITH 1000000"))


def _reflect(database: Database) -> None:
    _METADATA.reflect(database.engine, only=lambda name, _: name.startswith("bare_"))


def _make_leads(database: Database, number: int) -> list[UUID]:
    """Leads with everything that the first gates ask for."""
    with database.transaction(Origin("benchmark")) as session:
        region = Region(code=str(new_id()), name="华东")
        person = Person(name="测试员", name_pinyin="ce shi yuan")
        session.add_all([region, person])
        session.flush()
        since = clock.today() - timedelta(days=400)
        session.add(Membership(person_id=person.id, role="rep", region_id=region.id, since=since))
        customer = Customer(name=str(new_id()), name_pinyin="x", owner_id=person.id, region_id=region.id)
        session.add(customer)
        session.flush()
        playbook = published_playbook(session)
        acting = Acting(session, viewer_of(session, person.id), access_policy(playbook), playbook)
        return [create_lead(acting, customer, {"title": f"线索{place}", **_FIELDS}).id for place in range(number)]


def _move_all(url: str, step: Step, lead_ids: Sequence[UUID]) -> list[float]:
    """Seconds of each move of these leads through the first stages."""
    _start()
    database = Database(url)
    _reflect(database)
    with database.reading() as session:
        stages = [stage.code for stage in published_playbook(session).stages][: _MOVES_OF_A_LEAD + 1]
    taken = []
    for lead_id in lead_ids:
        for _, to_stage in pairwise(stages):
            started = time.perf_counter()
            step(database, lead_id, to_stage)
            taken.append(time.perf_counter() - started)
    database.dispose()
    return taken


def _start() -> None:
    register_tables()
    register_jobs()
    install_reactions(subscriptions.REACTIONS)


def _in_threads(url: str, step: Step, shares: Sequence[Sequence[UUID]]) -> list[float]:
    taken: list[float] = []
    threads = [threading.Thread(target=lambda ids=ids: taken.extend(_move_all(url, step, ids))) for ids in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _in_processes(url: str, step: Step, shares: Sequence[Sequence[UUID]]) -> list[float]:
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        results = [pool.submit(_move_all, url, step, ids) for ids in shares]
        return [seconds for result in results for seconds in result.result()]


def _row(name: str, taken: Sequence[float]) -> float:
    """One line; moves a second are those of workers that do nothing else."""
    p95 = statistics.quantiles(taken, n=20)[-1]
    rate = _WORKERS / statistics.mean(taken)
    print(f"| {name} | {statistics.median(taken) * 1e3:.1f} ms | {p95 * 1e3:.1f} ms | {rate:.0f} |", flush=True)
    return statistics.median(taken)


def main() -> None:
    """Print a line a way, and how many times the bare rows a move through the gate costs."""
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedDatabase(Path(folder))
        database = Database(embedded.start())
        settings = Settings(_env_file=None, environment="test", data_folder=Path(folder))
        prepare(Resources(settings, database, FileStore(Path(folder))))
        _start()
        print("| two workers | median | p95 | moves a second |\n|---|---|---|---|")
        medians = {}
        for way, run in (("threads", _in_threads), ("processes", _in_processes)):
            lead_ids = _make_leads(database, _LEADS)
            with database.engine.begin() as connection:
                for mapped in (Lead, StageMove, TimelineEntry):
                    connection.execute(text(f"DROP TABLE IF EXISTS bare_{mapped.__tablename__}"))
            _copy_tables(database)
            shares = [lead_ids[place::_WORKERS] for place in range(_WORKERS)]
            bare = _row(f"bare rows, {way}", run(database.url, write_the_same_rows, shares))
            gate = _row(f"through the gate, {way}", run(database.url, move_through_the_gate, shares))
            medians[way] = gate / bare
        for way, ratio in medians.items():
            print(f"{way}: a move through the gate costs {ratio:.1f} × the bare rows")
        database.dispose()
        embedded.stop()


if __name__ == "__main__":
    main()
