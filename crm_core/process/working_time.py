"""Counting in working time: when a calendar is open, and how much of a span that is.

An instant is working time when the clock on the wall of the calendar's zone shows a time within a span of that day.
So an hour that a daylight-saving jump skips does not count, and one that happens twice counts twice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crm_core.process import public_holidays
from crm_core.process.calendars import WorkingCalendar, WorkingSpan
from crm_core.process.sections import Label

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
#: a deadline further away than this never comes
_HORIZON_YEARS = 100
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class DayRule(NamedTuple):
    """What a calendar says of one day: when it is worked, and which holiday or exception decided."""

    spans: tuple[WorkingSpan, ...]
    holiday: Label | None = None
    is_make_up: bool = False
    is_exception: bool = False


class _Year(NamedTuple):
    """The open pieces of one year of UTC, in order; instants and lengths in microseconds."""

    opens: tuple[int, ...]
    closes: tuple[int, ...]
    #: what was worked since the year began when a piece opens; one more at the end: the whole year
    worked: tuple[int, ...]


class WorkingTime:
    """A calendar made ready for counting: a year is laid out when first asked for, then each answer is a bisection."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self.calendar = calendar
        self._zone = ZoneInfo(calendar.zone)
        self._exceptions = {exception.day: _in_order(exception.spans) for exception in calendar.exceptions}
        self._spans = _in_order(calendar.spans)
        self._years: dict[int, _Year] = {}

    def is_open(self, instant: datetime) -> bool:
        """Whether it is working time; the moment of closing no longer is."""
        instant = instant.astimezone(UTC)
        year = self._year(instant.year)
        moment = _microseconds(instant)
        piece = bisect_right(year.opens, moment) - 1
        return piece >= 0 and moment < year.closes[piece]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from start to end; negative when the end comes first."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end < start:
            return -self.between(end, start)
        whole_years = sum(self._year(number).worked[-1] for number in range(start.year, end.year))
        return timedelta(microseconds=whole_years + self._worked_at(end) - self._worked_at(start))

    def after(self, start: datetime, duration: timedelta) -> datetime:
        """The first instant, in UTC, by which so much working time has passed; NEVER when that takes over a century."""
        if duration < timedelta(0):
            raise ValueError("working time is counted forwards")
        start = start.astimezone(UTC)
        if not duration:
            return start
        wanted = self._worked_at(start) + duration // _MICROSECOND
        for number in range(start.year, min(start.year + _HORIZON_YEARS, NEVER.year)):
            year = self._year(number)
            if wanted <= year.worked[-1]:
                piece = bisect_left(year.worked, wanted) - 1
                return _EPOCH + timedelta(microseconds=year.opens[piece] + wanted - year.worked[piece])
            wanted -= year.worked[-1]
        return NEVER

    def opens_on(self, day: date) -> tuple[WorkingSpan, ...]:
        """The spans of a day of the calendar's zone, in order; none when it is free."""
        return self.rule_of(day).spans

    def rule_of(self, day: date) -> DayRule:
        """Exceptions go before public holidays and make-up days, and these before the weekdays."""
        if (spans := self._exceptions.get(day)) is not None:
            return DayRule(spans, is_exception=True)
        if self.calendar.public_holidays == "china":
            if holiday := public_holidays.make_up_on(day):
                return DayRule(self._spans, holiday, is_make_up=True)
            if holiday := public_holidays.holiday_on(day):
                return DayRule((), holiday)
        return DayRule(self._spans if day.isoweekday() in self.calendar.days else ())

    def unannounced(self, first: int, last: int) -> list[int]:
        """The years of a span whose holidays are neither known nor written among the exceptions."""
        if self.calendar.public_holidays == "none":
            return []
        known = {*public_holidays.announced_years(), *(day.year for day in self._exceptions)}
        return [year for year in range(first, last + 1) if year not in known]

    def open_pieces(self, year: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Openings and closings of a year of UTC in microseconds since 1970, for whoever counts many spans at once."""
        return self._year(year).opens, self._year(year).closes

    def _worked_at(self, instant: datetime) -> int:
        """Microseconds worked since the year of an instant in UTC began."""
        year = self._year(instant.year)
        moment = _microseconds(instant)
        piece = bisect_right(year.opens, moment) - 1
        if piece < 0:
            return 0
        return year.worked[piece] + min(moment, year.closes[piece]) - year.opens[piece]

    def _year(self, number: int) -> _Year:
        if number not in self._years:
            pieces = list(self._pieces(number))
            self._years[number] = _Year(
                opens=tuple(opens for opens, _ in pieces),
                closes=tuple(closes for _, closes in pieces),
                worked=tuple(accumulate((closes - opens for opens, closes in pieces), initial=0)),
            )
        return self._years[number]

    def _pieces(self, number: int) -> Iterator[tuple[int, int]]:
        """What is open in a year of UTC, cut where the zone changes its offset."""
        for start, end, offset in self._offsets(number):
            day = (start + offset).date()
            while day <= (end + offset).date():
                midnight = datetime.combine(day, time(), UTC) - offset
                for span in self.opens_on(day):
                    opens = max(start, midnight + _since_midnight(span.opens))
                    closes = min(end, midnight + _since_midnight(span.closes))
                    if opens < closes:
                        yield _microseconds(opens), _microseconds(closes)
                day += _DAY

    def _offsets(self, number: int) -> Iterator[tuple[datetime, datetime, timedelta]]:
        """The stretches of a year of UTC over which the zone's offset stays the same."""
        start = instant = datetime(number, 1, 1, tzinfo=UTC)
        end = datetime(number + 1, 1, 1, tzinfo=UTC) if number < NEVER.year else NEVER
        while instant < end:
            following = min(instant + _DAY, end)
            if self._offset(following) != self._offset(instant):
                change = self._change(instant, following)
                yield start, change, self._offset(instant)
                start = change
            instant = following
        yield start, end, self._offset(start)

    def _change(self, before: datetime, after: datetime) -> datetime:
        """The second at which the zone's offset changes between two instants."""
        while (gap := after - before) > timedelta(seconds=1):
            middle = before + timedelta(seconds=gap // timedelta(seconds=2))
            if self._offset(middle) == self._offset(before):
                before = middle
            else:
                after = middle
        return after

    def _offset(self, instant: datetime) -> timedelta:
        return instant.astimezone(self._zone).utcoffset() or timedelta(0)


@lru_cache(maxsize=128)
def working_time(calendar: WorkingCalendar) -> WorkingTime:
    """The counter of a calendar, kept for each different content."""
    return WorkingTime(calendar)


def _in_order(spans: tuple[WorkingSpan, ...]) -> tuple[WorkingSpan, ...]:
    return tuple(sorted(spans, key=lambda span: span.opens))


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND
