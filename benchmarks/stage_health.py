"""Stage health of 100,000 leads with half a million moves: dwell, conversion, back-flow, ageing, 13 weeks of trend.

The peer computes the same dwell, conversion and back-flow with pandas from the same rows, read with the same driver.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import text, true

from api import migrations
from crm_core.foundation import clock
from crm_core.foundation.database import Database
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.foundation.identifiers import new_id
from crm_core.pipeline.health.material import Window, read_material
from crm_core.pipeline.health.stage_health import HealthFilter, figures_of, weeks_of
from crm_core.pipeline.health.survival import SurvivalCurve
from crm_core.process.playbook_files import default_playbook

_LEADS = 100_000
_ROUNDS = 5
_NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
_STAGES = [stage.code for stage in default_playbook().stages]
_WINDOW = Window(_NOW - timedelta(days=365), _NOW)

Move = tuple[str, str, datetime, str]


def journey(random: np.random.Generator, started: datetime) -> list[Move]:
    """Kind, stage, when, stage before: moves of one lead until now."""
    moves: list[Move] = [("created", _STAGES[0], started, _STAGES[0])]
    place, moment = 0, started
    while True:
        moment += timedelta(hours=float(random.exponential(60 * (place + 1))))
        draw = random.random()
        if moment > _NOW:
            return moves
        before = _STAGES[place]
        if draw < 0.12:
            return [*moves, ("lost", before, moment, before)]
        if draw < 0.24 and place:
            place -= 1
            moves.append(("back", _STAGES[place], moment, before))
        elif place == len(_STAGES) - 1:
            return [*moves, ("won", before, moment, before)]
        else:
            place += 1
            moves.append(("forward", _STAGES[place], moment, before))


def fill(database: Database) -> int:
    """Write the leads and their moves past history, which is not what is measured here; returns the number of moves."""
    random = np.random.default_rng(20260601)
    with database.engine.begin() as connection:
        for table in ("people", "teams", "memberships", "customers", "leads", "stage_moves"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        raw = connection.connection.driver_connection
        assert raw is not None
        people = [new_id() for _ in range(200)]
        teams = [new_id() for _ in range(20)]
        customer, leads, moves = new_id(), [], []
        for _ in range(_LEADS):
            lead, owner = new_id(), people[int(random.integers(200))]
            path = journey(random, _NOW - timedelta(days=float(random.uniform(0, 365))))
            kind, stage, moment, _ = path[-1]
            outcome = kind if kind in {"won", "lost"} else "open"
            entered = next(one[2] for one in reversed(path) if one[0] not in {"won", "lost"})
            ended = moment if outcome != "open" else None
            leads.append((lead, _NOW, customer, "t", owner, _NOW, stage, entered, outcome, ended, "{}", 0, 1))
            moves.extend((new_id(), _NOW, lead, b, s, k, False, m, owner, False) for k, s, m, b in path)
        with raw.cursor() as cursor:
            copy(
                cursor,
                "people (id, created_at, name, name_pinyin, locale)",
                [(p, _NOW, "p", "p", "zh") for p in people],
            )
            copy(cursor, "teams (id, created_at, name)", [(team, _NOW, str(team)) for team in teams])
            held = [(new_id(), _NOW, p, "rep", teams[n % 20], "2020-01-01") for n, p in enumerate(people)]
            copy(cursor, "memberships (id, created_at, person_id, role, team_id, since)", held)
            copy(cursor, "customers (id, created_at, name, name_pinyin)", [(customer, _NOW, "c", "c")])
            copy(
                cursor,
                "leads (id, created_at, customer_id, title, owner_id, received_at, stage, stage_entered_at, outcome,"
                " outcome_at, fields, back_moves, version)",
                leads,
            )
            copy(
                cursor,
                "stage_moves (id, created_at, lead_id, from_stage, to_stage, kind, is_override, moved_at, owner_id,"
                " is_imported)",
                moves,
            )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE leads, stage_moves"))
    return len(moves)


def copy(cursor: Any, target: str, rows: list[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {target} FROM STDIN") as sink:
        for row in rows:
            sink.write_row(row)


def with_salesdojo(database: Database) -> dict[str, float]:
    """Everything that the page of stage health shows."""
    with database.reading() as session:
        material = read_material(session, default_playbook(), true(), _WINDOW)
    wanted = HealthFilter(_WINDOW)
    weeks_of(material, HealthFilter(Window(_NOW - timedelta(weeks=13), _NOW)))
    return {one.stage: one.dwell.median.value or 0.0 for one in figures_of(material, wanted.horizon_days)}


def with_pandas(database: Database) -> dict[str, float]:
    """Dwell, conversion and back-flow of the same rows; no trend, no ageing, no team of the day."""
    with database.engine.connect() as connection:
        moves = pd.read_sql(text("SELECT lead_id, kind, to_stage, moved_at FROM stage_moves"), connection)
    moves = moves.sort_values(["lead_id", "moved_at"])
    moves["next_kind"] = moves.groupby("lead_id")["kind"].shift(-1)
    moves["left_at"] = moves.groupby("lead_id")["moved_at"].shift(-1)
    stays = moves[~moves["kind"].isin(["won", "lost"])]
    stays = stays[stays["moved_at"] >= _WINDOW.since]
    hours = (stays["left_at"].fillna(pd.Timestamp(_NOW)) - stays["moved_at"]).dt.total_seconds() / 3600
    ended = stays["next_kind"].notna()
    goes_on = stays["next_kind"].isin(["forward", "won"])
    goes_on.groupby([stays["to_stage"], stays["lead_id"]]).max().groupby("to_stage").mean()
    (stays["next_kind"] == "back").groupby(stays["to_stage"]).mean()
    medians = {}
    for stage in _STAGES:
        rows = (stays["to_stage"] == stage).to_numpy()
        curve = SurvivalCurve.of(hours.to_numpy()[rows], ended.to_numpy()[rows])
        medians[stage] = curve.quantile(0.5).value or 0.0
    return medians


def seconds(work: Callable[[Database], dict[str, float]], database: Database) -> float:
    taken = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        work(database)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> None:
    """Print seconds for ours and the peer, and their ratio; both must find the same medians."""
    with tempfile.TemporaryDirectory() as folder, clock.frozen(_NOW):
        embedded = EmbeddedDatabase(Path(folder))
        database = Database(embedded.start())
        migrations.upgrade(database)
        count = fill(database)
        ours, theirs = with_salesdojo(database), with_pandas(database)
        assert all(abs(ours[stage] - theirs[stage]) < 1e-6 for stage in _STAGES), (ours, theirs)
        measured, peer = seconds(with_salesdojo, database), seconds(with_pandas, database)
        print(f"{_LEADS} leads, {count} moves, same medians")
        print("| stage health | seconds |\n|---|---|")
        print(f"| SalesDojo, whole page | {measured:.2f} |\n| pandas, three figures | {peer:.2f} |")
        print(f"| ratio | {measured / peer:.2f} |")
        database.dispose()
        embedded.stop()


if __name__ == "__main__":
    main()
