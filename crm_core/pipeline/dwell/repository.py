"""Finds the breaches and postponements of stays, and the calendars of teams."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, func, literal, select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.people.memberships import holds_on
from crm_core.people.tables import Membership, Team
from crm_core.pipeline.dwell.tables import DwellBreach, DwellSnooze
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead


@dataclass(frozen=True, slots=True)
class BreachSearch:
    """Which breaches to list; filters are equalities by column."""

    filters: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    offset: int = 0


def among(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """The condition that a column is one of many ids, sent as one array."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))  # type: ignore[no-any-return]


def fired_steps(session: Session, lead_ids: Collection[UUID]) -> Mapping[UUID, frozenset[int]]:
    """Which steps have fired in the present stay of each lead."""
    present_stay = (DwellBreach.lead_id == Lead.id) & (DwellBreach.stage_entered_at == Lead.stage_entered_at)
    statement = (
        select(DwellBreach.lead_id, func.array_agg(DwellBreach.step).label("steps"))
        .join(Lead, present_stay)
        .where(among(DwellBreach.lead_id, lead_ids))
        .group_by(DwellBreach.lead_id)
    )
    return {row.lead_id: frozenset(row.steps) for row in session.execute(statement)}


def snoozes_until(session: Session, lead_ids: Collection[UUID]) -> Mapping[UUID, datetime]:
    """Until when the present stay of each lead is postponed; the latest word counts."""
    present_stay = (DwellSnooze.lead_id == Lead.id) & (DwellSnooze.stage_entered_at == Lead.stage_entered_at)
    statement = (
        select(DwellSnooze.lead_id, DwellSnooze.until)
        .join(Lead, present_stay)
        .where(among(DwellSnooze.lead_id, lead_ids))
        .order_by(DwellSnooze.created_at, DwellSnooze.id)
    )
    return {row.lead_id: row.until for row in session.execute(statement)}


def running_snoozes(session: Session, lead: Lead) -> Sequence[DwellSnooze]:
    """The postponements of a lead's present stay that are not over, the one that counts first."""
    of_stay = (DwellSnooze.lead_id == lead.id) & (DwellSnooze.stage_entered_at == lead.stage_entered_at)
    newest_first = (DwellSnooze.created_at.desc(), DwellSnooze.id.desc())
    found = session.scalars(select(DwellSnooze).where(of_stay).order_by(*newest_first)).all()
    if not found or found[0].until <= clock.now():
        return ()
    return [snooze for snooze in found if snooze.until > clock.now()]


def breaches_of(session: Session, lead: Lead) -> Mapping[int, DwellBreach]:
    """The breaches of a lead's present stay, by step."""
    of_stay = (DwellBreach.lead_id == lead.id) & (DwellBreach.stage_entered_at == lead.stage_entered_at)
    return {breach.step: breach for breach in session.scalars(select(DwellBreach).where(of_stay))}


def team_calendars(session: Session, person_ids: Collection[UUID], day: date) -> Mapping[UUID, str]:
    """The working calendar of each person's team on a day; of several memberships the newest that has one."""
    statement = (
        select(Membership.person_id, Team.calendar)
        .join(Team, Team.id == Membership.team_id)
        .where(among(Membership.person_id, person_ids), Team.calendar.is_not(None), holds_on(day))
        .order_by(Membership.since, Membership.id)
    )
    return {row.person_id: row.calendar for row in session.execute(statement)}


def search_breaches(acting: Acting, search: BreachSearch) -> tuple[Sequence[tuple[DwellBreach, Lead]], int]:
    """A page of the breaches of leads that the viewer may see, latest first, and how many there are."""
    acting.policy.require_readable(acting.viewer, "lead", ["stage", "stage_entered_at", "is_overdue", "owner_id"])
    condition = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)
    for name, value in search.filters.items():
        condition &= getattr(DwellBreach, name) == value
    if search.since is not None:
        condition &= DwellBreach.fired_at >= search.since
    if search.until is not None:
        condition &= DwellBreach.fired_at < search.until
    of_leads = select(DwellBreach, Lead).join(Lead, Lead.id == DwellBreach.lead_id).where(condition)
    total = acting.session.scalar(select(func.count()).select_from(of_leads.subquery())) or 0
    page = of_leads.order_by(DwellBreach.fired_at.desc(), DwellBreach.id.desc())
    rows = acting.session.execute(page.limit(search.limit).offset(search.offset)).all()
    return [(row.DwellBreach, row.Lead) for row in rows], total


def teams_by_calendar(session: Session) -> Mapping[str | None, Sequence[str]]:
    """Names of the teams that keep each calendar; under None those that name none."""
    found: defaultdict[str | None, list[str]] = defaultdict(list)
    for name, calendar in session.execute(select(Team.name, Team.calendar).order_by(Team.name)):
        found[calendar].append(name)
    return found
