"""How long leads stay, who is told when they stay too long, and the calendars that this is counted with."""

from datetime import date, datetime, time
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.contracts.inputs import Input
from api.contracts.paging import Page


class DwellReceiver(BaseModel):
    """Somebody who is told; `stands_in` says as what, where the rule itself meets nobody."""

    rule: Literal["owner", "manager", "director"]
    person_id: UUID
    name: str | None = None
    stands_in: Literal["owner", "manager", "director", "operations"] | None = None


class DwellStep(BaseModel):
    """A step of the ladder; receivers of one that has not fired are those of today's roster."""

    step: int
    #: after the limit, on its clock
    after_hours: int
    due_at: datetime
    fired_at: datetime | None = None
    #: fired; snoozed: held back; due: about to fire; ahead
    state: Literal["fired", "snoozed", "due", "ahead"]
    receivers: list[DwellReceiver] = []
    task: str | None = None


class SnoozeFacts(BaseModel):
    until: datetime
    reason: str
    snoozed_by: UUID
    snoozed_by_name: str | None = None
    created_at: datetime


class DwellView(BaseModel):
    """A lead's present stay. Without a limit there is no ladder and nothing is left to count."""

    stage: str
    stage_name: str
    entered_at: datetime
    is_open: bool
    clock: Literal["wall", "working"] | None = None
    #: of a working clock
    calendar: str | None = None
    calendar_name: str | None = None
    limit_hours: int | None = None
    #: on the limit's clock
    spent_hours: float | None = None
    #: negative when overdue
    remaining_hours: float | None = None
    overdue_at: datetime | None = None
    is_overdue: bool = False
    snooze: SnoozeFacts | None = None
    may_snooze: bool = False
    longest_snooze_days: int
    steps: list[DwellStep] = []


class NewSnooze(Input):
    """Let no step fire before `until`; at most two weeks ahead."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"until": "2026-03-02T09:00:00+08:00", "reason": "客户春节停工，约定复工后回复"}]
        }
    )

    until: AwareDatetime
    reason: str = Field(max_length=400)


class BreachQuery(Page):
    """Which steps that have fired are wanted."""

    lead_id: UUID | None = None
    stage: str | None = Field(default=None, max_length=40)
    owner_id: UUID | None = None
    step: int | None = Field(default=None, ge=0, le=1000)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class BreachFacts(BaseModel):
    """A step that has fired, with whom it told; lead facts are left out where they may not be read."""

    id: UUID
    lead_id: UUID
    lead_title: str | None = None
    customer_id: UUID | None = None
    customer_name: str | None = None
    stage: str
    stage_name: str
    step: int
    limit_hours: int
    due_at: datetime
    fired_at: datetime
    owner_id: UUID | None = None
    owner_name: str | None = None
    receivers: list[DwellReceiver] = []


class Breaches(BaseModel):
    items: list[BreachFacts]
    total: int


class SpanFacts(BaseModel):
    opens: time
    closes: time


class CalendarDay(BaseModel):
    """A day of a calendar, with the holiday or exception that decided it."""

    day: date
    kind: Literal["working", "free", "holiday", "make_up", "exception_working", "exception_free"]
    name: str | None = None
    spans: list[SpanFacts] = []


class CalendarFacts(BaseModel):
    """A working calendar of the playbook; the first is everybody's who has no other."""

    code: str
    name: str
    zone: str
    #: 1 (Monday) to 7
    days: list[int]
    spans: list[SpanFacts]
    public_holidays: Literal["china", "none"]
    teams: list[str]
    is_open_now: bool
    #: holidays, make-up days and exceptions of the next months
    coming: list[CalendarDay]
    #: this year and the next, as far as their holidays are neither known nor among the exceptions
    unannounced_years: list[int]


class Calendars(BaseModel):
    items: list[CalendarFacts]
    total: int


class CalendarMonth(BaseModel):
    code: str
    name: str
    days: list[CalendarDay]


class MonthQuery(Input):
    """A month of a calendar; without one the present month."""

    month: str | None = Field(default=None, pattern=r"^(19|20|21)\d{2}-(0[1-9]|1[0-2])$")
