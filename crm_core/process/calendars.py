"""Shapes of working calendars; `working_time` counts with them."""

from datetime import date, time
from itertools import pairwise
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from crm_core.process.sections import Code, Label, Section, mistake


class WorkingSpan(Section):
    """From opening to closing on one day; a night shift is two spans."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.closes <= self.opens:
            raise mistake("span_backwards", opens=str(self.opens), closes=str(self.closes))
        return self


class CalendarException(Section):
    """One day that differs from the rule; without spans it is free."""

    day: date
    spans: tuple[WorkingSpan, ...] = ()


class WorkingCalendar(Section):
    """When people work. Days are 1 (Monday) to 7; public holidays and their make-up days are China's or none."""

    code: Code
    name: Label
    zone: str = "Asia/Shanghai"
    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    spans: tuple[WorkingSpan, ...] = Field(min_length=1)
    public_holidays: Literal["china", "none"] = "china"
    exceptions: tuple[CalendarException, ...] = ()

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise mistake("zone_unknown", zone=zone) from unknown
        return zone

    @model_validator(mode="after")
    def _sound_week(self) -> Self:
        if not self.days or len(set(self.days)) != len(self.days) or not set(self.days) <= set(range(1, 8)):
            raise mistake("week_unsound")
        for spans in (self.spans, *(exception.spans for exception in self.exceptions)):
            ordered = sorted(spans, key=lambda span: span.opens)
            if any(later.opens < earlier.closes for earlier, later in pairwise(ordered)):
                raise mistake("spans_overlap")
        days = [exception.day for exception in self.exceptions]
        if len(set(days)) != len(days):
            raise mistake("exception_repeated")
        return self
