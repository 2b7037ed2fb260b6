"""The only place that reads the wall clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_frozen_at: ContextVar[datetime | None] = ContextVar("frozen_at", default=None)

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The current instant, in UTC."""
    return _frozen_at.get() or datetime.now(UTC)


def held_at() -> datetime | None:
    """The instant at which the clock is held; None while it runs."""
    return _frozen_at.get()


def today(zone: ZoneInfo = BUSINESS_ZONE) -> date:
    """The calendar date in a zone at this instant."""
    return now().astimezone(zone).date()


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock at an instant, for tests and rehearsals of history."""
    token = _frozen_at.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen_at.reset(token)
