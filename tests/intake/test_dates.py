"""Dates as tables write them: what can be read in two ways is refused."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.foundation import clock
from crm_core.foundation.errors import Invalid, ProductError
from crm_core.intake.dates import DateOrder, likely_order, read_day, read_moment
from crm_core.intake.errors import CellDateAmbiguous, CellDayUnreal, CellNotDate


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-20",
        "2026/3/20",
        "2026.3.20",
        "2026年3月20日",
        "２０２６－０３－２０",
        "20260320",
        "46101",
        "46101.5",
        "2026-03-20 09:30",
        "2026-03-20T09:30:00",
        "20 Mar 2026",
        "March 20, 2026",
        "20/3/2026",
        "3/20/2026",
    ],
)
def test_one_day_in_many_ways(text: str) -> None:
    assert read_day(text) == date(2026, 3, 20)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("3/4/2026", CellDateAmbiguous),
        ("9/25/25", CellDateAmbiguous),
        ("2026-02-30", CellDayUnreal),
        ("2026-13-01", CellDayUnreal),
        ("2026-03-20 25:00", CellDayUnreal),
        ("明天", CellNotDate),
        ("20 Foo 2026", CellNotDate),
        ("12345", CellNotDate),
        ("", CellNotDate),
    ],
)
def test_what_is_no_day_is_named(text: str, refusal: type[ProductError]) -> None:
    with pytest.raises(refusal):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("3/4/2026", "month_first", date(2026, 3, 4)),
        ("3/4/2026", "day_first", date(2026, 4, 3)),
        ("9/25/25", "month_first", date(2025, 9, 25)),
        ("25-9-99", "day_first", date(1999, 9, 25)),
    ],
)
def test_whoever_knows_the_order_says_so(text: str, order: DateOrder, day: date) -> None:
    assert read_day(text, order) == day


def test_a_column_gives_its_order_away() -> None:
    assert likely_order(["3/4/25", "9/25/25"]) == "month_first"
    assert likely_order(["3/4/2025", "25/9/2025"]) == "day_first"
    assert likely_order(["3/4/2025", "2026-03-20"]) is None


def test_a_moment_is_of_the_business_zone_unless_it_says_otherwise() -> None:
    assert read_moment("2026-03-20 09:30") == (datetime(2026, 3, 20, 9, 30, tzinfo=clock.BUSINESS_ZONE), True)
    assert read_moment("2026-03-20T09:30:00Z") == (datetime(2026, 3, 20, 9, 30, tzinfo=UTC), True)
    assert read_moment("2026-03-20 下午 3:05")[0].hour == 15
    assert read_moment("2026-03-20") == (datetime(2026, 3, 20, tzinfo=clock.BUSINESS_ZONE), False)


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_every_day_comes_back_in_every_order(day: date) -> None:
    assert read_day(day.isoformat()) == read_day(day.strftime("%Y%m%d")) == day
    assert read_day(day.strftime("%m/%d/%y"), "month_first") == day
    assert read_day(day.strftime("%d.%m.%Y"), "day_first") == day


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert isinstance(read_day(text), date)
