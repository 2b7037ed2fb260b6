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


def main() -> None:
    """Print a line a way of writing: seconds with history, without, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedDatabase(Path(folder))
        database = Database(embedded.start())
        migrations.upgrade(database)
        works = ((insert_in_bulk, emptied), (update_in_bulk, filled), (insert_one_by_one, emptied))
        measured = {work.__name__: [seconds(work, database, after=before)] for work, before in works}
        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE regions DISABLE TRIGGER USER"))
        for work, before in works:
            measured[work.__name__].append(seconds(work, database, after=before))
        print("| writing | with history | bare | ratio |\n|---|---|---|---|")
        for name, (tracked, bare) in measured.items():
            print(f"| {name} | {tracked:.3f} s | {bare:.3f} s | {tracked / bare:.2f} |")
        database.dispose()
        embedded.stop()


if __name__ == "__main__":
    main()
