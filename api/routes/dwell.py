"""How long leads stay: the ladder of a lead, its postponement, and the steps that have fired."""

from collections.abc import Iterable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.contracts.dwell import (
    Breaches,
    BreachFacts,
    BreachQuery,
    DwellReceiver,
    DwellStep,
    DwellView,
    NewSnooze,
    SnoozeFacts,
)
from api.dependencies import LocaleDep
from api.presenting import Presenter
from crm_core.pipeline.dwell import snoozes
from crm_core.pipeline.dwell.reading import Dwell, LadderStep, dwell_of, told
from crm_core.pipeline.dwell.receivers import Receiver
from crm_core.pipeline.dwell.repository import BreachSearch, search_breaches
from crm_core.pipeline.dwell.tables import DwellBreach
from crm_core.pipeline.repository import find_lead
from crm_core.pipeline.search import is_overdue
from crm_core.pipeline.tables import Lead

router = APIRouter(prefix="/api", tags=["dwell"])

_SECONDS_PER_HOUR = 3600
_FILTERS = ("lead_id", "stage", "owner_id", "step")


@router.get("/leads/{lead_id}/dwell")
def show_dwell(lead_id: UUID, acting: ActingDep, locale: LocaleDep) -> DwellView:
    """How long a lead has stood in its stage, how much of the limit is left, and who is told when."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
    return _view(Presenter(acting, locale), lead, dwell_of(acting, lead))


@router.post("/leads/{lead_id}/dwell/snooze", status_code=status.HTTP_201_CREATED)
def snooze_dwell(lead_id: UUID, wanted: NewSnooze, acting: ActingDep, locale: LocaleDep) -> DwellView:
    """Postpone the next step with a reason; the owner and those with the right dwell.snooze may."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
    snoozes.snooze(acting, lead, wanted.until, wanted.reason)
    return _view(Presenter(acting, locale), lead, dwell_of(acting, lead))


@router.delete("/leads/{lead_id}/dwell/snooze")
def end_snooze(lead_id: UUID, acting: ActingDep, locale: LocaleDep) -> DwellView:
    """Take a postponement back; steps that are due meanwhile fire within a minute."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
    snoozes.end_snooze(acting, lead)
    return _view(Presenter(acting, locale), lead, dwell_of(acting, lead))


@router.get("/dwell/breaches")
def list_breaches(wanted: Annotated[BreachQuery, Query()], acting: ActingDep, locale: LocaleDep) -> Breaches:
    """Every step that has fired for leads within reach, latest first."""
    filters = {name: getattr(wanted, name) for name in _FILTERS if getattr(wanted, name) is not None}
    search = BreachSearch(filters, wanted.since, wanted.until, wanted.limit, wanted.offset)
    rows, total = search_breaches(acting, search)
    return Breaches(items=_breaches(Presenter(acting, locale), rows), total=total)


def _view(presenter: Presenter, lead: Lead, dwell: Dwell) -> DwellView:
    named = {receiver.person_id for step in dwell.steps for receiver in step.receivers}
    people = presenter.people_names({*named, dwell.snooze.snoozed_by if dwell.snooze else None})
    spent = dwell.spent.total_seconds() / _SECONDS_PER_HOUR if dwell.limit else None
    return DwellView(
        stage=dwell.stage,
        stage_name=presenter.stage_name(dwell.stage),
        entered_at=dwell.entered_at,
        is_open=dwell.is_open,
        clock=dwell.limit.clock if dwell.limit else None,
        calendar=dwell.calendar.code if dwell.calendar else None,
        calendar_name=dwell.calendar.name.spoken(presenter.locale) if dwell.calendar else None,
        limit_hours=dwell.limit.hours if dwell.limit else None,
        spent_hours=spent,
        remaining_hours=dwell.limit.hours - spent if dwell.limit and spent is not None else None,
        overdue_at=dwell.overdue_at,
        is_overdue=is_overdue(lead),
        snooze=_snooze(dwell, people),
        may_snooze=lead.alarm_at is not None and snoozes.may_snooze(presenter.acting, lead),
        longest_snooze_days=snoozes.LONGEST_SNOOZE_DAYS,
        steps=[_step(presenter, step, people) for step in dwell.steps],
    )


def _snooze(dwell: Dwell, people: Mapping[UUID, str]) -> SnoozeFacts | None:
    if dwell.snooze is None:
        return None
    return SnoozeFacts(
        until=dwell.snooze.until,
        reason=dwell.snooze.reason,
        snoozed_by=dwell.snooze.snoozed_by,
        snoozed_by_name=people.get(dwell.snooze.snoozed_by),
        created_at=dwell.snooze.created_at,
    )


def _step(presenter: Presenter, step: LadderStep, people: Mapping[UUID, str]) -> DwellStep:
    return DwellStep(
        step=step.step,
        after_hours=step.after_hours,
        due_at=step.due_at,
        fired_at=step.fired_at,
        state=step.state,
        receivers=_receivers(step.receivers, people),
        task=step.task.title.spoken(presenter.locale) if step.task else None,
    )


def _receivers(receivers: Iterable[Receiver], people: Mapping[UUID, str]) -> list[DwellReceiver]:
    return [
        DwellReceiver(
            rule=receiver.rule,
            person_id=receiver.person_id,
            name=people.get(receiver.person_id),
            stands_in=receiver.stands_in,
        )
        for receiver in receivers
    ]


def _breaches(presenter: Presenter, rows: Iterable[tuple[DwellBreach, Lead]]) -> list[BreachFacts]:
    rows = list(rows)
    receivers = {breach.id: told(breach) for breach, _ in rows}
    ids = {receiver.person_id for several in receivers.values() for receiver in several}
    people = presenter.people_names({*ids, *(breach.owner_id for breach, _ in rows)})
    leads = {facts.id: facts for facts in presenter.leads(list({lead.id: lead for _, lead in rows}.values()))}
    return [
        BreachFacts(
            id=breach.id,
            lead_id=breach.lead_id,
            lead_title=leads[breach.lead_id].title,
            customer_id=leads[breach.lead_id].customer_id,
            customer_name=leads[breach.lead_id].customer_name,
            stage=breach.stage,
            stage_name=presenter.stage_name(breach.stage),
            step=breach.step,
            limit_hours=breach.limit_hours,
            due_at=breach.due_at,
            fired_at=breach.fired_at,
            owner_id=breach.owner_id,
            owner_name=people.get(breach.owner_id) if breach.owner_id else None,
            receivers=_receivers(receivers[breach.id], people),
        )
        for breach, _ in rows
    ]
