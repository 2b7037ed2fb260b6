"""Kill -9 of server, workers, database and single sessions at random moments, under load. `make crash-test`.

Says for each kind of process how often it was killed and how soon the whole was back by itself, then what it cost:
confirmed changes that are gone, jobs that are lost, jobs whose effect happened twice, records without their history.
Ends with 1 if it cost anything.
"""

import argparse
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import create_engine, text

from crm_core.foundation.embedded_database import EmbeddedDatabase
from tests.crash.installation import Installation, wait_for
from tests.crash.load import Ledger, Load

PARTS = ("server", "worker", "speech worker", "database", "session")
#: a killed worker's job is put back 15 s after its last sign of life
_JOBS_SECONDS = 240
_LONGEST_PAUSE_SECONDS = 2.0


@dataclass
class Report:
    """What happened, and what it cost; every loss is listed."""

    back_after_seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    losses: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)

    def show(self) -> None:
        print(f"\n{'killed':14} {'times':>5} {'back after, median':>19} {'longest':>9}")
        for part, seconds in self.back_after_seconds.items():
            print(f"{part:14} {len(seconds):5} {statistics.median(seconds):17.1f} s {max(seconds):7.1f} s")
        for name, figure in self.figures.items():
            print(f"{name:44} {figure:7}")
        for name, losses in self.losses.items():
            print(f"{name:44} {len(losses):7}   {'; '.join(losses[:3])}")


def run(folder: Path, victims: Sequence[str], seed: int) -> Report:
    """Kill one after the other, at moments drawn from the seed, then look at what is left."""
    report = Report()
    moments = random.Random(seed)
    installation = Installation(folder)
    installation.prepare()
    installation.start()
    load = Load(installation.address)
    try:
        load.start()
        for part in victims:
            time.sleep(moments.uniform(0, _LONGEST_PAUSE_SECONDS))
            _kill(installation, part, report)
        load.stop()
        _wait_for_jobs(installation, report)
        _look_at_answers(load, report)
    finally:
        load.stop()
        load.close()
        exit_code = installation.stop()
    report.losses["unclean ends of dojo up"] = [str(exit_code)] if exit_code else []
    _look_at_records(installation.data_folder, load.ledger, report)
    return report


def _kill(installation: Installation, part: str, report: Report) -> None:
    victim = installation.database_session() if part == "session" else installation.processes()[part]
    if victim is None:
        return
    victim.kill()
    wait_for(lambda: not _lives(victim), 10)
    seconds = installation.wait_until_ready()
    report.back_after_seconds[part].append(seconds)
    print(f"{part} killed, back after {seconds:.1f} s", flush=True)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait_for_jobs(installation: Installation, report: Report) -> None:
    """Every accepted note must come to its end without anybody's help."""
    engine = create_engine(installation.database_url())

    def are_done() -> bool:
        with engine.connect() as connection:
            open_notes = text("SELECT count(*) FROM transcripts WHERE status NOT IN ('done', 'failed')")
            return connection.execute(open_notes).scalar_one() == 0

    with suppress(TimeoutError):
        report.figures["seconds until the last job was done"] = round(wait_for(are_done, _JOBS_SECONDS))
    engine.dispose()


def _look_at_answers(load: Load, report: Report) -> None:
    """Ask the product itself for everything that it has confirmed."""
    ledger = load.ledger
    report.figures |= {
        "customers confirmed": len(ledger.customers),
        "changes of one customer confirmed": len(ledger.confirmed_numbers),
        "voice notes accepted": len(ledger.notes),
        "requests without an answer": ledger.unanswered,
    }
    report.losses["requests answered with an unexpected error"] = ledger.refused
    report.losses["confirmed customers that are gone"] = [
        name
        for name, customer_id in ledger.customers.items()
        if load.get(f"/api/customers/{customer_id}").json().get("facts", {}).get("name") != name
    ]
    report.losses["accepted voice notes that are gone or undone"] = [
        note for note in ledger.notes if load.get(f"/api/transcripts/{note}").json().get("status") != "done"
    ]


def _look_at_records(data_folder: Path, ledger: Ledger, report: Report) -> None:
    """Look where no screen looks: at history, which the database itself has written."""
    embedded = EmbeddedDatabase(data_folder)
    engine = create_engine(embedded.start())
    with engine.connect() as connection:

        def rows(statement: str) -> list[str]:
            return [" ".join(map(str, row)) for row in connection.execute(text(statement))]

        kept = {int(value) for value in rows(_NUMBERS_KEPT)}
        report.losses["confirmed changes that history does not know"] = [
            str(number) for number in ledger.confirmed_numbers if number not in kept
        ]
        report.losses["changes kept that nobody sent"] = [str(one) for one in kept - set(ledger.sent_numbers)]
        for name, statement in _FAULTS.items():
            report.losses[name] = rows(statement)
    engine.dispose()
    embedded.stop()


_NUMBERS_KEPT = (
    "SELECT DISTINCT new_values ->> 'budget_range' FROM history"
    " WHERE table_name = 'customers' AND operation = 'update' AND new_values ->> 'budget_range' IS NOT NULL"
)
_FAULTS = {
    "customers kept twice": "SELECT name FROM customers GROUP BY name HAVING count(*) > 1",
    "customers without exactly one history of birth": (
        "SELECT c.id FROM customers c LEFT JOIN history h ON h.record_id = c.id AND h.table_name = 'customers'"
        " AND h.operation = 'insert' GROUP BY c.id HAVING count(h.id) <> 1"
    ),
    "voice notes without a job": (
        "SELECT t.id FROM transcripts t WHERE NOT EXISTS (SELECT 1 FROM procrastinate_jobs j"
        " WHERE j.task_name = 'transcribe_recording' AND j.args ->> 'transcript_id' = t.id::text)"
    ),
    "jobs without a voice note": (
        "SELECT j.id FROM procrastinate_jobs j WHERE j.task_name = 'transcribe_recording'"
        " AND NOT EXISTS (SELECT 1 FROM transcripts t WHERE j.args ->> 'transcript_id' = t.id::text)"
    ),
    "jobs that did not end well": (
        "SELECT id, status FROM procrastinate_jobs WHERE task_name = 'transcribe_recording' AND status <> 'succeeded'"
    ),
    "voice notes done more than once": (
        "SELECT record_id FROM history WHERE table_name = 'transcripts' AND new_values ->> 'status' = 'done'"
        " GROUP BY record_id HAVING count(*) <> 1"
    ),
    "voice notes told on the timeline more than once": (
        "SELECT details ->> 'transcript_id' FROM timeline_entries WHERE kind = 'transcript'"
        " GROUP BY 1 HAVING count(*) <> 1"
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=PARTS, help="kill nothing else")
    options = parser.parse_args()
    # being asked to end, it still ends what it has started
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="salesdojo-crash-") as folder:
        parts = [options.only] if options.only else PARTS
        report = run(Path(folder), [parts[number % len(parts)] for number in range(options.kills)], options.seed)
        report.show()
        if any(report.losses.values()):
            print((Path(folder) / "up.log").read_text(encoding="utf-8")[-20_000:], file=sys.stderr)
            raise SystemExit(1)


if __name__ == "__main__":
    main()
