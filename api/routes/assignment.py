"""Who gets which lead: run the rules, decide by hand, see why, try a lead that does not exist."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.assignment_views import DecisionTeller
from api.contracts.assignment import (
    DecisionFacts,
    DecisionQuery,
    DecisionReplay,
    Decisions,
    LeadAssignment,
    LeadToTry,
    RotationFacts,
    RotationPlace,
    Rotations,
    RunPromised,
    TriedLead,
)
from api.dependencies import LocaleDep
from api.presenting import Presenter
from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.translations import Locale
from crm_core.people.repository import RegionNotFound, all_regions, region_called
from crm_core.pipeline.assignment.engine import Assigner
from crm_core.pipeline.assignment.errors import LeadHasOwner
from crm_core.pipeline.assignment.facts import LeadFacts
from crm_core.pipeline.assignment.jobs import promise_waiting
from crm_core.pipeline.assignment.manual import reassign
from crm_core.pipeline.assignment.record import Recorder
from crm_core.pipeline.assignment.replaying import replay_kept
from crm_core.pipeline.assignment.repository import decisions_of, find_decision
from crm_core.pipeline.assignment.rotation import Place, rotations
from crm_core.pipeline.assignment.running import assign, preview
from crm_core.pipeline.assignment.search import DecisionFilter, search_decisions, waiting_count
from crm_core.pipeline.repository import find_lead
from crm_core.pipeline.tables import Lead

router = APIRouter(prefix="/api", tags=["assignment"])

_RIGHT = "lead.reassign"


@router.post("/leads/{lead_id}/assignment", status_code=status.HTTP_201_CREATED)
def assign_lead(lead_id: UUID, wanted: LeadAssignment, acting: ActingDep, locale: LocaleDep) -> DecisionFacts:
    """Place a lead that nobody owns by the rules, or give it to somebody by hand; the decision with its reasons."""
    acting.policy.require_right(acting.viewer, _RIGHT)
    lead = _found(acting, lead_id)
    if wanted.owner_id is not None:
        reassign(acting, lead, wanted.owner_id, wanted.reason)
    elif lead.owner_id is not None:
        raise LeadHasOwner(lead_id=lead_id)
    else:
        assign(acting.session, [lead_id])
    latest = decisions_of(acting.session, lead_id)[0]
    return _teller(acting, locale).decisions([latest])[0]


@router.get("/leads/{lead_id}/assignments")
def list_assignments(lead_id: UUID, acting: ActingDep, locale: LocaleDep) -> Decisions:
    """Every decision about who gets this lead, latest first, each with the steps to it."""
    _found(acting, lead_id)
    acting.policy.require_readable(acting.viewer, "lead", ["owner_id"])
    items = _teller(acting, locale).decisions(decisions_of(acting.session, lead_id))
    return Decisions(items=items, total=len(items))


@router.get("/leads/{lead_id}/assignments/{decision_id}/replay")
def replay_assignment(lead_id: UUID, decision_id: UUID, acting: ActingDep) -> DecisionReplay:
    """Take a decision again from the kept rules and roster, and compare."""
    _found(acting, lead_id)
    acting.policy.require_readable(acting.viewer, "lead", ["owner_id"])
    problem = replay_kept(acting.session, find_decision(acting.session, lead_id, decision_id)).problem
    return DecisionReplay(is_identical=problem is None, problem=problem)


@router.get("/assignment/decisions")
def list_decisions(wanted: Annotated[DecisionQuery, Query()], acting: ActingDep, locale: LocaleDep) -> Decisions:
    """Decisions about leads within reach, latest first."""
    acting.policy.require_right(acting.viewer, _RIGHT)
    named = DecisionFilter(**wanted.model_dump(exclude={"limit", "offset"}))
    rows, total = search_decisions(acting, named, limit=wanted.limit, offset=wanted.offset)
    titles = {decision.lead_id: title for decision, title in rows}
    items = _teller(acting, locale).decisions([decision for decision, _ in rows], titles)
    return Decisions(items=items, total=total)


@router.post("/assignment/try")
def try_lead(wanted: LeadToTry, acting: ActingDep, locale: LocaleDep) -> TriedLead:
    """What would happen to such a lead now; nothing is written."""
    acting.policy.require_right(acting.viewer, _RIGHT)
    decision, roster = preview(acting.session, acting.playbook, _facts(acting, wanted))
    teller = _teller(acting, locale)
    record = Recorder(Assigner(acting.playbook, roster)).record(decision)
    steps = teller.steps(record)
    return TriedLead(
        outcome=decision.outcome,
        text=teller.summary(decision.outcome, decision.person_id, decision.pool),
        rule=decision.rule,
        pool=decision.pool,
        pool_name=teller.pool_name(decision.pool),
        owner_id=decision.person_id,
        owner_name=teller.person_name(decision.person_id),
        reason=teller.why(decision.reason, record),
        steps=steps,
    )


@router.get("/assignment/rotation")
def show_rotations(acting: ActingDep, locale: LocaleDep) -> Rotations:
    """Where each pool's rotation stands, and who is held back at this moment."""
    acting.policy.require_right(acting.viewer, _RIGHT)
    found, teller = rotations(acting.session, acting.playbook), _teller(acting, locale)
    people = {place.member.person_id for rotation in found for place in rotation.places}
    names = Presenter(acting, locale).people_names(people)
    regions = {region.id: region.name for region in all_regions(acting.session)}
    items = [
        RotationFacts(
            pool=rotation.pool.code,
            pool_name=rotation.pool.name.spoken(locale),
            strategy=rotation.pool.strategy,
            places=[_place(place, names, regions, teller) for place in rotation.places],
        )
        for rotation in found
    ]
    return Rotations(items=items, waiting=waiting_count(acting))


@router.post("/assignment/run", status_code=status.HTTP_202_ACCEPTED)
def run_assignment(acting: ActingDep) -> RunPromised:
    """Place every lead that waits for the rules, at once and beside the request."""
    acting.policy.require_right(acting.viewer, _RIGHT)
    promise_waiting(acting.session)
    return RunPromised(waiting=waiting_count(acting))


def _found(acting: Acting, lead_id: UUID) -> Lead:
    return find_lead(acting.session, acting.viewer, acting.policy, lead_id)


def _teller(acting: Acting, locale: Locale) -> DecisionTeller:
    with_people = acting.policy.has_right(acting.viewer, _RIGHT)
    return DecisionTeller(Presenter(acting, locale), with_people=with_people)


def _facts(acting: Acting, wanted: LeadToTry) -> LeadFacts:
    """Raises RegionNotFound."""
    values = wanted.model_dump(exclude={"region", "received_at"})
    region = None
    if wanted.region:
        found = region_called(acting.session, wanted.region.strip())
        if found is None:
            raise RegionNotFound(id=wanted.region)
        region = found.code
    return LeadFacts(**values, region=region, received_at=wanted.received_at or clock.now())


def _place(
    place: Place, names: Mapping[UUID, str], regions: Mapping[UUID, str], teller: DecisionTeller
) -> RotationPlace:
    standing, region_id = place.standing, place.member.region_id
    return RotationPlace(
        person_id=standing.person_id,
        person_name=names.get(standing.person_id, ""),
        region_name=regions.get(region_id) if region_id else None,
        turns=standing.turns or 0,
        given=place.given,
        given_today=standing.given_today,
        open_leads=standing.open_leads,
        limit=standing.limit,
        weight=standing.weight,
        held_back=teller.reason(place.reason) if place.reason else None,
    )
