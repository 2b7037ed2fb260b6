"""Claim pools: what waits, taking it, letting it go, moving it to another pool."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.assignment_views import DecisionTeller
from api.contracts.inputs import Code
from api.contracts.leads import LeadFacts
from api.contracts.paging import Page
from api.contracts.pools import PooledLead, PooledLeads, PoolFacts, PoolMove, Pools, Release, Released
from api.dependencies import LocaleDep
from api.presenting import Presenter
from crm_core.customers.acting import Acting
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.foundation.translations import Locale
from crm_core.people.repository import all_regions
from crm_core.pipeline.assignment.claiming import claim, release
from crm_core.pipeline.assignment.manual import move_to_pool
from crm_core.pipeline.assignment.pools import PoolState, claim_pool, claim_refusal, pool_states, waiting_leads
from crm_core.pipeline.assignment.repository import latest_decisions
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.repository import find_lead
from crm_core.pipeline.tables import Lead

router = APIRouter(prefix="/api", tags=["pools"])

_CUSTOMER_FACTS = ("industry", "size", "city")


@router.get("/pools")
def list_pools(acting: ActingDep, locale: LocaleDep) -> Pools:
    """The claim pools of the viewer, how much waits in each, and whether something may be taken now."""
    return Pools(items=[_pool(acting, locale, state) for state in pool_states(acting)])


@router.get("/pools/{pool_code}/leads", response_model_exclude_unset=True)
def list_pool_leads(
    pool_code: Code, wanted: Annotated[Page, Query()], acting: ActingDep, locale: LocaleDep
) -> PooledLeads:
    """What waits in a pool, oldest first."""
    pool = claim_pool(acting.playbook, pool_code)
    rows, total = waiting_leads(acting, pool, limit=wanted.limit, offset=wanted.offset)
    facts = Presenter(acting, locale).leads([lead for lead, _ in rows])
    latest = latest_decisions(acting.session, [lead.id for lead, _ in rows])
    view = _PoolView(acting, locale)
    pairs = zip(rows, facts, strict=True)
    items = [view.lead(lead, customer, told, latest.get(lead.id)) for (lead, customer), told in pairs]
    return PooledLeads(items=items, total=total)


@router.post("/pools/{pool_code}/leads/{lead_id}/claim", response_model_exclude_unset=True)
def claim_lead(pool_code: Code, lead_id: UUID, acting: ActingDep, locale: LocaleDep) -> LeadFacts:
    """Take a lead; of several at once one gets it."""
    return Presenter(acting, locale).leads([claim(acting, pool_code, lead_id)])[0]


@router.post("/leads/{lead_id}/release")
def release_lead(lead_id: UUID, wanted: Release, acting: ActingDep, locale: LocaleDep) -> Released:
    """Let a lead go to its pool."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
    code = release(acting, lead, wanted.reason)
    return Released(lead_id=lead_id, pool=code, pool_name=acting.playbook.assignment.pool(code).name.spoken(locale))


@router.post("/leads/{lead_id}/pool", status_code=status.HTTP_201_CREATED)
def move_lead_to_pool(lead_id: UUID, wanted: PoolMove, acting: ActingDep, locale: LocaleDep) -> Released:
    """Let a lead wait in another pool."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
    move_to_pool(acting, lead, wanted.pool, wanted.reason)
    name = acting.playbook.assignment.pool(wanted.pool).name.spoken(locale)
    return Released(lead_id=lead_id, pool=wanted.pool, pool_name=name)


def _pool(acting: Acting, locale: Locale, state: PoolState) -> PoolFacts:
    pool = state.pool
    refusal = claim_refusal(acting, pool) if state.is_member else "not_on_roster"
    teller = DecisionTeller(Presenter(acting, locale), with_people=False)
    return PoolFacts(
        code=pool.code,
        name=pool.name.spoken(locale),
        is_fallback=acting.playbook.assignment.fallback.pool == pool.code,
        is_member=state.is_member,
        members=state.members,
        waiting=state.waiting,
        oldest_received_at=state.oldest_received_at,
        taken_today=state.taken_today,
        daily_limit=pool.daily_limit,
        cooling_off_days=pool.cooling_off_days,
        recycle_after_days=pool.recycle_after_days,
        refusal=teller.reason(refusal) if refusal and state.is_member else None,
    )


class _PoolView:
    """Waiting leads as one viewer may read them."""

    def __init__(self, acting: Acting, locale: Locale) -> None:
        self._acting = acting
        self._teller = DecisionTeller(Presenter(acting, locale), with_people=False)
        self._regions = {region.id: region.name for region in all_regions(acting.session)}
        sizes = acting.playbook.customer_sizes
        self._sizes: dict[str | None, str] = {size.code: size.name.spoken(locale) for size in sizes}

    def lead(self, lead: Lead, customer: Customer, told: LeadFacts, latest: AssignmentDecision | None) -> PooledLead:
        policy, viewer = self._acting.policy, self._acting.viewer
        known = {name: getattr(customer, name) for name in _CUSTOMER_FACTS}
        shown = policy.present(viewer, "customer", known)
        if "size" in shown:
            shown["size"] = self._sizes.get(customer.size, customer.size)
        region = policy.present(viewer, "lead", {"region_id": lead.region_id or customer.region_id})
        if region.get("region_id"):
            shown["region_name"] = self._regions.get(region["region_id"])
        waited = clock.now() - lead.received_at
        return PooledLead(
            lead=told,
            received_at=lead.received_at,
            waiting_hours=round(waited.total_seconds() / 3600, 2),
            why=self._teller.why(latest.reason, latest.record) if latest else None,
            **shown,
        )
