"""Rosters of thirty days for 2,000 people, with history: all days at once beside one day after the other."""

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from api import migrations
from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin, state_origin
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.people.roster_changes import changes_between
from crm_core.people.snapshots import roster_on, rosters_between

_PEOPLE, _DAYS, _CHANGES_A_DAY = 2_000, 30, 20
_FILL = """
INSERT INTO regions (id, created_at, code, name)
    SELECT gen_random_uuid(), now(), 'r' || n, 'R' || n FROM generate_series(1, 5) n;
INSERT INTO teams (id, created_at, name, region_id)
    SELECT gen_random_uuid(), now(), 'T' || n, (SELECT id FROM regions WHERE code = 'r' || (1 + n % 5))
    FROM generate_series(1, 100) n;
INSERT INTO people (id, created_at, name, name_pinyin, employee_number, locale, skills, languages)
    SELECT gen_random_uuid(), now(), 'P' || n, 'p' || n, 'E' || n, 'zh', '{{solar}}', '{{zh}}'
    FROM generate_series(1, {people}) n;
INSERT INTO memberships (id, created_at, person_id, role, team_id, since)
    SELECT gen_random_uuid(), now(), people.id, 'rep', teams.id, DATE '2020-01-01' FROM people
    JOIN teams ON teams.name = 'T' || (1 + substr(people.employee_number, 2)::int % 100);
"""


def fill(session: Session) -> None:
    """Everybody came long ago; each day of the window some learned something."""
    begun = clock.now() - timedelta(days=400)
    state_origin(session, Origin("benchmark", occurred_at=begun))
    session.execute(text(_FILL.format(people=_PEOPLE)))
    for days_ago in range(_DAYS, 0, -1):
        state_origin(session, Origin("benchmark", occurred_at=clock.now() - timedelta(days=days_ago)))
        numbers = [f"E{days_ago * _CHANGES_A_DAY + place}" for place in range(_CHANGES_A_DAY)]
        session.execute(
            text("UPDATE people SET skills = skills || :skill WHERE employee_number = ANY(:numbers)"),
            {"skill": [f"s{days_ago}"], "numbers": numbers},
        )


def measure(database: Database) -> None:
    today = clock.today()
    first_day = today - timedelta(days=_DAYS - 1)
    with database.transaction(Origin("benchmark")) as session:
        fill(session)
    with database.reading() as session:
        at_once = seconds(lambda: rosters_between(session, first_day, today))
        one_by_one = seconds(lambda: [roster_on(session, first_day + timedelta(days=day)) for day in range(_DAYS)])
        single = seconds(lambda: roster_on(session, today))
        told = seconds(lambda: changes_between(session, first_day, today))
    print(f"rosters of {_DAYS} days, {_PEOPLE} people, at once: {at_once:.2f} s")
    print(f"the same one day after the other:                 {one_by_one:.2f} s, ratio {at_once / one_by_one:.2f}")
    print(f"today's roster:                                   {single:.3f} s")
    print(f"every change of the window, told:                 {told:.2f} s")


def seconds(work: Callable[[], object]) -> float:
    """The better of two."""
    taken = []
    for _ in range(2):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedDatabase(Path(folder))
        database = Database(embedded.start())
        migrations.upgrade(database)
        measure(database)
        database.dispose()
        embedded.stop()


if __name__ == "__main__":
    main()
