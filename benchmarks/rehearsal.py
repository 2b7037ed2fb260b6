"""How long a draft takes on 30 days of 10,000 and of 100,000 leads, from the job's start to the kept lists.

The peer is what other products offer: a preview of one record at a time, here of each lead with everything it needs
read anew; it is measured on a sample and multiplied.
"""

import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from api import migrations
from api.bootstrap import register_tables
from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin, state_origin
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.foundation.files import FileStore
from crm_core.foundation.resources import Resources
from crm_core.foundation.settings import Settings
from crm_core.people.snapshots import roster_on
from crm_core.pipeline.assignment.engine import decide
from crm_core.pipeline.assignment.repository import leads_to_place, loads_now
from crm_core.process.drafts import content_digest
from crm_core.process.publication import publish_default, published_playbook
from crm_core.process.tables import PlaybookVersion, Rehearsal
from crm_core.rehearsal import running

_DAYS = 30
_REGIONS = 4
_REPS = 200
_PREVIEWED = 50
_SIZES = (10_000, 100_000)

_PEOPLE = """
WITH made AS (
    INSERT INTO people (id, created_at, name, name_pinyin, employee_number, email, locale)
    SELECT gen_random_uuid(), now(), '销售' || n, 'xiao shou', 'R' || lpad(n::text, 5, '0'), n || '@example.com', 'zh'
    FROM generate_series(1, :reps) AS n RETURNING id, employee_number
)
INSERT INTO memberships (id, created_at, person_id, role, team_id, region_id, manager_id, since)
SELECT gen_random_uuid(), now(), made.id, 'rep', team.id, team.region_id, boss.id, DATE '2020-01-01'
FROM made JOIN (SELECT *, row_number() OVER (ORDER BY name) - 1 AS place FROM teams) AS team
    ON team.place = substr(made.employee_number, 2)::integer % :regions
CROSS JOIN (SELECT id FROM people WHERE employee_number = 'BOSS') AS boss
"""
#: the leads of one hour, each with a customer of its own
_ARRIVALS = """
WITH wanted AS (
    SELECT gen_random_uuid() AS customer_id, gen_random_uuid() AS lead_id, n
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
), customer AS (
    INSERT INTO customers (id, created_at, name, name_pinyin, industry, size, region_id)
    SELECT wanted.customer_id, :at, '客户' || wanted.n, 'ke hu', '行业' || wanted.n % 12, 'medium', region.id
    FROM wanted JOIN (SELECT id, row_number() OVER (ORDER BY code) - 1 AS place FROM regions) AS region
        ON region.place = wanted.n % :regions RETURNING id, region_id
), lead AS (
    INSERT INTO leads (id, created_at, customer_id, title, source, region_id, owner_id, stage, stage_entered_at,
        outcome, fields, back_moves, version, received_at, owned_since)
    SELECT wanted.lead_id, :at, customer.id, '机会' || wanted.n, 'website', customer.region_id,
        (SELECT person_id FROM memberships WHERE region_id = customer.region_id AND role = 'rep'
         OFFSET wanted.n % 50 LIMIT 1),
        'lead_assignment', :at, 'open', '{}', 0, 1, :at, :at
    FROM wanted JOIN customer ON customer.id = wanted.customer_id RETURNING id, owner_id
)
INSERT INTO stage_moves (id, created_at, lead_id, from_stage, to_stage, kind, is_override, moved_at, owner_id,
    playbook_version, is_imported)
SELECT gen_random_uuid(), :at, id, NULL, 'lead_assignment', 'created', false, :at, owner_id, 1, false FROM lead
"""
#: the leads that have stood in a stage since an hour move on, with what the stage asked for
_MOVES = """
WITH moved AS (
    UPDATE leads SET stage = :target, stage_entered_at = :at, version = version + 1,
        fields = fields || '{"contact_channel": "phone", "contact_result": "约定下次沟通"}'::jsonb
    WHERE outcome = 'open' AND stage = :origin AND stage_entered_at = :since RETURNING id, owner_id
)
INSERT INTO stage_moves (id, created_at, lead_id, from_stage, to_stage, kind, is_override, moved_at, moved_by, owner_id,
    dwell_seconds, playbook_version, is_imported)
SELECT gen_random_uuid(), :at, id, :origin, :target, 'forward', false, :at, owner_id, owner_id,
    extract(epoch FROM CAST(:at AS timestamptz) - CAST(:since AS timestamptz)), 1, false FROM moved
"""


def fill(database: Database, leads: int, end: datetime) -> None:
    """A company whose leads came evenly over the days, and moved on after one and after three days."""
    with database.transaction(Origin("benchmark")) as session:
        publish_default(session)
        for number in range(_REGIONS):
            values = {"code": f"r{number}", "name": f"大区{number}", "team": f"{number}队"}
            session.execute(
                text(
                    "INSERT INTO regions (id, created_at, code, name) VALUES (gen_random_uuid(), now(), :code, :name)"
                ),
                values,
            )
            session.execute(
                text(
                    "INSERT INTO teams (id, created_at, name, region_id) "
                    "SELECT gen_random_uuid(), now(), :team, id FROM regions WHERE code = :code"
                ),
                values,
            )
        session.execute(
            text(
                "INSERT INTO people (id, created_at, name, name_pinyin, employee_number, locale) "
                "VALUES (gen_random_uuid(), now(), '主管', 'zhu guan', 'BOSS', 'zh')"
            )
        )
        session.execute(text(_PEOPLE), {"reps": _REPS, "regions": _REGIONS})
    hours = [end - timedelta(hours=hour) for hour in range(_DAYS * 24 - 1, 0, -1)]
    for place, hour in enumerate(hours):
        with database.transaction(Origin("benchmark", occurred_at=hour)) as session:
            first, last = place * leads // len(hours), (place + 1) * leads // len(hours) - 1
            session.execute(text(_ARRIVALS), {"first": first, "last": last, "at": hour, "regions": _REGIONS})
            for waited, origin, target in (
                (24, "lead_assignment", "first_contact"),
                (72, "first_contact", "needs_diagnosis"),
            ):
                since = hour - timedelta(hours=waited if origin == "lead_assignment" else waited - 24)
                session.execute(text(_MOVES), {"origin": origin, "target": target, "since": since, "at": hour})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def draft_of(session: Session) -> PlaybookVersion:
    """Half the rules, a stricter gate and a shorter limit."""
    content: dict[str, Any] = published_playbook(session).content()
    content["assignment"]["rules"][0]["conditions"] = [{"fact": "region", "test": "one_of", "values": ["r0", "r1"]}]
    stage = next(stage for stage in content["stages"] if stage["code"] == "first_contact")
    stage["dwell_limit"]["hours"] = 24
    stage["fields"][1] |= {"code": "first_result"}
    draft = PlaybookVersion(status="draft", content=content)
    session.add(draft)
    session.flush()
    return draft


def rehearse(resources: Resources, end: datetime) -> tuple[float, float, dict[str, Any]]:
    """Seconds of the whole job, seconds of them that this process worked, and the result."""
    with clock.frozen(end), resources.database.transaction(Origin("benchmark")) as session:
        draft = draft_of(session)
        rehearsal = Rehearsal(draft_id=draft.id, content_sha256=content_digest(draft), days=_DAYS, status="waiting")
        session.add(rehearsal)
    started, worked = time.perf_counter(), time.process_time()
    running.run(resources, rehearsal.id)
    taken, own = time.perf_counter() - started, time.process_time() - worked
    with resources.database.reading() as session:
        return taken, own, session.get_one(Rehearsal, rehearsal.id).result


def preview_one_by_one(database: Database, leads: int) -> float:
    """Seconds that all leads would take, each previewed by itself under both sides."""
    with database.transaction(Origin("benchmark")) as session:
        state_origin(session, Origin("benchmark"))
        ids = [UUID(str(row)) for row in session.scalars(text(f"SELECT id FROM leads LIMIT {_PREVIEWED}"))]
        playbook = published_playbook(session)
        owners = set(session.scalars(text("SELECT DISTINCT owner_id FROM leads")))
        started = time.perf_counter()
        for lead_id in ids:
            for _ in range(2):
                [lead] = leads_to_place(session, [lead_id], taken_from=owners, with_lock=False)
                decide(
                    playbook, roster_on(session, clock.today()), lead.facts, loads_now(session, playbook), clock.now()
                )
        return (time.perf_counter() - started) / len(ids) * leads


def main() -> None:
    """Print a line a size: seconds, leads a second, and the ratio to previews one by one."""
    register_tables()
    end = clock.now().replace(minute=0, second=0, microsecond=0)
    print(
        "| leads in 30 days | moves | findings | rehearsal | of it our CPU | leads/s | one by one | ratio |\n"
        + "|---" * 8
        + "|"
    )
    for leads in _SIZES:
        with tempfile.TemporaryDirectory() as folder:
            embedded = EmbeddedDatabase(Path(folder))
            database = Database(embedded.start())
            migrations.upgrade(database)
            fill(database, leads, end)
            resources = Resources(Settings(_env_file=None, data_folder=Path(folder)), database, FileStore(Path(folder)))
            taken, own, result = rehearse(resources, end)
            with database.reading() as session:
                findings = session.scalar(text("SELECT count(*) FROM rehearsal_findings"))
            alone = preview_one_by_one(database, leads)
            print(
                f"| {result['assignment']['leads']:,} | {result['gates']['moves']:,} | {findings:,} | {taken:.1f} s "
                f"| {own:.1f} s | {leads / taken:,.0f} | {alone:.0f} s | {alone / taken:.0f} × |",
                flush=True,
            )
            database.dispose()
            embedded.stop()


if __name__ == "__main__":
    main()
