"""Structured logs that carry request and job ids, and counters for /metrics. Personal data never goes in: ids only."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

REQUESTS = Counter("salesdojo_requests_total", "HTTP requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("salesdojo_request_seconds", "Time to answer an HTTP request", ["method", "route"])
JOBS = Counter("salesdojo_jobs_total", "Jobs run", ["name", "outcome"])
JOB_SECONDS = Histogram(
    "salesdojo_job_seconds", "Time to run a job", ["name"], buckets=(0.05, 0.25, 1, 5, 15, 60, 300, 1800)
)

#: keys whose values are personal wherever they turn up
_PERSONAL_KEYS = frozenset(
    {"name", "mobile", "phone", "email", "login_name", "password", "token", "id_number", "text", "transcript", "query"}
)


def configure_logging(level: str, output: str) -> None:
    """Route our logs and the libraries' through one pipeline to standard error; output is json or console."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        conceal_personal_data,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if output == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("alembic", "httpx", "procrastinate", "jieba", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def conceal_personal_data(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last look at a log line: values under personal keys are dropped, whoever logged them."""
    for key in _PERSONAL_KEYS & event.keys():
        event[key] = "•"
    return event


def logger(module: str) -> structlog.stdlib.BoundLogger:
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(module)
    return bound
