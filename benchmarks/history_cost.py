"""What history costs a writer: the same rows with and without the trigger, one by one and in bulk.

Bare PostgreSQL, driven by the same driver without our layer, is the peer.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from api import migrations
from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.foundation.identifiers import new_id

_ROWS = 5_000
_ROUNDS = 5
_COPY = "COPY regions (id, created_at, code, name) FROM STDIN"
_INSERT = text("INSERT INTO regions (id, created_at, code, name) VALUES (:id, now(), :code, :name)")
_UPDATE = text("UPDATE regions SET name = name || '区'")
_CUSTOMER = text("INSERT INTO customers (id, created_at, name, name_pinyin) VALUES (:id, now(), '客户', 'ke hu')")
_LEADS = text(
    "INSERT INTO leads (id, created_at, customer_id, title, stage, stage_entered_at, outcome, fields, back_moves, "
    "version) SELECT gen_random_uuid(), now(), :customer, '线索', 'first_contact', now(), 'open', "
    "jsonb_build_object('contact_channel', 'phone'), 0, 1 FROM generate_series(1, :rows)"
)
_UPDATE_LEADS = text("UPDATE leads SET amount = coalesce(amount, 0) + 1, version = version + 1")


def insert_in_bulk(database: Database) -> None:
    made_at = clock.now()
    with database.transaction(Origin("benchmark")) as session:
        connection = session.connection().connection.driver_connection
        assert connection is not None
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for number in range(_ROWS):
                copy.write_row((new_id(), made_at, str(number), "华东"))


def update_in_bulk(database: Database) -> None:
    with database.transaction(Origin("benchmark")) as session:
        session.execute(_UPDATE)


def update_leads_in_bulk(database: Database) -> None:
    """A wide table with many indexes, as most of ours are."""
    with database.transaction(Origin("benchmark")) as session:
        session.execute(_UPDATE_LEADS)


def insert_one_by_one(database: Database) -> None:
    for number in range(_ROWS // 10):
        with database.transaction(Origin("benchmark")) as session:
            session.execute(_INSERT, {"id": new_id(), "code": f"one-{number}-{time.time_ns()}", "name": "华北"})


def seconds(work: Callable[[Database], None], database: Database, *, after: Callable[[Database], None]) -> float:
    taken = []
    for _ in range(_ROUNDS):
        after(database)
        started = time.perf_counter()
        work(database)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def emptied(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM regions"))


def filled(database: Database) -> None:
    emptied(database)
    insert_in_bulk(database)


def make_leads(database: Database) -> None:
    """Past the gate, whose guard looks at what is kept and would refuse them."""
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE leads DISABLE TRIGGER USER"))
        customer_id = new_id()
        connection.execute(_CUSTOMER, {"id": customer_id})
        connection.execute(_LEADS, {"customer": customer_id, "rows": _ROWS})
        connection.execute(text("ALTER TABLE leads ENABLE TRIGGER USER"))


def unchanged(database: Database) -> None:
    """The leads stay; only the dead rows of the round before go."""
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM leads"))


def main() -> None:
    """Print a line a way of writing: seconds with history, without, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedDatabase(Path(folder))
        database = Database(embedded.start())
        migrations.upgrade(database)
        make_leads(database)
        works = (
            (insert_in_bulk, emptied),
            (update_in_bulk, filled),
            (update_leads_in_bulk, unchanged),
            (insert_one_by_one, emptied),
        )
        measured = {work.__name__: [seconds(work, database, after=before)] for work, before in works}
        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE regions DISABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE leads DISABLE TRIGGER USER"))
        for work, before in works:
            measured[work.__name__].append(seconds(work, database, after=before))
        print("| writing | with history | bare | ratio |\n|---|---|---|---|")
        for name, (tracked, bare) in measured.items():
            print(f"| {name} | {tracked:.3f} s | {bare:.3f} s | {tracked / bare:.2f} |")
        database.dispose()
        embedded.stop()


if __name__ == "__main__":
    main()
