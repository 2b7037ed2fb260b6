"""Leads that people give to each other: by hand, past the rules, and without moving anybody's turn."""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select

from crm_core.customers.acting import Acting
from crm_core.customers.errors import ChangedMeanwhile
from crm_core.foundation import clock
from crm_core.people.repository import find_person
from crm_core.people.snapshots import RosterMember, roster_on
from crm_core.people.tables import Region
from crm_core.pipeline.assignment.errors import AssignmentReasonMissing, LeadNotOpen, OwnerHasLeft
from crm_core.pipeline.assignment.placement import Placement, place
from crm_core.pipeline.assignment.pools import claim_pool
from crm_core.pipeline.assignment.repository import latest_pool
from crm_core.pipeline.tables import Lead

#: what speaks against an owner who is chosen all the same
WarningCode = Literal["not_on_roster", "onboarding_incomplete", "away", "other_region", "at_capacity"]


@dataclass(frozen=True, slots=True)
class OwnerWarning:
    code: WarningCode
    details: dict[str, Any] = field(default_factory=dict)


def reassign(acting: Acting, lead: Lead, owner_id: UUID | None, reason: str | None) -> list[OwnerWarning]:
    """Give a lead to a person, or to nobody, so that the rules place it; returns what speaks against it.

    None for a reason is for those who write the field among others; a blank one is refused.
    Needs the right lead.reassign, for a closed lead lead.edit_closed too.
    Raises PersonNotFound, OwnerHasLeft, AssignmentReasonMissing, ChangedMeanwhile.
    """
    _require_right(acting)
    reason = required_reason(reason) if reason is not None else None
    if owner_id is not None:
        require_staying(acting, owner_id)
    if lead.outcome in {"won", "lost"}:
        acting.policy.require_right(acting.viewer, "lead.edit_closed")
    lock_lead(acting, lead)
    warnings = owner_warnings(acting, lead, owner_id) if owner_id else []
    placement = Placement(
        lead_id=lead.id,
        customer_id=lead.customer_id,
        title=lead.title,
        cause="manual",
        outcome="assigned" if owner_id else "unassigned",
        previous_owner_id=lead.owner_id,
        owner_id=owner_id,
        # the pool that it came through stays known, so that its rules for leads that lie still hold on
        pool=latest_pool(acting.session, lead.id) if owner_id else None,
        reason=reason,
        decided_by=acting.person_id,
        record={"warnings": [{"code": warning.code, **warning.details} for warning in warnings]},
    )
    place(acting.session, acting.playbook, [placement])
    return warnings


def move_to_pool(acting: Acting, lead: Lead, pool_code: str, reason: str) -> None:
    """Let a lead wait in another claim pool. Needs lead.reassign. Raises as `reassign`, PoolNotClaimed, LeadNotOpen."""
    _require_right(acting)
    require_open(lead)
    reason = required_reason(reason)
    pool = claim_pool(acting.playbook, pool_code)
    lock_lead(acting, lead)
    placement = Placement(
        lead_id=lead.id,
        customer_id=lead.customer_id,
        title=lead.title,
        cause="manual",
        outcome="pooled",
        previous_owner_id=lead.owner_id,
        pool=pool.code,
        reason=reason,
        decided_by=acting.person_id,
    )
    place(acting.session, acting.playbook, [placement])


def required_reason(reason: str) -> str:
    """Raises AssignmentReasonMissing."""
    if not reason.strip():
        raise AssignmentReasonMissing
    return reason.strip()


def lock_lead(acting: Acting, lead: Lead) -> None:
    """Nobody else changes the lead until the transaction ends. Raises ChangedMeanwhile."""
    acting.session.flush()
    version = select(Lead.version).where(Lead.id == lead.id).with_for_update(key_share=True)
    if acting.session.scalar(version) != lead.version:
        raise ChangedMeanwhile(fields=["version"])


def require_open(lead: Lead) -> None:
    """Raises LeadNotOpen."""
    if lead.outcome != "open":
        raise LeadNotOpen(outcome=lead.outcome)


def require_staying(acting: Acting, person_id: UUID) -> None:
    """Raises PersonNotFound, OwnerHasLeft."""
    person = find_person(acting.session, person_id)
    if person.left_on is not None and person.left_on <= clock.today():
        raise OwnerHasLeft(name=person.name, left_on=str(person.left_on))


def owner_warnings(acting: Acting, lead: Lead, owner_id: UUID) -> list[OwnerWarning]:
    """What would keep the rules from giving this lead to the person."""
    positions = roster_on(acting.session, clock.today()).of_person(owner_id)
    if not positions:
        return [OwnerWarning("not_on_roster")]
    first = positions[0]
    warnings = []
    unknown = [item for item in first.unknown if item in acting.playbook.onboarding.required]
    if unknown:
        warnings.append(OwnerWarning("onboarding_incomplete", {"items": unknown}))
    if first.away_until is not None and clock.today() < first.away_until:
        warnings.append(OwnerWarning("away", {"until": str(first.away_until)}))
    region = acting.session.scalar(select(Region.code).where(Region.id == lead.region_id))
    if region is not None and region not in {position.region for position in positions}:
        warnings.append(OwnerWarning("other_region", {"region": region}))
    return [*warnings, *_load_warnings(acting, first, owner_id)]


def _load_warnings(acting: Acting, member: RosterMember, owner_id: UUID) -> list[OwnerWarning]:
    if member.open_leads_limit is None:
        return []
    owned = select(func.count()).select_from(Lead).where(Lead.owner_id == owner_id, Lead.outcome == "open")
    count = acting.session.scalar(owned) or 0
    if count < member.open_leads_limit:
        return []
    return [OwnerWarning("at_capacity", {"open_leads": count, "limit": member.open_leads_limit})]


def _require_right(acting: Acting) -> None:
    acting.policy.require_right(acting.viewer, "lead.reassign")
    acting.policy.require_editable(acting.viewer, "lead", ["owner_id"])
