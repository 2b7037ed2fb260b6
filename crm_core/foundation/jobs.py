"""Work that happens after the request, promised in the request's own transaction.

A job is inserted on the caller's connection (procrastinate, external connections): a rolled-back change leaves no
job, a committed one never loses it. Jobs run at least once, so each is idempotent, and its arguments are ids.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import text
from sqlalchemy.orm import Session

from crm_core.foundation.resources import Resources

QUEUES = ("default", "speech", "housekeeping")


@dataclass(frozen=True, slots=True)
class Job:
    """A named kind of work. `run(resources, **arguments)` opens its own transactions."""

    name: str
    run: Callable[..., None]
    queue: str
    attempts: int
    cron: str | None = None

    def defer(
        self, session: Session, *, key: str | None = None, at: datetime | None = None, **arguments: Any
    ) -> int | None:
        """Promise one run with these arguments when the session commits.

        With a key, at most one waiting job of that key exists (deferring it again returns None), and two of that key
        never run side by side.
        """
        lock = self._lock(key)
        try:
            # the savepoint exists only once the nested block has asked for its connection
            with session.begin_nested() as savepoint:
                connection = savepoint.session.connection().connection.driver_connection
                return _catalogue.configure_task(
                    self.name,
                    allow_unknown=True,
                    queue=self.queue,
                    queueing_lock=lock,
                    lock=lock,
                    schedule_at=at,
                    connection=connection,
                ).defer(**{name: str(value) for name, value in arguments.items()})
        except AlreadyEnqueued:
            return None

    def is_promised(self, session: Session, key: str) -> bool:
        """Whether a job of this key waits or runs."""
        statement = text(
            "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE lock = :lock AND status IN ('todo', 'doing'))"
        )
        return bool(session.scalar(statement, {"lock": self._lock(key)}))

    def _lock(self, key: str | None) -> str | None:
        return f"{self.name}:{key}" if key else None


#: inserts only, on other people's connections, so it is never opened
_catalogue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

#: every kind of job, by name; filled as the `jobs` modules are imported by the composition root
REGISTRY: dict[str, Job] = {}


def job(name: str, *, queue: str = "default", attempts: int = 5) -> Callable[[Callable[..., None]], Job]:
    """Declare a job: the decorated function takes Resources and string arguments."""
    return lambda run: _register(Job(name, run, queue, attempts))


def periodic_job(name: str, *, cron: str, queue: str = "housekeeping") -> Callable[[Callable[[Resources], None]], Job]:
    """Declare a job that starts by the clock; cron has five fields, or six with seconds last."""
    return lambda run: _register(Job(name, run, queue, attempts=1, cron=cron))


def _register(declared: Job) -> Job:
    if declared.queue not in QUEUES:
        raise ValueError(f"unknown queue {declared.queue!r}")
    if REGISTRY.setdefault(declared.name, declared) is not declared:
        raise ValueError(f"two jobs are called {declared.name!r}")
    return declared
