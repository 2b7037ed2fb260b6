"""Stage health: how long leads stay, how far they come, where they age; every number opens its list."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import select

from api.acting import ActingDep
from api.contracts.leads import Leads
from api.contracts.stage_health import (
    BackFlowFacts,
    BehindQuery,
    DwellFacts,
    Estimate,
    GroupFacts,
    GroupQuery,
    Groups,
    HealthQuery,
    LossReason,
    ReviewFacts,
    Reviews,
    StageFacts,
    StageHealthView,
    StandingFacts,
    StepFacts,
    WeekFacts,
)
from api.dependencies import LocaleDep
from api.presenting import Presenter
from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.translations import Locale, translate
from crm_core.people.tables import Person, Region, Team
from crm_core.pipeline.health.material import Window
from crm_core.pipeline.health.reviews import CODE, review_stages
from crm_core.pipeline.health.stage_figures import AGE_EDGES_HOURS, FEWEST, BackFlow, Dwell, StageFigures, Step
from crm_core.pipeline.health.stage_health import HealthFilter, group_health, leads_behind, stage_health
from crm_core.pipeline.health.survival import Interval
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead
from crm_core.work.tables import Task
from crm_core.work.tasks import TASK_COLUMNS, find_task

router = APIRouter(prefix="/api/stage-health", tags=["stage health"])

_DEFAULT_WINDOW = timedelta(days=90)


@router.get("")
def show_stage_health(wanted: Annotated[HealthQuery, Query()], acting: ActingDep, locale: LocaleDep) -> StageHealthView:
    """Every stage of what the viewer may see: dwell, conversion, back-flow, ageing, by week."""
    asked = _filter(wanted)
    health = stage_health(acting, asked)
    return StageHealthView(
        since=asked.window.since,
        until=asked.window.until,
        clock=asked.window.clock,
        horizon_days=asked.horizon_days,
        fewest=FEWEST,
        leads=health.leads,
        age_edges_hours=list(AGE_EDGES_HOURS),
        stages=_stages(acting, locale, health.stages),
        weeks=[
            WeekFacts(
                week=one.week,
                stage=one.stage,
                dwell=_dwell(one.dwell),
                step=_step(one.step),
                back_flow=_back_flow(one.back_flow),
            )
            for one in health.weeks
        ],
    )


@router.get("/groups")
def compare_groups(wanted: Annotated[GroupQuery, Query()], acting: ActingDep, locale: LocaleDep) -> Groups:
    """The same for each region, team or person, as they were on the day of each move."""
    found = group_health(acting, _filter(wanted), wanted.by)
    names = _group_names(acting, wanted.by)
    items = [
        GroupFacts(id=one.id, name=names.get(one.id, str(one.id)), stages=_stages(acting, locale, one.stages))
        for one in found
    ]
    return Groups(by=wanted.by, items=sorted(items, key=lambda item: item.name), total=len(items))


@router.get("/leads", response_model_exclude_unset=True)
def open_number(wanted: Annotated[BehindQuery, Query()], acting: ActingDep, locale: LocaleDep) -> Leads:
    """The leads that a number counts, those that took longest first."""
    ids = leads_behind(acting, _filter(wanted), wanted.stage, wanted.figure, age=wanted.age, week=wanted.week)
    return _leads(acting, locale, ids, wanted.limit, wanted.offset)


@router.get("/reviews")
def list_reviews(acting: ActingDep, locale: LocaleDep) -> Reviews:
    """The reviews that were called for, latest first."""
    acting.policy.require_readable(acting.viewer, "task", ["title", "status"])
    visible = acting.policy.visible(acting.viewer, "task", TASK_COLUMNS)
    statement = select(Task).where(Task.code == CODE, visible).order_by(Task.created_at.desc(), Task.id)
    items = _reviews(acting, locale, acting.session.scalars(statement.limit(200)).all())
    return Reviews(items=items, total=len(items))


@router.post("/reviews")
def call_for_reviews(acting: ActingDep, locale: LocaleDep) -> Reviews:
    """Look at every trigger now, as the nightly job does; what has been called for is not called for again."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    items = _reviews(acting, locale, review_stages(acting.session, acting.playbook))
    return Reviews(items=items, total=len(items))


@router.get("/reviews/{task_id}/leads", response_model_exclude_unset=True)
def list_review_leads(task_id: UUID, acting: ActingDep, locale: LocaleDep) -> Leads:
    """The leads that a review is about, as far as the viewer may see them."""
    task = find_task(acting, task_id)
    ids = [UUID(lead_id) for lead_id in task.parameters.get("lead_ids", ())]
    visible = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)
    seen = set(acting.session.scalars(select(Lead.id).where(Lead.id.in_(ids), visible)))
    return _leads(acting, locale, [lead_id for lead_id in ids if lead_id in seen], len(ids) or 1, 0)


def _filter(wanted: HealthQuery) -> HealthFilter:
    until = wanted.until or clock.now()
    since = wanted.since or until - _DEFAULT_WINDOW
    return HealthFilter(
        window=Window(_with_zone(since), _with_zone(until), wanted.clock),
        region_id=wanted.region_id,
        team_id=wanted.team_id,
        person_id=wanted.person_id,
        source=wanted.source,
        product=wanted.product,
        horizon_days=wanted.horizon_days,
    )


def _with_zone(instant: datetime) -> datetime:
    """A time without a zone is one of the business."""
    return instant if instant.tzinfo else instant.replace(tzinfo=clock.BUSINESS_ZONE)


def _leads(acting: Acting, locale: Locale, ids: Sequence[UUID], limit: int, offset: int) -> Leads:
    page = ids[offset : offset + limit]
    rows = {lead.id: lead for lead in acting.session.scalars(select(Lead).where(Lead.id.in_(page)))}
    return Leads(items=Presenter(acting, locale).leads([rows[lead_id] for lead_id in page]), total=len(ids))


def _stages(acting: Acting, locale: Locale, stages: Sequence[StageFigures]) -> list[StageFacts]:
    names = {stage.code: stage.name.spoken(locale) for stage in acting.playbook.stages}
    reasons = {reason.code: reason.name.spoken(locale) for reason in acting.playbook.outcome_reasons.lost}
    return [
        StageFacts(
            stage=one.stage,
            name=names[one.stage],
            standing=StandingFacts(
                open=one.standing.open,
                overdue=one.standing.overdue,
                overdue_share=_estimate(one.standing.overdue_share),
                ages=list(one.standing.ages),
            ),
            dwell=_dwell(one.dwell),
            step=_step(one.step),
            back_flow=_back_flow(one.back_flow),
            loss_reasons=None
            if one.loss_reasons is None
            else [LossReason(code=code, name=reasons[code], count=n) for code, n in one.loss_reasons.items()],
        )
        for one in stages
    ]


def _dwell(dwell: Dwell) -> DwellFacts:
    return DwellFacts(
        stays=dwell.stays,
        ended=dwell.ended,
        is_enough=dwell.is_enough,
        median_hours=_estimate(dwell.median),
        p90_hours=_estimate(dwell.p90),
        mean_hours=dwell.mean,
        mean_until_hours=dwell.mean_until,
        curve=list(dwell.curve),
    )


def _step(step: Step) -> StepFacts:
    return StepFacts(
        entered=step.entered,
        forward=step.forward,
        back=step.back,
        lost=step.lost,
        parked=step.parked,
        undecided=step.open,
        decided=step.decided,
        is_enough=step.is_enough,
        conversion=_estimate(step.conversion),
        conversion_within_horizon=_estimate(step.within_horizon),
    )


def _back_flow(found: BackFlow) -> BackFlowFacts:
    return BackFlowFacts(ended=found.ended, back=found.back, share=_estimate(found.share))


def _estimate(interval: Interval) -> Estimate:
    return Estimate(value=interval.value, lowest=interval.lowest, highest=interval.highest)


def _group_names(acting: Acting, kind: str) -> Mapping[UUID, str]:
    if kind == "person":
        return {row.id: row.name for row in acting.session.execute(select(Person.id, Person.name))}
    if kind == "team":
        return {team.id: team.name for team in acting.session.scalars(select(Team))}
    return {region.id: region.name for region in acting.session.scalars(select(Region))}


def _reviews(acting: Acting, locale: Locale, tasks: Sequence[Task]) -> list[ReviewFacts]:
    presenter = Presenter(acting, locale)
    names = presenter.people_names(task.assignee_id for task in tasks)
    return [
        ReviewFacts(
            task_id=task.id,
            title=presenter.task_title(task),
            status=task.status,
            assignee_name=names.get(task.assignee_id),
            made_at=task.created_at,
            due_at=task.due_at,
            stage=task.parameters["stage"],
            stage_name=presenter.stage_name(task.parameters["stage"]),
            measure=translate(f"stage_health.measure.{task.parameters['measure']}", locale),
            group_id=task.parameters["group_id"],
            figure=Estimate(**{name: task.parameters[name] for name in ("value", "lowest", "highest")}),
            count=task.parameters["count"],
            leads=task.parameters["leads"],
        )
        for task in tasks
    ]
