"""Hours between many pairs of instants, on the wall clock or in working time."""

from datetime import UTC, datetime

import numpy as np

from crm_core.pipeline.health.event_log import Integers, instant_number, number_instant
from crm_core.pipeline.health.survival import Floats
from crm_core.process.calendars import WorkingCalendar
from crm_core.process.working_time import working_time

_HOUR_MICROSECONDS = 3_600_000_000
#: working_time counts from 1970, the log from 2000
_START_OF_1970 = instant_number(datetime(1970, 1, 1, tzinfo=UTC))


def wall_hours(start: Integers, end: Integers) -> Floats:
    return (end - start) / _HOUR_MICROSECONDS


def working_hours(start: Integers, end: Integers, calendar: WorkingCalendar) -> Floats:
    """Exact: what has been worked by an instant is a line broken at openings and closings, read off for all at once."""
    if not len(start):
        return np.empty(0)
    times, worked = _broken_line(calendar, int(start.min()), int(end.max()))
    return (np.interp(end, times, worked) - np.interp(start, times, worked)) / _HOUR_MICROSECONDS


def _broken_line(calendar: WorkingCalendar, first: int, last: int) -> tuple[Floats, Floats]:
    counter = working_time(calendar)
    years = range(number_instant(first).year, number_instant(last).year + 1)
    pieces = [counter.open_pieces(year) for year in years]
    opens = np.concatenate([np.array(one[0], dtype=np.int64) for one in pieces]) + _START_OF_1970
    closes = np.concatenate([np.array(one[1], dtype=np.int64) for one in pieces]) + _START_OF_1970
    worked = np.cumsum(closes - opens)
    times = np.column_stack((opens, closes)).ravel()
    heights = np.column_stack((np.concatenate(([0], worked[:-1])), worked)).ravel()
    # a calendar that is never open has no breaks
    return (times.astype(float), heights.astype(float)) if len(times) else (np.zeros(1), np.zeros(1))
