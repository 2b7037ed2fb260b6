"""Working time against a minute-by-minute count, its laws, and the days that are easy to get wrong."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.process.calendars import CalendarException, WorkingCalendar, WorkingSpan
from crm_core.process.sections import Label
from crm_core.process.working_time import NEVER, WorkingTime, working_time

MINUTE = timedelta(minutes=1)
#: without daylight saving, on the hour, on the half hour, jumping at midnight, a skipped day, jumping at 00:01
ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "America/St_Johns",
    "Asia/Kathmandu",
)
#: in these the zones above jump
YEARS = (2010, 2011, 2018, 2024, 2026, 2027)


def span(opens: str, closes: str) -> WorkingSpan:
    return WorkingSpan(opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))


def calendar(**changes: object) -> WorkingCalendar:
    plain = {
        "code": "office",
        "name": Label(zh="办公", en="Office"),
        "spans": (span("09:00", "12:00"), span("13:30", "18:00")),
    }
    return WorkingCalendar.model_validate(plain | changes)


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@st.composite
def spans_of_a_day(draw: st.DrawFn) -> tuple[WorkingSpan, ...]:
    minutes = sorted(draw(st.sets(st.integers(0, 24 * 60 - 1), min_size=2, max_size=6)))
    pairs = zip(minutes[::2], minutes[1::2], strict=False)
    return tuple(
        WorkingSpan(opens=time(opens // 60, opens % 60), closes=time(closes // 60, closes % 60))
        for opens, closes in pairs
    )


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    days = draw(st.sets(st.integers(1, 7), min_size=1))
    exception_days = draw(st.sets(st.dates(date(2010, 1, 1), date(2027, 12, 31)), max_size=4))
    return calendar(
        zone=draw(st.sampled_from(ZONES)),
        days=tuple(sorted(days)),
        spans=draw(spans_of_a_day()),
        public_holidays=draw(st.sampled_from(["china", "none"])),
        exceptions=tuple(
            CalendarException(day=day, spans=draw(st.one_of(st.just(()), spans_of_a_day()))) for day in exception_days
        ),
    )


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    year = draw(st.sampled_from(YEARS))
    seconds = draw(st.integers(0, 365 * 86_400))
    return datetime(year, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


durations = st.timedeltas(timedelta(0), timedelta(hours=400))


def is_open_by_the_wall(rules: WorkingCalendar, instant: datetime) -> bool:
    """The definition, read off the clock on the wall."""
    local = instant.astimezone(ZoneInfo(rules.zone))
    return any(s.opens <= local.time() < s.closes for s in WorkingTime(rules).opens_on(local.date()))


def counted_by_the_minute(rules: WorkingCalendar, start: datetime, minutes: int) -> timedelta:
    return MINUTE * sum(is_open_by_the_wall(rules, start + MINUTE * number) for number in range(minutes))


@settings(max_examples=60, deadline=None)
@given(rules=calendars(), start=instants(), minutes=st.integers(0, 4 * 1440))
def test_agrees_with_a_count_by_the_minute(rules: WorkingCalendar, start: datetime, minutes: int) -> None:
    start = start.replace(second=0)
    assert working_time(rules).between(start, start + MINUTE * minutes) == counted_by_the_minute(rules, start, minutes)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", YEARS)
def test_agrees_with_the_wall_on_every_day_that_the_clocks_change(zone: str, year: int) -> None:
    rules = calendar(zone=zone, days=(1, 2, 3, 4, 5, 6, 7), spans=(span("00:00", "01:30"), span("02:15", "23:59")))
    place = ZoneInfo(zone)
    for number in range(365):
        start = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=number)
        end = start + timedelta(days=1)
        if start.astimezone(place).utcoffset() != end.astimezone(place).utcoffset():
            assert working_time(rules).between(start, end) == counted_by_the_minute(rules, start, 1440)


@settings(max_examples=150, deadline=None)
@given(rules=calendars(), start=instants(), duration=durations)
def test_after_is_the_first_instant_with_that_much_between(
    rules: WorkingCalendar, start: datetime, duration: timedelta
) -> None:
    time_of = working_time(rules)
    end = time_of.after(start, duration)
    if end == NEVER:
        return
    assert time_of.between(start, end) == duration
    if duration:
        assert time_of.between(start, end - timedelta(microseconds=1)) < duration


@settings(max_examples=150, deadline=None)
@given(rules=calendars(), moments=st.lists(instants(), min_size=3, max_size=3))
def test_between_adds_up_and_never_exceeds_the_wall(rules: WorkingCalendar, moments: list[datetime]) -> None:
    first, middle, last = sorted(moments)
    count = working_time(rules).between
    assert count(first, middle) + count(middle, last) == count(first, last)
    assert timedelta(0) <= count(first, middle) <= middle - first
    assert count(last, first) == -count(first, last)


@settings(max_examples=150, deadline=None)
@given(rules=calendars(), start=instants(), shorter=durations, longer=durations)
def test_a_longer_time_never_ends_earlier(
    rules: WorkingCalendar, start: datetime, shorter: timedelta, longer: timedelta
) -> None:
    shorter, longer = sorted((shorter, longer))
    assert working_time(rules).after(start, shorter) <= working_time(rules).after(start, longer)


@settings(max_examples=150, deadline=None)
@given(rules=calendars(), instant=instants())
def test_open_is_what_the_wall_says(rules: WorkingCalendar, instant: datetime) -> None:
    assert working_time(rules).is_open(instant) == is_open_by_the_wall(rules, instant)


def test_spring_festival_is_free_and_its_make_up_saturdays_are_worked() -> None:
    office = working_time(calendar())
    # Friday evening before 14 February 2026, a Saturday that is worked; free from the 15th to the 23rd
    assert office.between(china("2026-02-13 18:00"), china("2026-02-24 09:00")) == timedelta(hours=7.5)
    assert office.is_open(china("2026-02-14 10:00"))
    assert office.is_open(china("2026-02-28 10:00"))
    assert not office.is_open(china("2026-02-18 10:00"))
    assert office.after(china("2026-02-13 17:00"), timedelta(hours=9)) == china("2026-02-24 09:30")


def test_an_exception_goes_before_holiday_and_make_up_day() -> None:
    rules = calendar(
        exceptions=(
            CalendarException(day=date(2026, 2, 14)),
            CalendarException(day=date(2026, 2, 18), spans=(span("10:00", "11:00"),)),
        )
    )
    office = working_time(rules)
    assert not office.is_open(china("2026-02-14 10:00"))
    assert office.between(china("2026-02-14 00:00"), china("2026-02-24 00:00")) == timedelta(hours=1)
    assert office.rule_of(date(2026, 2, 14)).is_exception


def test_a_calendar_without_public_holidays_works_through_them() -> None:
    office = working_time(calendar(public_holidays="none"))
    assert office.is_open(china("2026-02-18 10:00"))
    assert not office.is_open(china("2026-02-14 10:00"))


def test_a_year_that_nobody_announced_goes_by_the_weekdays_and_is_named() -> None:
    far = date(2090, 10, 2)
    assert far.isoweekday() == 1
    office = working_time(calendar())
    assert office.opens_on(far)
    assert office.unannounced(2089, 2090) == [2089, 2090]
    assert working_time(calendar(public_holidays="none")).unannounced(2089, 2090) == []
    told = calendar(exceptions=(CalendarException(day=far),))
    assert working_time(told).unannounced(2089, 2090) == [2089]


def test_a_span_that_a_jump_shortens_is_shorter_and_one_that_it_repeats_is_longer() -> None:
    night = working_time(
        calendar(zone="Europe/Berlin", days=(7,), spans=(span("01:00", "04:00"),), public_holidays="none")
    )
    berlin = ZoneInfo("Europe/Berlin")
    spring, autumn = datetime(2026, 3, 29, tzinfo=berlin), datetime(2026, 10, 25, tzinfo=berlin)
    assert night.between(spring, spring + timedelta(days=1)) == timedelta(hours=2)
    assert night.between(autumn, autumn + timedelta(days=1)) == timedelta(hours=4)
    first, second = autumn.replace(hour=2, minute=30), autumn.replace(hour=2, minute=30, fold=1)
    assert night.between(first, second) == timedelta(hours=1)
    assert night.between(second, first) == timedelta(hours=-1)


def test_a_deadline_that_never_comes_is_said_in_time() -> None:
    one_minute_a_week = calendar(days=(1,), spans=(span("09:00", "09:01"),), public_holidays="none")
    assert working_time(one_minute_a_week).after(china("2026-01-01 00:00"), timedelta(hours=8760)) == NEVER
    assert working_time(one_minute_a_week).after(NEVER, timedelta(hours=1)) == NEVER
    assert working_time(one_minute_a_week).between(NEVER, NEVER) == timedelta(0)


def test_working_time_is_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        working_time(calendar()).after(china("2026-01-01 00:00"), timedelta(seconds=-1))


def test_equal_calendars_share_one_counter() -> None:
    assert working_time(calendar()) is working_time(calendar())
