"""Runs the promised jobs: procrastinate on the same database, plus the rescue of jobs whose worker was killed."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import procrastinate
import structlog
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from api import subscriptions
from api.bootstrap import register_jobs
from crm_core.foundation.database import driver_url
from crm_core.foundation.errors import ProductError, Unavailable
from crm_core.foundation.events import install_reactions
from crm_core.foundation.jobs import QUEUES, REGISTRY, Job
from crm_core.foundation.observability import JOB_SECONDS, JOBS, logger
from crm_core.foundation.resources import Resources

log = logger(__name__)

_HEARTBEAT_SECONDS = 3.0
_STALLED_AFTER_SECONDS = 15.0


class Backoff(BaseRetryStrategy):
    """Waits 4, 8, 16 … seconds, at most 10 minutes; a refusal that waiting cannot mend is final at once."""

    def __init__(self, attempts: int) -> None:
        self._attempts = attempts

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        is_final = isinstance(exception, ProductError) and not isinstance(exception, Unavailable)
        if is_final or job.attempts + 1 >= self._attempts:
            return None
        return RetryDecision(retry_in={"seconds": min(2 ** (job.attempts + 2), 600)})


def create_worker_app(resources: Resources) -> procrastinate.App:
    """A procrastinate application that knows every registered job."""
    install_reactions(subscriptions.REACTIONS)
    register_jobs()
    url = driver_url(resources.database.url)
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4),
        worker_defaults={
            "update_heartbeat_interval": _HEARTBEAT_SECONDS,
            "stalled_worker_timeout": _STALLED_AFTER_SECONDS,
        },
    )
    for job in REGISTRY.values():
        _declare(app, job, resources)
    return app


def run_worker(resources: Resources, queues: Sequence[str] = QUEUES, concurrency: int = 2) -> None:
    """Work until stopped by a signal, or until the database goes away (the caller starts a new worker then)."""
    asyncio.run(_work(create_worker_app(resources), queues, concurrency))


async def _work(app: procrastinate.App, queues: Sequence[str], concurrency: int) -> None:
    async with app.open_async():
        is_over = asyncio.Event()
        rescue = asyncio.create_task(_rescue_stalled_jobs(app, is_over))
        try:
            await app.run_worker_async(queues=list(queues), concurrency=concurrency, shutdown_graceful_timeout=20)
        finally:
            # asked, not cancelled: a cancellation that arrives while a connection is being waited for can get lost
            is_over.set()
            await rescue


async def _rescue_stalled_jobs(app: procrastinate.App, is_over: asyncio.Event) -> None:
    """Put back the jobs of workers that stopped beating; procrastinate finds them but leaves the decision to us."""
    while not is_over.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_over.wait(), _STALLED_AFTER_SECONDS / 3)
            return
        try:
            stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_SECONDS)
            for job in stalled:
                await put_back(app.job_manager, job)
        except procrastinate.exceptions.ConnectorException:
            # the worker itself ends when its database is gone
            log.warning("rescue_postponed")


async def put_back(manager: JobManager, job: QueuedJob) -> None:
    log.warning("job_rescued", job=job.task_name, job_id=job.id)
    try:
        await manager.retry_job(job)
    except procrastinate.exceptions.UniqueViolation:
        # the same has been promised again and waits; that job does the work, which this one would block for ever
        assert job.id is not None
        await manager.finish_job_by_id_async(job.id, Status.ABORTED, delete_job=False)


def _declare(app: procrastinate.App, job: Job, resources: Resources) -> None:
    task = app.task(name=job.name, queue=job.queue, retry=Backoff(job.attempts), pass_context=True)(
        _runner(job, resources)
    )
    if job.cron:
        app.periodic(cron=job.cron, queueing_lock=job.name)(task)


def _runner(job: Job, resources: Resources) -> Callable[..., None]:
    def run(context: JobContext, **arguments: Any) -> None:
        # procrastinate tells a periodic job when it was due; ours read the clock instead
        arguments.pop("timestamp", None)
        started = time.perf_counter()
        outcome = "failed"
        with structlog.contextvars.bound_contextvars(job=job.name, job_id=context.job.id):
            try:
                job.run(resources, **arguments)
                outcome = "succeeded"
            except Exception as failure:
                code = failure.code if isinstance(failure, ProductError) else type(failure).__name__
                log.warning("job_failed", error=code, attempt=context.job.attempts + 1, exc_info=failure)
                raise
            finally:
                JOBS.labels(job.name, outcome).inc()
                JOB_SECONDS.labels(job.name).observe(time.perf_counter() - started)
                log.info("job_ran", outcome=outcome, seconds=round(time.perf_counter() - started, 3))

    return run
