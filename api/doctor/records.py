"""What the records of an installation must be: of the right shape, worked on, whole, and open to somebody."""

import random
from collections.abc import Iterator

from sqlalchemy import text

from api import migrations
from api.doctor.finding import Finding, State, found
from api.model_status import model_capabilities
from crm_core.foundation import clock
from crm_core.foundation.errors import NotFound
from crm_core.foundation.resources import Resources
from crm_core.process.publication import published_playbook
from crm_core.process.working_time import working_time

_OLDEST_SERVER_VERSION = 16
_BUSY_SHARE = 0.8
#: workers report every 3 seconds
_SILENT_SECONDS = 60
_LONG_WAIT_SECONDS = 600
_SAMPLE_FILES = 200
_CLOCK_TOLERANCE_SECONDS = 5.0


def examine_server(resources: Resources) -> Iterator[Finding]:
    """Version, extensions, and how many more connections it takes."""
    with resources.database.reading() as session:
        version = str(session.scalar(text("SHOW server_version")))
        extensions = session.scalars(text("SELECT extname FROM pg_extension ORDER BY 1")).all()
        used, limit = session.execute(
            text(
                "SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity"
                " WHERE backend_type = 'client backend'"
            )
        ).one()
        server_time = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    is_old = int(version.partition(".")[0]) < _OLDEST_SERVER_VERSION
    yield found("server", "fail" if is_old else "ok", version=version, oldest=_OLDEST_SERVER_VERSION)
    yield found("extensions", "ok", extensions=", ".join(extensions))
    yield found("connections", "warn" if used > limit * _BUSY_SHARE else "ok", used=used, limit=limit)
    drift_seconds = abs((clock.now() - server_time).total_seconds())
    yield found("clock", "warn" if drift_seconds > _CLOCK_TOLERANCE_SECONDS else "ok", seconds=round(drift_seconds, 1))


def examine_shape(resources: Resources) -> Iterator[Finding]:
    """The database has the shape that this code expects."""
    present, newest = migrations.current_revision(resources.database), migrations.newest_revision()
    if present == newest:
        yield found("migrations", "ok", present=present)
    elif present is None or migrations.is_known(present):
        yield found("migrations", "fail", "behind", present=present or "—", newest=newest)
    else:
        yield found("migrations", "fail", "ahead", present=present, newest=newest)


def examine_workers(resources: Resources) -> Iterator[Finding]:
    """Somebody does the promised work."""
    with resources.database.reading() as session:
        alive = session.scalar(
            text(
                "SELECT count(*) FROM procrastinate_workers"
                " WHERE last_heartbeat > now() - make_interval(secs => :seconds)"
            ),
            {"seconds": _SILENT_SECONDS},
        )
    yield found("workers", "ok" if alive else "warn", alive=alive)


def examine_queue(resources: Resources) -> Iterator[Finding]:
    """Promised work is not waiting for long, is not held by the dead, and did not fail for good."""
    with resources.database.reading() as session:
        waiting, waited_seconds = session.execute(
            text(
                "SELECT count(*), coalesce(max(extract(epoch FROM now() - greatest(promised.at, job.scheduled_at))), 0)"
                " FROM procrastinate_jobs job LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events event"
                " WHERE event.job_id = job.id) promised ON true"
                " WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()"
            )
        ).one()
        stalled = session.scalar(
            text(
                "SELECT count(*) FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker"
                " ON worker.id = job.worker_id WHERE job.status = 'doing'"
                " AND coalesce(worker.last_heartbeat, '-infinity') < now() - make_interval(secs => :seconds)"
            ),
            {"seconds": _SILENT_SECONDS},
        )
        failed = session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'"))
    minutes = round(waited_seconds / 60)
    yield found("queue", "warn" if waited_seconds > _LONG_WAIT_SECONDS else "ok", waiting=waiting, minutes=minutes)
    yield found("stalled_jobs", "warn" if stalled else "ok", count=stalled)
    yield found("failed_jobs", "warn" if failed else "ok", count=failed)


def examine_people(resources: Resources) -> Iterator[Finding]:
    """Somebody can log in."""
    with resources.database.reading() as session:
        count = session.scalar(text("SELECT count(*) FROM credentials"))
    yield found("log_ins", "ok" if count else "warn", count=count)


def examine_calendars(resources: Resources) -> Iterator[Finding]:
    """The public holidays of this year and the next are known to every calendar that keeps them."""
    with resources.database.reading() as session:
        calendars = published_playbook(session).calendars
    this_year = clock.today().year
    years = {year for calendar in calendars for year in working_time(calendar).unannounced(this_year, this_year + 1)}
    yield found("calendars", "warn" if years else "ok", years=", ".join(map(str, sorted(years))))


def examine_files(resources: Resources) -> Iterator[Finding]:
    """A sample of the files that records speak of is there and unchanged."""
    referenced = _referenced_files(resources)
    missing, changed = 0, 0
    for sha256 in referenced:
        try:
            changed += not resources.files.is_intact(sha256)
        except NotFound:
            missing += 1
    is_bad = bool(missing or changed)
    yield found("files", "fail" if is_bad else "ok", checked=len(referenced), missing=missing, changed=changed)


def _referenced_files(resources: Resources) -> list[str]:
    """By the naming rule of the tables: a column `sha256` or `file_sha256` names a stored file."""
    with resources.database.reading() as session:
        columns = session.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND column_name IN ('sha256', 'file_sha256')"
            )
        ).all()
        hashes: set[str] = set()
        for table, column in columns:
            # names that the database itself has given
            statement = f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
            hashes.update(session.scalars(text(statement)))
    return random.sample(sorted(hashes), min(len(hashes), _SAMPLE_FILES))


def examine_models(resources: Resources) -> Iterator[Finding]:
    """Models are optional; what is degraded without them is said in the product's own words."""
    for capability in model_capabilities(resources.settings):
        state: State = "ok" if capability.state == "ready" else "warn"
        key = f"doctor.{capability.name}.{capability.state}"
        yield Finding(capability.name, state, key, capability.parameters)
