"""Which days people work in China, well enough for a plausible diary: weekends and public holidays, no make-up days."""

from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from random import Random

CHINA = timezone(timedelta(hours=8))

#: first day of the lunar year; the holiday runs from the eve for eight days
_SPRING_FESTIVALS = (
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
    date(2031, 1, 23),
    date(2032, 2, 11),
    date(2033, 1, 31),
    date(2034, 2, 19),
    date(2035, 2, 8),
)
#: 端午 and 中秋, three days each at most; one is enough here
_LUNAR_DAYS = (
    date(2024, 6, 10),
    date(2025, 5, 31),
    date(2026, 6, 19),
    date(2027, 6, 9),
    date(2028, 5, 28),
    date(2029, 6, 16),
    date(2030, 6, 5),
    date(2024, 9, 17),
    date(2025, 10, 6),
    date(2026, 9, 25),
    date(2027, 9, 15),
    date(2028, 10, 3),
    date(2029, 9, 22),
    date(2030, 9, 12),
)
#: month and day of 元旦, 清明, 劳动节, 国庆
_FIXED_DAYS = {(1, 1), (4, 4), (4, 5), *((5, day) for day in range(1, 6)), *((10, day) for day in range(1, 8))}


@cache
def _lunar_holidays() -> frozenset[date]:
    spring = {first + timedelta(days=offset) for first in _SPRING_FESTIVALS for offset in range(-1, 7)}
    return frozenset(spring | set(_LUNAR_DAYS))


@cache
def is_working_day(day: date) -> bool:
    """Whether offices are open on a day."""
    return day.weekday() < 5 and (day.month, day.day) not in _FIXED_DAYS and day not in _lunar_holidays()


def next_working_day(day: date) -> date:
    """The day itself or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_day_before(day: date, count: int) -> date:
    """The count-th working day before a day."""
    while count:
        day -= timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_days(first: date, last: date) -> list[date]:
    """All working days of a span, both ends included."""
    span = ((first + timedelta(days=offset)) for offset in range((last - first).days + 1))
    return [day for day in span if is_working_day(day)]


def in_office_hours(instant: datetime, rng: Random) -> datetime:
    """The same instant if somebody would be at work, else a plausible one soon after."""
    local = instant.astimezone(CHINA)
    day = next_working_day(local.date())
    if day == local.date() and time(8, 50) <= local.time() <= time(18, 30):
        return local
    if day == local.date() and local.time() > time(18, 30):
        day = next_working_day(day + timedelta(days=1))
    return moment(day, rng)


def moment(day: date, rng: Random) -> datetime:
    """Some second of a day's office hours; mornings and mid-afternoons are busiest."""
    hour = rng.choice((9, 9, 10, 10, 11, 13, 14, 14, 15, 15, 16, 17))
    return datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), CHINA)
