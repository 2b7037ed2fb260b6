"""Rows a second that an import keeps, with history, beside SQLAlchemy's bulk insert and bare COPY of the same rows."""

import csv
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from api.bootstrap import register_jobs
from api.cli.running import prepare
from api.subscriptions import REACTIONS
from crm_core.customers.acting import Acting
from crm_core.customers.company_names import company_pinyin
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.foundation.bulk import copy_rows
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.foundation.events import install_reactions
from crm_core.foundation.files import FileStore
from crm_core.foundation.identifiers import new_id
from crm_core.foundation.resources import Resources
from crm_core.foundation.settings import Settings
from crm_core.intake import running, runs
from crm_core.intake.tables import ImportRun
from crm_core.people.memberships import viewer_of
from crm_core.people.rights import access_policy
from crm_core.people.roster import Position, add_person, appoint
from crm_core.people.tables import Person
from crm_core.process.publication import published_playbook

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
_TOWNS = "昆吾岚汀沁溧桐澄漳浔婺虞姚汝沂潞渭淇洛涪"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedDatabase(Path(folder) / "database")
        database = Database(embedded.start())
        try:
            _measure(_prepared(Path(folder), database), Path(folder))
        finally:
            database.dispose()
            embedded.stop()


def _prepared(folder: Path, database: Database) -> Resources:
    settings = Settings(environment="test", data_folder=folder / "data")
    resources = Resources(settings, database, FileStore(folder / "files"))
    register_jobs()
    install_reactions(REACTIONS)
    prepare(resources)
    with database.transaction(Origin(channel="benchmark")) as session:
        person = add_person(session, name="周敏", employee_number="B1")
        appoint(session, person, Position("operations"), since=clock.today())
    return resources


def _measure(resources: Resources, folder: Path) -> None:
    customers, leads = folder / "customers.csv", folder / "leads.csv"
    names = [f"{_TOWNS[n % 20]}{_TOWNS[n // 20 % 20]}第{n}光伏电站有限公司" for n in range(ROWS)]
    with customers.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["客户名称", "行业", "规模", "城市", "负责人"])
        writer.writerows([name, "光伏电站运营", "中型", "苏州", "周敏"] for name in names)
    with leads.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["线索编号", "客户名称", "线索名称", "来源", "金额", "预计签约日期", "负责人"])
        for n, name in enumerate(names):
            writer.writerow([f"L{n}", name, f"储能改造{n}期", "展会", f"{n % 90 + 1}万", "2026-12-20", "周敏"])
    sizes = f"{ROWS:,} rows"
    for target, path in (("customers", customers), ("leads", leads)):
        rehearsed, kept = _imported(resources, target, path)
        print(f"{target}: {sizes}; rehearsal {ROWS / rehearsed:,.0f} rows/s; import {ROWS / kept:,.0f} rows/s")
    print(f"largest memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB")
    if ROWS <= 200_000:
        _compare(resources, kept_seconds=kept)


def _imported(resources: Resources, target: Any, path: Path) -> tuple[float, float]:
    with resources.database.transaction(Origin(channel="benchmark")) as session:
        run_id = runs.receive(_acting(session), resources.files, _incoming(path, target)).id
        runs.begin_rehearsal(_acting(session), run_id)
    began = time.perf_counter()
    running.rehearse(resources, run_id)
    rehearsed = time.perf_counter() - began
    with resources.database.transaction(Origin(channel="benchmark")) as session:
        runs.start(_acting(session), run_id)
    began = time.perf_counter()
    running.carry_out(resources, run_id)
    kept = time.perf_counter() - began
    with resources.database.reading() as session:
        run = session.get_one(ImportRun, run_id)
        assert (run.status, run.rows_created) == ("done", ROWS), (run.status, run.problems, run.rows_refused)
    return rehearsed, kept


def _incoming(path: Path, target: Any) -> runs.Incoming:
    return runs.Incoming(path.open("rb"), path.name, target, 1 << 30)


def _acting(session: Any) -> Acting:
    playbook = published_playbook(session)
    person = session.query(Person).filter_by(employee_number="B1").one()
    return Acting(session, viewer_of(session, person.id), access_policy(playbook), playbook)


def _compare(resources: Resources, *, kept_seconds: float) -> None:
    """The same number of customers written by others: nothing is read, judged or told."""
    with resources.database.transaction(Origin(channel="benchmark")) as session:
        for table in ("dwell_breaches", "timeline_entries", "stage_moves", "leads", "customers"):
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    with resources.database.transaction(Origin(channel="benchmark")) as session:
        rows = [
            {
                "id": new_id(),
                "created_at": clock.now(),
                "name": f"对照{n}有限公司",
                "name_pinyin": company_pinyin(f"对照{n}"),
            }
            for n in range(ROWS)
        ]
        began = time.perf_counter()
        copy_rows(session, Customer, rows)
        copied = time.perf_counter() - began
        for row in rows:
            row |= {"id": new_id(), "name": f"再{row['name']}"}
        began = time.perf_counter()
        session.execute(insert(Customer), rows)
        inserted = time.perf_counter() - began
    print(f"bare COPY of customers, no history: {ROWS / copied:,.0f} rows/s")
    print(f"SQLAlchemy bulk insert of customers, no history: {ROWS / inserted:,.0f} rows/s")
    print(f"an import of leads (four tables with history) takes {kept_seconds / inserted:.1f} times that bulk insert")


if __name__ == "__main__":
    main()
