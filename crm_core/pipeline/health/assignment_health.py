"""Assignment health: which share of the new leads waits too long for an owner.

A lead is judged once it has been here for the playbook's waiting hours, counted from when it was received. It waits
while it is open and nobody owns it, in a claim pool or nowhere. The share is of the leads that came to be judged within
the window; what waits from before is told beside it as backlog.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.health.survival import Interval, wilson
from crm_core.pipeline.tables import Lead
from crm_core.process.health_rules import AssignmentHealth

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WaitingShare:
    """How many leads were judged, how many of them wait, and where; the backlog waits from before the window."""

    at: datetime
    since: datetime
    until: datetime
    judged: int
    waiting: int
    in_pools: int
    backlog: int

    @property
    def share(self) -> float | None:
        """None while there is nothing to judge."""
        return self.waiting / self.judged if self.judged else None

    @property
    def interval(self) -> Interval:
        return wilson(self.waiting / self.judged, self.judged) if self.judged else Interval(None, None, None)

    def is_alarming(self, rules: AssignmentHealth) -> bool:
        return self.share is not None and self.share > rules.alert_share

    def is_healthy(self, rules: AssignmentHealth) -> bool:
        """Whether an incident is over: few of the new leads wait, or nothing is new and nothing waits."""
        return not self.backlog if self.share is None else self.share <= rules.alert_share


@dataclass(frozen=True, slots=True)
class ArrivalHour:
    """The leads received within an hour, and how many of them waited longer than they should, or still do."""

    hour: datetime
    received: int
    waited: int
    is_judged: bool


def waiting_share(session: Session, rules: AssignmentHealth) -> WaitingShare:
    """The share at this instant, over all leads."""
    now = clock.now()
    since, until = judged_span(rules, now)
    waits = is_waiting()
    row = session.execute(
        select(
            func.count().filter(Lead.received_at >= since),
            func.count().filter(Lead.received_at >= since, waits),
            func.count().filter(Lead.received_at >= since, waits, Lead.pool.is_not(None)),
            func.count().filter(Lead.received_at < since, waits),
        ).where(or_(Lead.received_at >= since, waits), Lead.received_at <= until)
    ).one()
    return WaitingShare(now, since, until, *row)


def judged_span(rules: AssignmentHealth, now: datetime) -> tuple[datetime, datetime]:
    """When the leads that are judged now were received."""
    until = now - timedelta(hours=rules.waiting_hours)
    return until - timedelta(hours=rules.window_hours), until


def is_waiting() -> ColumnElement[bool]:
    """Open leads that nobody owns."""
    return and_(Lead.owner_id.is_(None), Lead.outcome == "open")


def arrivals_by_hour(session: Session, rules: AssignmentHealth, since: datetime) -> Sequence[ArrivalHour]:
    """Every hour from `since` to now, those without leads too."""
    now = clock.now()
    first = since.replace(minute=0, second=0, microsecond=0)
    hour = func.date_trunc("hour", Lead.received_at, "UTC").label("hour")
    counts = {
        row.hour: (row.received, row.waited)
        for row in session.execute(
            select(hour, func.count().label("received"), func.count().filter(waited_too_long(rules)).label("waited"))
            .where(Lead.received_at >= first, Lead.received_at <= now)
            .group_by(hour)
        )
    }
    hours = [first + _HOUR * number for number in range((now - first) // _HOUR + 1)]
    settled = now - timedelta(hours=rules.waiting_hours)
    return [ArrivalHour(one, *counts.get(one, (0, 0)), one + _HOUR <= settled) for one in hours]


def waited_too_long(rules: AssignmentHealth) -> ColumnElement[bool]:
    """Leads that found their first owner later than they should, or have found none for that long."""
    limit = timedelta(hours=rules.waiting_hours)
    owned_at = _first_owned_at()
    still = and_(is_waiting(), Lead.received_at < clock.now() - limit)
    return or_(owned_at > Lead.received_at + limit, and_(owned_at.is_(None), still))


def _first_owned_at() -> ColumnElement[Any]:
    """When somebody first owned a lead; null when nobody has. A lead taken from somebody was owned from the start."""
    owned = case(
        (AssignmentDecision.previous_owner_id.is_not(None), Lead.received_at), else_=AssignmentDecision.decided_at
    )
    decided = (
        select(func.min(owned))
        .where(
            AssignmentDecision.lead_id == Lead.id,
            or_(AssignmentDecision.owner_id.is_not(None), AssignmentDecision.previous_owner_id.is_not(None)),
        )
        .correlate(Lead)
        .scalar_subquery()
    )
    without_decision = case((Lead.owner_id.is_not(None), func.coalesce(Lead.owned_since, Lead.received_at)))
    return func.coalesce(decided, without_decision)
