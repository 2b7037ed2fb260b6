"""The working calendars of the playbook, day by day."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from api.acting import ActingDep
from api.contracts.dwell import CalendarDay, CalendarFacts, CalendarMonth, Calendars, MonthQuery, SpanFacts
from api.dependencies import LocaleDep
from crm_core.foundation import clock
from crm_core.foundation.translations import Locale
from crm_core.pipeline.dwell.errors import CalendarUnknown
from crm_core.pipeline.dwell.repository import teams_by_calendar
from crm_core.process.calendars import WorkingCalendar, WorkingSpan
from crm_core.process.working_time import WorkingTime, working_time

router = APIRouter(prefix="/api/calendars", tags=["dwell"])

_COMING_DAYS = 120


@router.get("")
def list_calendars(acting: ActingDep, locale: LocaleDep) -> Calendars:
    """Every calendar with its teams, what lies ahead, and the years whose holidays nobody has announced."""
    teams = teams_by_calendar(acting.session)
    first = acting.playbook.calendars[0]
    items = [
        _facts(calendar, [*teams.get(calendar.code, ()), *(_without(teams) if calendar is first else ())], locale)
        for calendar in acting.playbook.calendars
    ]
    return Calendars(items=items, total=len(items))


@router.get("/{code}/days")
def show_month(
    code: str, wanted: Annotated[MonthQuery, Query()], acting: ActingDep, locale: LocaleDep
) -> CalendarMonth:
    """The days of a month: working, free, holiday, make-up day or exception."""
    calendar = next((known for known in acting.playbook.calendars if known.code == code), None)
    if calendar is None:
        known = ", ".join(calendar.code for calendar in acting.playbook.calendars)
        raise CalendarUnknown(calendar=code, known=known)
    today = clock.today(ZoneInfo(calendar.zone))
    year, month = map(int, wanted.month.split("-")) if wanted.month else (today.year, today.month)
    days = [date(year, month, number) for number in range(1, monthrange(year, month)[1] + 1)]
    time_of = working_time(calendar)
    return CalendarMonth(
        code=code, name=calendar.name.spoken(locale), days=[_day(time_of, day, locale) for day in days]
    )


def _facts(calendar: WorkingCalendar, teams: Sequence[str], locale: Locale) -> CalendarFacts:
    time_of, today = working_time(calendar), clock.today(ZoneInfo(calendar.zone))
    coming = (_day(time_of, today + timedelta(days=ahead), locale) for ahead in range(_COMING_DAYS))
    return CalendarFacts(
        code=calendar.code,
        name=calendar.name.spoken(locale),
        zone=calendar.zone,
        days=list(calendar.days),
        spans=_spans(calendar.spans),
        public_holidays=calendar.public_holidays,
        teams=sorted(teams),
        is_open_now=time_of.is_open(clock.now()),
        coming=[day for day in coming if day.kind not in {"working", "free"}],
        unannounced_years=time_of.unannounced(today.year, today.year + 1),
    )


def _without(teams: Mapping[str | None, Sequence[str]]) -> Sequence[str]:
    """Teams that name no calendar keep the first one."""
    return teams.get(None, ())


def _day(time_of: WorkingTime, day: date, locale: Locale) -> CalendarDay:
    rule = time_of.rule_of(day)
    if rule.is_exception:
        kind = "exception_working" if rule.spans else "exception_free"
    elif rule.holiday is not None:
        kind = "make_up" if rule.is_make_up else "holiday"
    else:
        kind = "working" if rule.spans else "free"
    name = rule.holiday.spoken(locale) if rule.holiday else None
    return CalendarDay.model_validate({"day": day, "kind": kind, "name": name, "spans": _spans(rule.spans)})


def _spans(spans: Sequence[WorkingSpan]) -> list[SpanFacts]:
    return [SpanFacts(opens=span.opens, closes=span.closes) for span in spans]
