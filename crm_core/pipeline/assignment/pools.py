"""Claim pools: what waits in them, who may see it, and who may take it now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.people.snapshots import Roster, roster_on
from crm_core.pipeline.assignment.candidates import ExclusionReason, exclusion_reason, standing_of
from crm_core.pipeline.assignment.errors import PoolNotClaimed, PoolNotFound
from crm_core.pipeline.assignment.facts import LeadFacts, Loads
from crm_core.pipeline.assignment.membership import OutsideReason, circle_of, members_of
from crm_core.pipeline.assignment.repository import given_today
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.repository import WAITING_LEAD_COLUMNS
from crm_core.pipeline.tables import Lead
from crm_core.process.assignment_rules import Pool
from crm_core.process.playbook import Playbook

Refusal = OutsideReason | ExclusionReason | Literal["not_on_roster", "cooling_off"]


@dataclass(frozen=True, slots=True)
class PoolState:
    """A pool as one viewer sees it today."""

    pool: Pool
    waiting: int
    oldest_received_at: datetime | None
    members: int
    is_member: bool
    #: what the viewer has taken since midnight
    taken_today: int


def find_pool(playbook: Playbook, code: str) -> Pool:
    """Raises PoolNotFound."""
    found = next((pool for pool in playbook.assignment.pools if pool.code == code), None)
    if found is None:
        raise PoolNotFound(pool=code)
    return found


def claim_pool(playbook: Playbook, code: str) -> Pool:
    """A pool in which leads wait. Raises PoolNotFound, PoolNotClaimed."""
    pool = find_pool(playbook, code)
    if pool.kind != "claimed":
        raise PoolNotClaimed(pool=code)
    return pool


def return_pool(playbook: Playbook, code: str | None) -> Pool | None:
    """Where a lead that came through this pool waits when its owner lets it go: there, or where leads fall."""
    claimed = {pool.code: pool for pool in playbook.assignment.pools if pool.kind == "claimed"}
    if code in claimed:
        return claimed[code]
    return claimed.get(playbook.assignment.fallback.pool) or next(iter(claimed.values()), None)


def pool_states(acting: Acting) -> list[PoolState]:
    """Every claim pool that is the viewer's business, with what the viewer may see of it."""
    roster, required = roster_on(acting.session, clock.today()), acting.playbook.onboarding.required
    waiting = {row.pool: row for row in acting.session.execute(_waiting_counts(acting))}
    taken = given_today(acting.session, acting.person_id)
    sees_all = acting.policy.has_right(acting.viewer, "lead.reassign")
    states = []
    for pool in acting.playbook.assignment.pools:
        is_member = any(member.person_id == acting.person_id for member in members_of(pool, roster))
        if pool.kind == "claimed" and (is_member or sees_all or pool.code in waiting):
            row = waiting.get(pool.code)
            count, oldest = (row.leads, row.oldest) if row else (0, None)
            taken_today = taken.get((pool.code, acting.person_id), 0)
            members = len(members_of(pool, roster, required))
            states.append(PoolState(pool, count, oldest, members, is_member, taken_today))
    return states


def waiting_leads(
    acting: Acting, pool: Pool, *, limit: int = 50, offset: int = 0
) -> tuple[Sequence[Row[Lead, Customer]], int]:
    """A page of what waits in a pool, oldest first, each lead with its customer; and how many there are."""
    visible = acting.policy.visible(acting.viewer, "lead", WAITING_LEAD_COLUMNS)
    condition = (Lead.pool == pool.code) & Lead.owner_id.is_(None) & (Lead.outcome == "open") & visible
    total = acting.session.scalar(select(func.count()).select_from(Lead).where(condition)) or 0
    statement = select(Lead, Customer).join(Customer, Customer.id == Lead.customer_id).where(condition)
    page = statement.order_by(Lead.received_at, Lead.id).limit(limit).offset(offset)
    return acting.session.execute(page).all(), total


def claim_refusal(acting: Acting, pool: Pool, facts: LeadFacts | None = None) -> Refusal | None:
    """Why the viewer may not take a lead from a pool now; without facts: whatever the lead."""
    roster = roster_on(acting.session, clock.today())
    return _outside_reason(acting, pool, roster, facts) or _load_reason(acting, pool, roster)


def cooling_off_until(session: Session, pool: Pool, lead_id: UUID, person_id: UUID) -> datetime | None:
    """Until when whoever let this lead go, or let it lie, may not take it again; None when they may."""
    if pool.cooling_off_days == 0:
        return None
    let_go = select(func.max(AssignmentDecision.decided_at)).where(
        AssignmentDecision.lead_id == lead_id,
        AssignmentDecision.previous_owner_id == person_id,
        AssignmentDecision.cause.in_(("release", "recycle")),
    )
    last = session.scalar(let_go)
    until = last + timedelta(days=pool.cooling_off_days) if last else None
    return until if until is not None and until > clock.now() else None


def _outside_reason(acting: Acting, pool: Pool, roster: Roster, facts: LeadFacts | None) -> Refusal | None:
    required = acting.playbook.onboarding.required
    if facts is None and any(one.person_id == acting.person_id for one in members_of(pool, roster, required)):
        return None
    circle = circle_of(pool, roster, required, facts or LeadFacts(clock.now()))
    if any(member.person_id == acting.person_id for member in circle.asked):
        return None
    mine = (outsider.reason for outsider in circle.outside if outsider.member.person_id == acting.person_id)
    return next(mine, "not_on_roster")


def _load_reason(acting: Acting, pool: Pool, roster: Roster) -> Refusal | None:
    """Capacity and the day's limit; hours and absence are no reason against whoever reaches out for a lead."""
    person_id = acting.person_id
    owned = select(func.count()).select_from(Lead).where(Lead.owner_id == person_id, Lead.outcome == "open")
    loads = Loads(
        open_leads={person_id: acting.session.scalar(owned) or 0},
        given_today=given_today(acting.session, person_id),
    )
    facts = LeadFacts(clock.now())
    member = replace(roster.of_person(person_id)[0], away_until=None)
    return exclusion_reason(pool, standing_of(pool, member, facts, loads), facts, roster.day, is_working=True)


def _waiting_counts(acting: Acting) -> Select[str | None, int, datetime]:
    visible = acting.policy.visible(acting.viewer, "lead", WAITING_LEAD_COLUMNS)
    condition = Lead.pool.is_not(None) & Lead.owner_id.is_(None) & (Lead.outcome == "open") & visible
    columns = select(Lead.pool, func.count().label("leads"), func.min(Lead.received_at).label("oldest"))
    return columns.where(condition).group_by(Lead.pool)
