"""Assignment health: how many new leads wait too long, since when, and why."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement, and_, func, select

from api.acting import ActingDep
from api.contracts.assignment_health import (
    AssignmentHealthView,
    AssignmentLimits,
    DiagnosisView,
    HealthHours,
    HourFacts,
    IncidentFacts,
    WaitingFacts,
    WaitingQuery,
)
from api.contracts.leads import Leads
from api.dependencies import LocaleDep
from api.diagnosis_views import diagnosis_view, incident_facts
from api.presenting import Presenter
from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.pipeline.health.assignment_health import (
    WaitingShare,
    arrivals_by_hour,
    is_waiting,
    judged_span,
    waited_too_long,
    waiting_share,
)
from crm_core.pipeline.health.diagnosis import diagnose
from crm_core.pipeline.health.incidents import find_incident, incidents, open_incident, watch_assignment
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead

router = APIRouter(prefix="/api/assignment-health", tags=["assignment health"])

#: who keeps the process going looks at how leads reach people
_RIGHT = "playbook.edit"


@router.get("")
def show_assignment_health(wanted: Annotated[HealthHours, Query()], acting: ActingDep) -> AssignmentHealthView:
    """The share that waits now, arrivals by hour, and past incidents."""
    acting.policy.require_right(acting.viewer, _RIGHT)
    rules = acting.playbook.health.assignment
    since = clock.now() - timedelta(hours=wanted.hours)
    return AssignmentHealthView(
        limits=AssignmentLimits(**rules.model_dump(include={"waiting_hours", "alert_share", "window_hours"})),
        now=_waiting(acting, waiting_share(acting.session, rules)),
        hours=[
            HourFacts(hour=one.hour, received=one.received, waited=one.waited, is_judged=one.is_judged)
            for one in arrivals_by_hour(acting.session, rules, since)
        ],
        incidents=_incidents(acting),
    )


@router.post("/checks")
def check_now(acting: ActingDep) -> WaitingFacts:
    """Look now, as the job does every few minutes: an alarm rings, or an incident ends."""
    acting.policy.require_right(acting.viewer, _RIGHT)
    return _waiting(acting, watch_assignment(acting.session))


@router.get("/incidents")
def list_incidents(acting: ActingDep) -> list[IncidentFacts]:
    """The latest first."""
    acting.policy.require_right(acting.viewer, _RIGHT)
    return _incidents(acting)


@router.get("/diagnosis")
def show_diagnosis(acting: ActingDep, locale: LocaleDep, incident_id: UUID | None = None) -> DiagnosisView:
    """Everything about an incident on one page; about the open one, or about now, when none is named."""
    acting.policy.require_right(acting.viewer, _RIGHT)
    incident = find_incident(acting.session, incident_id) if incident_id else open_incident(acting.session)
    found = diagnose(acting.session, acting.playbook.health.assignment, incident)
    return diagnosis_view(acting, locale, incident, found)


@router.get("/leads", response_model_exclude_unset=True)
def open_number(wanted: Annotated[WaitingQuery, Query()], acting: ActingDep, locale: LocaleDep) -> Leads:
    """The leads behind a number, those that have waited longest first."""
    acting.policy.require_right(acting.viewer, _RIGHT)
    acting.policy.require_readable(acting.viewer, "lead", ["owner_id", "outcome", "received_at"])
    visible = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)
    matching = select(Lead).where(visible, _condition(acting, wanted))
    total = acting.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    page = matching.order_by(Lead.received_at, Lead.id).limit(wanted.limit).offset(wanted.offset)
    return Leads(items=Presenter(acting, locale).leads(acting.session.scalars(page).all()), total=total)


def _condition(acting: Acting, wanted: WaitingQuery) -> ColumnElement[bool]:
    rules = acting.playbook.health.assignment
    since, until = judged_span(rules, clock.now())
    judged = Lead.received_at.between(since, until)
    if wanted.kind in {"received", "waited"}:
        hour = wanted.hour or until
        within = and_(Lead.received_at >= hour, Lead.received_at < hour + timedelta(hours=1))
        return and_(within, waited_too_long(rules)) if wanted.kind == "waited" else within
    conditions: dict[str, Any] = {
        "waiting": and_(judged, is_waiting()),
        "judged": judged,
        "backlog": and_(Lead.received_at < since, is_waiting()),
    }
    condition: ColumnElement[bool] = conditions[wanted.kind]
    return condition


def _waiting(acting: Acting, share: WaitingShare) -> WaitingFacts:
    return WaitingFacts(
        at=share.at,
        since=share.since,
        until=share.until,
        judged=share.judged,
        waiting=share.waiting,
        in_pools=share.in_pools,
        backlog=share.backlog,
        share=share.share,
        lowest=share.interval.lowest,
        highest=share.interval.highest,
        is_alarming=share.is_alarming(acting.playbook.health.assignment),
    )


def _incidents(acting: Acting) -> list[IncidentFacts]:
    return [incident_facts(incident) for incident in incidents(acting.session)]
