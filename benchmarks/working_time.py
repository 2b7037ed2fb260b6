"""What a working calendar costs: 30 days with holidays, beside a loop by the second and numpy's counting of days."""

import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from crm_core.process.playbook_files import default_playbook
from crm_core.process.working_time import WorkingTime, working_time

_ZONE = ZoneInfo("Asia/Shanghai")
_START = datetime(2026, 4, 20, 10, 17, tzinfo=_ZONE)
_END = _START + timedelta(days=30)
_CALENDAR = default_playbook().calendars[0]
_HOLIDAYS = ["2026-05-01", "2026-05-04", "2026-05-05"]


def count() -> object:
    return working_time(_CALENDAR).between(_START, _END)


def deadline() -> object:
    return working_time(_CALENDAR).after(_START, timedelta(hours=150))


def from_nothing() -> object:
    """With the year laid out anew, as after a start."""
    return WorkingTime(_CALENDAR).between(_START, _END)


def second_by_second() -> object:
    """As a peer counts: asks of every second whether it is worked."""
    rules = WorkingTime(_CALENDAR)
    seconds, instant = 0, _START
    while instant < _END:
        moment = instant.time()
        seconds += any(span.opens <= moment < span.closes for span in rules.opens_on(instant.date()))
        instant += timedelta(seconds=1)
    return seconds


def whole_days() -> object:
    """numpy knows days and holidays, and no hours."""
    return np.busday_count(_START.date(), _END.date(), holidays=_HOLIDAYS)


def seconds_per_call(work: Callable[[], object], repetitions: int) -> float:
    rounds = []
    for _ in range(5 if repetitions > 1 else 1):
        started = time.perf_counter()
        for _ in range(repetitions):
            work()
        rounds.append((time.perf_counter() - started) / repetitions)
    return statistics.median(rounds)


def main() -> None:
    """Print a line a way of counting, each as a ratio to ours."""
    ours = seconds_per_call(count, 10_000)
    ways = ((count, 10_000), (deadline, 10_000), (from_nothing, 100), (whole_days, 10_000), (second_by_second, 1))
    print("| 30 days | microseconds | ratio |\n|---|---|---|")
    for work, repetitions in ways:
        taken = seconds_per_call(work, repetitions)
        print(f"| {work.__name__} | {taken * 1e6:,.1f} | {taken / ours:,.1f} |")


if __name__ == "__main__":
    main()
