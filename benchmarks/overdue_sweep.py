"""What watching a million open leads costs: finding what is due, firing it, and setting all alarms anew.

Bare SQL on the same embedded PostgreSQL is the peer: looking through the stays, and writing the same rows.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from api import migrations
from api.bootstrap import register_tables
from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.pipeline.dwell.alarms import reschedule_page
from crm_core.pipeline.dwell.sweep import sweep
from crm_core.process.publication import publish_default

_LEADS = 1_000_000
_RESCHEDULED = 100_000
_REPS = 200
_ROUNDS = 5

_PEOPLE = (
    (
        "INSERT INTO people (id, created_at, name, name_pinyin, locale, skills, languages) "
        "SELECT gen_random_uuid(), now(), 'rep ' || n, 'rep', 'zh', '{}', '{}' FROM generate_series(0, :reps) n"
    ),
    (
        "INSERT INTO memberships (id, created_at, person_id, role, manager_id, since) "
        "SELECT gen_random_uuid(), now(), id, CASE name WHEN 'rep 0' THEN 'director' ELSE 'rep' END, "
        "CASE name WHEN 'rep 0' THEN NULL ELSE (SELECT id FROM people WHERE name = 'rep 0') END, '2020-01-01' "
        "FROM people"
    ),
    (
        "INSERT INTO customers (id, created_at, name, name_pinyin) "
        "SELECT gen_random_uuid(), now(), 'customer ' || n, 'customer' FROM generate_series(1, :reps) n"
    ),
)
_LEADS_SQL = (
    "INSERT INTO leads (id, created_at, customer_id, title, owner_id, stage, stage_entered_at, outcome, fields, "
    "back_moves, received_at, alarm_at, alarm_step, overdue_at, version) "
    "SELECT gen_random_uuid(), :now - interval '40 days', customers[1 + n % :reps], 'lead ' || n, "
    "owners[1 + n % :reps], 'needs_diagnosis', :now - entered, 'open', '{}', 0, :now - interval '40 days', "
    ":now - entered + interval '72 hours', 0, :now - entered + interval '72 hours', 1 "
    # spread over the last 71 hours: none is due yet
    "FROM (SELECT n, interval '1 second' * (n % 255600) AS entered FROM generate_series(1, :leads) n) numbered, "
    "(SELECT array_agg(id) AS customers FROM customers) c, (SELECT array_agg(id) AS owners FROM people) o"
)
_MAKE_DUE = (
    "UPDATE leads SET stage_entered_at = stage_entered_at - interval '72 hours', "
    "alarm_at = alarm_at - interval '72 hours', overdue_at = overdue_at - interval '72 hours' "
    "WHERE id IN (SELECT id FROM leads WHERE alarm_step = 0 AND alarm_at > :now LIMIT :count)"
)
_FIND = "SELECT id FROM leads WHERE alarm_at <= :now ORDER BY alarm_at LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED"
_FIND_BY_STAYS = (
    "SELECT id FROM leads WHERE outcome = 'open' AND stage = 'needs_diagnosis' AND stage_entered_at <= "
    ":now - interval '72 hours' AND NOT EXISTS (SELECT FROM dwell_breaches b WHERE b.lead_id = leads.id "
    "AND b.stage_entered_at = leads.stage_entered_at AND b.step = 0) ORDER BY stage_entered_at LIMIT 100"
)
#: what firing writes for each lead, in one statement a table
_BARE_FIRING = (
    (
        "INSERT INTO dwell_breaches (id, created_at, lead_id, stage, stage_entered_at, step, limit_hours, due_at, "
        "fired_at, receivers) SELECT gen_random_uuid(), now(), id, stage, stage_entered_at, 0, 72, alarm_at, now(), "
        "'[]' FROM leads WHERE alarm_at <= :now"
    ),
    (
        "INSERT INTO notifications (id, created_at, receiver_id, code, parameters, lead_id) SELECT "
        "gen_random_uuid(), now(), owner_id, 'dwell_exceeded', '{}', id FROM leads, generate_series(1, 3) "
        "WHERE alarm_at <= :now"
    ),
    (
        "INSERT INTO tasks (id, created_at, assignee_id, lead_id, kind, parameters, status) SELECT "
        "gen_random_uuid(), now(), owner_id, id, 'decision_chain_map', '{}', 'open' FROM leads WHERE alarm_at <= :now"
    ),
    (
        "INSERT INTO timeline_entries (id, created_at, customer_id, lead_id, occurred_at, kind, channel, details) "
        "SELECT gen_random_uuid(), now(), customer_id, id, now(), 'dwell_alarm', 'job', '{}' FROM leads "
        "WHERE alarm_at <= :now"
    ),
    "UPDATE leads SET alarm_at = alarm_at + interval '48 hours', alarm_step = 1 WHERE alarm_at <= :now",
)


@contextmanager
def past_triggers(database: Database) -> Iterator[Connection]:
    """A transaction that prepares leads without history and gate, which are not what is measured."""
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE leads DISABLE TRIGGER USER"))
        yield connection
        connection.execute(text("ALTER TABLE leads ENABLE TRIGGER USER"))


def fill(database: Database) -> None:
    """A million leads in one stage, none of them due."""
    with past_triggers(database) as connection:
        for statement in (*_PEOPLE, _LEADS_SQL):
            values = {"reps": _REPS, "leads": _LEADS, "now": clock.now()}
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), named)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE leads"))


def make_due(database: Database, count: int) -> None:
    with past_triggers(database) as connection:
        connection.execute(text(_MAKE_DUE), {"count": count, "now": clock.now()})


def bare(database: Database, *statements: str) -> None:
    with database.transaction(Origin("benchmark")) as session:
        for statement in statements:
            session.execute(text(statement), {"now": clock.now()})


def reschedule(database: Database) -> None:
    """As many leads as asked for, whose alarms somebody has lost."""
    after, done = None, 0
    while done < _RESCHEDULED:
        with database.transaction(Origin("benchmark")) as session:
            after, changed = reschedule_page(session, publish_default(session), after=after)
        if after is None:
            return
        done += changed


def forget_alarms(database: Database) -> None:
    with past_triggers(database) as connection:
        forgotten = (
            "UPDATE leads SET alarm_at = NULL, overdue_at = NULL "
            "WHERE id IN (SELECT id FROM leads ORDER BY id LIMIT :count)"
        )
        connection.execute(text(forgotten), {"count": _RESCHEDULED})


def measured(work: Callable[[], object], before: Callable[[], object], rounds: int = _ROUNDS) -> float:
    taken = []
    for _ in range(rounds):
        before()
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> None:
    """Print seconds of ours and of bare SQL, and their ratio."""
    register_tables()
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedDatabase(Path(folder))
        database = Database(embedded.start())
        try:
            migrations.upgrade(database)
            with database.transaction(Origin("benchmark")) as session:
                publish_default(session)
            fill(database)
            compare(database)
        finally:
            database.dispose()
            embedded.stop()


def compare(database: Database) -> None:
    """Each way of ours beside the same in bare SQL."""
    print("| of 1,000,000 open leads | ours | bare SQL | ratio |\n|---|---|---|---|", flush=True)
    quiet = measured(lambda: sweep(database), lambda: None)
    tell("sweep, nothing due", quiet, measured(lambda: bare(database, _FIND), lambda: None))
    find = measured(lambda: bare(database, _FIND), lambda: make_due(database, 100), rounds=1)
    by_stays = measured(lambda: bare(database, _FIND_BY_STAYS), lambda: None)
    tell("finding 100 that are due (bare: by the stays)", find, by_stays)
    sweep(database)
    for count in (100, 1_000):
        ours = measured(lambda: sweep(database), lambda due=count: make_due(database, due), rounds=3)
        peer = measured(lambda: bare(database, *_BARE_FIRING), lambda due=count: make_due(database, due), rounds=3)
        tell(f"sweep with {count:,} firings", ours, peer)
    ours = measured(lambda: reschedule(database), lambda: forget_alarms(database), rounds=1)
    restored = (
        "UPDATE leads SET alarm_at = stage_entered_at + interval '72 hours', "
        "overdue_at = stage_entered_at + interval '72 hours' WHERE alarm_at IS NULL AND outcome = 'open'"
    )
    peer = measured(lambda: bare(database, restored), lambda: forget_alarms(database), rounds=1)
    tell(f"setting {_RESCHEDULED:,} alarms anew", ours, peer)


def tell(name: str, ours: float, peer: float) -> None:
    print(f"| {name} | {ours:.4f} s | {peer:.4f} s | {ours / peer:.1f} |", flush=True)


if __name__ == "__main__":
    main()
