"""Calls for a review when a figure of a stage leaves its bounds: a task with the leads concerned, once a window."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.translations import LOCALES, translate
from crm_core.people.memberships import holds_on, people_with_role
from crm_core.people.tables import Membership, Region, Team
from crm_core.pipeline.health.event_log import Integers
from crm_core.pipeline.health.material import GroupKind, Material, Window, read_material
from crm_core.pipeline.health.stage_figures import StageFigures, figures_of_stage
from crm_core.pipeline.health.stays import BACK, FORWARD
from crm_core.pipeline.health.survival import Interval
from crm_core.process.health_rules import Measure, ReviewTrigger
from crm_core.process.playbook import Playbook
from crm_core.work.tables import Task
from crm_core.work.tasks import TaskOrder, make_task

KIND, CODE = "review", "stage_review"
#: so many leads are named in the task; the page of stage health lists all
_MOST_LEADS = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure that is out of bounds: of which group, how far, resting on how many."""

    trigger: ReviewTrigger
    #: None: the whole company
    group_id: UUID | None
    value: float
    interval: Interval
    count: int
    lead_ids: tuple[UUID, ...]


def review_stages(session: Session, playbook: Playbook) -> list[Task]:
    """The tasks made now; what has been called for within its window is not called for again."""
    made = []
    for finding in findings(session, playbook):
        task = _call_for_review(session, playbook, finding)
        if task is not None:
            made.append(task)
    return made


def findings(session: Session, playbook: Playbook) -> Iterator[Finding]:
    """Every figure of a trigger that is out of its bounds now, over all leads."""
    now = clock.now()
    for trigger in playbook.health.reviews:
        window = Window(now - timedelta(days=trigger.window_days), now)
        codes = [stage.code for stage in playbook.stages]
        material = read_material(session, playbook, true(), window).stage(codes.index(trigger.stage))
        for group_id, part in _groups(material, trigger):
            figures = figures_of_stage(trigger.stage, part, trigger.window_days * 24, with_curve=False)
            interval, count = measured(figures, trigger.measure)
            if interval.value is not None and count >= trigger.minimum_leads and is_outside(trigger, interval.value):
                yield Finding(trigger, group_id, interval.value, interval, count, _concerned(part, trigger))


def measured(figures: StageFigures, measure: Measure) -> tuple[Interval, int]:
    """A figure with its interval, and how many leads it rests on."""
    dwell, step = figures.dwell, figures.step
    return {
        "conversion": (step.conversion, step.decided),
        "median_dwell_hours": (dwell.median, dwell.stays),
        "p90_dwell_hours": (dwell.p90, dwell.stays),
        "back_flow_share": (figures.back_flow.share, figures.back_flow.ended),
        "overdue_share": (figures.standing.overdue_share, figures.standing.open),
    }[measure]


def is_outside(trigger: ReviewTrigger, value: float) -> bool:
    below = trigger.below is not None and value < trigger.below
    return below or (trigger.above is not None and value > trigger.above)


def _groups(material: Material, trigger: ReviewTrigger) -> Iterator[tuple[UUID | None, Material]]:
    if trigger.group == "company":
        yield None, material
        return
    kind: GroupKind = trigger.group
    ids = material.ids(kind)
    for number in material.groups(kind):
        yield ids[number], material.group(kind, number)


def _concerned(part: Material, trigger: ReviewTrigger) -> tuple[UUID, ...]:
    """The leads that a review looks at: those that did not go on, went back, stand overdue, or stayed longest."""
    positions: Integers
    if trigger.measure == "conversion":
        positions = part.passages.lead[part.passages.fate != FORWARD]
    elif trigger.measure == "back_flow_share":
        positions = part.stays.lead[part.stays.ending == BACK]
    elif trigger.measure == "overdue_share":
        positions = part.standing[part.log.lead_is_overdue[part.standing]]
    else:
        longer = part.stay_hours > (trigger.above or 0)
        positions = part.stays.lead[longer][np.argsort(-part.stay_hours[longer])]
    return tuple(part.log.lead_id(position) for position in dict.fromkeys(positions.tolist()))


def _call_for_review(session: Session, playbook: Playbook, finding: Finding) -> Task | None:
    trigger = finding.trigger
    prefix = f"review:{trigger.code}:{finding.group_id or 'company'}:"
    since = clock.now() - timedelta(days=trigger.window_days)
    recent = select(Task.id).where(Task.origin_key.startswith(prefix, autoescape=True), Task.created_at > since)
    receiver_id = _receiver(session, finding)
    if receiver_id is None or session.scalar(recent.limit(1)) is not None:
        return None
    order = TaskOrder(
        assignee_id=receiver_id,
        kind=KIND,
        code=CODE,
        parameters=_parameters(session, playbook, finding),
        due_at=clock.now() + timedelta(hours=trigger.due_hours),
        origin_key=f"{prefix}{clock.today()}",
    )
    return make_task(session, order, created_by=None)


def _parameters(session: Session, playbook: Playbook, finding: Finding) -> dict[str, Any]:
    trigger, now = finding.trigger, clock.now()
    group = _group_name(session, finding)
    facts: dict[str, Any] = {
        "trigger": trigger.code,
        "stage": trigger.stage,
        "measure": trigger.measure,
        "group": trigger.group,
        "group_id": str(finding.group_id) if finding.group_id else None,
        "value": finding.value,
        "lowest": finding.interval.lowest,
        "highest": finding.interval.highest,
        "count": finding.count,
        "since": (now - timedelta(days=trigger.window_days)).isoformat(),
        "until": now.isoformat(),
        "lead_ids": [str(lead_id) for lead_id in finding.lead_ids[:_MOST_LEADS]],
        "leads": len(finding.lead_ids),
    }
    for locale in LOCALES:
        facts[f"title_{locale}"] = translate(
            "task.stage_review",
            locale,
            name=trigger.name.spoken(locale),
            group=group or translate("stage_health.company", locale),
            stage=playbook.stage(trigger.stage).name.spoken(locale),
            measure=translate(f"stage_health.measure.{trigger.measure}", locale),
            value=_told(trigger.measure, finding.value),
            interval=_told_interval(trigger.measure, finding.interval),
            bound=_told(trigger.measure, trigger.below if trigger.below is not None else trigger.above),
            count=finding.count,
            leads=len(finding.lead_ids),
        )
    return facts


def _told(measure: Measure, value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:.1f} h" if measure.endswith("_hours") else f"{value:.0%}"


def _told_interval(measure: Measure, interval: Interval) -> str:
    return f"{_told(measure, interval.lowest)}–{_told(measure, interval.highest)}"


def _group_name(session: Session, finding: Finding) -> str | None:
    if finding.group_id is None:
        return None
    if finding.trigger.group == "team":
        return session.get_one(Team, finding.group_id).name
    return session.get_one(Region, finding.group_id).name


def _receiver(session: Session, finding: Finding) -> UUID | None:
    """Who is asked; where nobody holds the role for the group, whoever comes next above."""
    for role in _LADDER[_LADDER.index(finding.trigger.receiver) :]:
        holders = _holders(session, role, finding)
        if holders:
            return min(holders)
    return None


_LADDER = ("manager", "director", "operations", "admin")


def _holders(session: Session, role: str, finding: Finding) -> Iterable[UUID]:
    """Today's holders of a role for the group; operations and administrators are there for everybody."""
    if role in {"operations", "admin"} or finding.group_id is None:
        return people_with_role(session, role, clock.today())
    held = select(Membership.person_id).where(Membership.role == role, holds_on(clock.today()))
    if finding.trigger.group == "team" and role == "manager":
        return list(session.scalars(held.where(Membership.team_id == finding.group_id)))
    region_id = finding.group_id
    if finding.trigger.group == "team":
        region_id = session.get_one(Team, finding.group_id).region_id or region_id
    of_region = select(Team.id).where(Team.region_id == region_id)
    return list(session.scalars(held.where((Membership.region_id == region_id) | Membership.team_id.in_(of_region))))
