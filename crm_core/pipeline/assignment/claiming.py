"""Taking a lead from a claim pool, and letting it go again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.translations import LOCALES, translate
from crm_core.people.tables import Person
from crm_core.pipeline.assignment.errors import (
    ClaimRefused,
    LeadTaken,
    NoPoolToReturnTo,
    NotYours,
)
from crm_core.pipeline.assignment.manual import lock_lead, require_open, required_reason
from crm_core.pipeline.assignment.placement import Placement, place
from crm_core.pipeline.assignment.pools import Refusal, claim_pool, claim_refusal, cooling_off_until, return_pool
from crm_core.pipeline.assignment.repository import latest_pool, leads_to_place
from crm_core.pipeline.errors import LeadNotFound
from crm_core.pipeline.repository import WAITING_LEAD_COLUMNS
from crm_core.pipeline.tables import Lead


def claim(acting: Acting, pool_code: str, lead_id: UUID) -> Lead:
    """Take a lead from a pool; of several at once one gets it, and the others are told that it is gone.

    Raises PoolNotFound, PoolNotClaimed, LeadNotFound, LeadTaken, ClaimRefused with the reason.
    """
    pool = claim_pool(acting.playbook, pool_code)
    session = acting.session
    # one person's claims wait for each other, so that no limit is passed by two at once
    session.execute(select(Person.id).where(Person.id == acting.person_id).with_for_update(key_share=True))
    known = session.scalar(select(Lead.id).where(Lead.id == lead_id))
    if known is None:
        raise LeadNotFound(lead_id=lead_id)
    free = leads_to_place(session, [lead_id])
    if not free or free[0].pool != pool.code:
        raise LeadTaken(lead_id=lead_id)
    visible = acting.policy.visible(acting.viewer, "lead", WAITING_LEAD_COLUMNS)
    if session.scalar(select(Lead.id).where(Lead.id == lead_id, visible)) is None:
        raise LeadNotFound(lead_id=lead_id)
    refusal = claim_refusal(acting, pool, free[0].facts)
    until = cooling_off_until(session, pool, lead_id, acting.person_id)
    if refusal is not None or until is not None:
        raise _refused(refusal or "cooling_off", until)
    placement = Placement(
        lead_id=lead_id,
        customer_id=free[0].customer_id,
        title=free[0].title,
        cause="claim",
        outcome="assigned",
        owner_id=acting.person_id,
        pool=pool.code,
        decided_by=acting.person_id,
    )
    place(session, acting.playbook, [placement])
    return session.get_one(Lead, lead_id)


def release(acting: Acting, lead: Lead, reason: str) -> str:
    """Let a lead go: it waits in the claim pool that it came through, or where leads fall. Returns the pool's code.

    For the owner, and whoever may reassign leads. Raises NotYours, AssignmentReasonMissing, NoPoolToReturnTo,
    ChangedMeanwhile, LeadNotOpen.
    """
    if lead.owner_id is None or (
        lead.owner_id != acting.person_id and not acting.policy.has_right(acting.viewer, "lead.reassign")
    ):
        raise NotYours(lead_id=lead.id)
    reason = required_reason(reason)
    require_open(lead)
    pool = return_pool(acting.playbook, latest_pool(acting.session, lead.id))
    if pool is None:
        raise NoPoolToReturnTo
    lock_lead(acting, lead)
    placement = Placement(
        lead_id=lead.id,
        customer_id=lead.customer_id,
        title=lead.title,
        cause="release",
        outcome="pooled",
        previous_owner_id=lead.owner_id,
        pool=pool.code,
        reason=reason,
        decided_by=acting.person_id,
    )
    place(acting.session, acting.playbook, [placement])
    return pool.code


def _refused(reason: Refusal, until: datetime | None) -> ClaimRefused:
    day = until.astimezone(clock.BUSINESS_ZONE).date().isoformat() if until else ""
    said = {f"reason_{locale}": translate(f"assignment.reason.{reason}", locale, until=day) for locale in LOCALES}
    return ClaimRefused(reason=reason, until=day, **said)
