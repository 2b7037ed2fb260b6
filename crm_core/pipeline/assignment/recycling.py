"""Leads that lie: without a move or a contact for as long as their pool allows, they go back to it.

It counts for every lead, however its owner came by it: a lead that no decision knows belongs to the pool of the first
rule whose conditions hold for it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.customers.tables import TimelineEntry
from crm_core.foundation import clock
from crm_core.pipeline.assignment.conditions import arrival_of, first_failed
from crm_core.pipeline.assignment.facts import LeadFacts
from crm_core.pipeline.assignment.placement import Placement, place
from crm_core.pipeline.assignment.repository import LeadToPlace, leads_to_place, lock_rotation, pools_of
from crm_core.pipeline.assignment.running import PAGE, RunCount, assign
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.process.assignment_rules import Pool
from crm_core.process.playbook import Playbook
from crm_core.process.publication import published_playbook
from crm_core.process.working_time import working_time

#: entries of the timeline that say that somebody dealt with the customer
CONTACT_KINDS = ("call", "visit", "message", "email", "quote_sent", "document", "transcript", "diagnosis")


def recycle_leads(session: Session, *, after: UUID | None = None) -> tuple[UUID | None, RunCount]:
    """One page of leads that lie, in the order of their ids: back to their pool, or to somebody else of it.

    Returns where the next page begins, None after the last, and what came of it.
    """
    playbook = published_playbook(session)
    days = {
        pool.code: pool.recycle_after_days for pool in playbook.assignment.pools if pool.recycle_after_days is not None
    }
    if not days:
        return None, RunCount()
    lock_rotation(session)
    quiet = _quiet_leads(session, timedelta(days=min(days.values())), after)
    owners = {owner_id for _, owner_id, _ in quiet}
    leads = {lead.id: lead for lead in leads_to_place(session, [row[0] for row in quiet], taken_from=owners)}
    through = pools_of(session, leads)
    back: list[tuple[LeadToPlace, Pool]] = []
    for lead_id, _, since in quiet:
        lead = leads.get(lead_id)
        if lead is None or lead.owner_id is None:
            continue
        pool = _pool_of(playbook, lead, through)
        if pool.code in days and since <= clock.now() - timedelta(days=days[pool.code]):
            back.append((lead, pool))
    count = _give_back(session, playbook, back)
    return (quiet[-1][0] if len(quiet) == PAGE else None), count


def _give_back(session: Session, playbook: Playbook, back: Sequence[tuple[LeadToPlace, Pool]]) -> RunCount:
    """To wait in a claim pool; or by the rules to somebody else."""
    waiting = [
        Placement(
            lead_id=lead.id,
            customer_id=lead.customer_id,
            title=lead.title,
            cause="recycle",
            outcome="pooled",
            previous_owner_id=lead.owner_id,
            pool=pool.code,
            reason="no_contact",
            record={"recycle_after_days": pool.recycle_after_days},
        )
        for lead, pool in back
        if pool.kind == "claimed"
    ]
    place(session, playbook, waiting)
    others = [lead for lead, pool in back if pool.kind == "assigned"]
    owners = {lead.owner_id for lead in others if lead.owner_id}
    count = RunCount(pooled=len(waiting))
    return count + assign(session, [lead.id for lead in others], "recycle", taken_from=owners) if others else count


def _pool_of(playbook: Playbook, lead: LeadToPlace, through: Mapping[UUID, str]) -> Pool:
    pools = {pool.code: pool for pool in playbook.assignment.pools}
    known = pools.get(through.get(lead.id, ""))
    return known or pools[_pool_by_rules(playbook, lead.facts)]


def _pool_by_rules(playbook: Playbook, facts: LeadFacts) -> str:
    arrival = arrival_of(facts, working_time(playbook.calendars[0]))
    for rule in playbook.assignment.rules:
        if first_failed(rule.conditions, facts, arrival) is None:
            return rule.pool
    return playbook.assignment.fallback.pool


def _quiet_leads(session: Session, quiet_for: timedelta, after: UUID | None) -> list[tuple[UUID, UUID, datetime]]:
    """Open leads with an owner and nothing that happened for so long: id, owner, and since when it is quiet."""
    moved: Any = select(func.max(StageMove.moved_at)).where(StageMove.lead_id == Lead.id).scalar_subquery()
    contacted: Any = (
        select(func.max(TimelineEntry.occurred_at))
        .where(TimelineEntry.lead_id == Lead.id, TimelineEntry.kind.in_(CONTACT_KINDS))
        .scalar_subquery()
    )
    # a contact of the future is an appointment entered wrongly; it keeps the lead until then
    since = func.greatest(func.coalesce(Lead.owned_since, Lead.received_at), moved, contacted)
    statement = (
        select(Lead.id, Lead.owner_id, since.label("since"))
        .where(Lead.outcome == "open", Lead.owner_id.is_not(None), since <= clock.now() - quiet_for)
        .order_by(Lead.id)
        .limit(PAGE)
    )
    if after is not None:
        statement = statement.where(Lead.id > after)
    return [(row.id, row.owner_id, row.since) for row in session.execute(statement) if row.owner_id is not None]
