"""Stage health for a viewer: figures of each stage, by week and by group, and the leads behind each number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, and_

from crm_core.customers.acting import Acting
from crm_core.foundation.clock import BUSINESS_ZONE
from crm_core.foundation.errors import Invalid
from crm_core.people.access import Level
from crm_core.pipeline.health.event_log import Integers, instant_number
from crm_core.pipeline.health.material import GroupKind, Material, Window, read_material
from crm_core.pipeline.health.stage_figures import (
    BackFlow,
    Dwell,
    StageFigures,
    Step,
    age_column,
    back_flow_of,
    dwell_of,
    figures_of_stage,
    step_of,
)
from crm_core.pipeline.health.stays import BACK, FORWARD, LOST, OPEN, PARKED
from crm_core.pipeline.health.survival import Floats
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead

#: a list behind a number: what it counts
Figure = Literal["open", "overdue", "entered", "forward", "back", "lost", "parked", "undecided", "went_back", "stayed"]
_FATES: Mapping[str, int] = {"forward": FORWARD, "back": BACK, "lost": LOST, "parked": PARKED, "undecided": OPEN}
_READ_FIELDS = ("stage", "stage_entered_at", "outcome", "outcome_at", "owner_id", "region_id", "is_overdue")
_MOST_WEEKS = 53


class WindowReversed(Invalid):
    code = "health_window_reversed"


class StageNotWatched(Invalid):
    """Parameters: stage, allowed."""

    code = "health_stage_unknown"


@dataclass(frozen=True, slots=True)
class HealthFilter:
    """Which leads, and when they entered the stages."""

    window: Window
    region_id: UUID | None = None
    team_id: UUID | None = None
    person_id: UUID | None = None
    source: str | None = None
    product: str | None = None
    #: conversion is also told for those who were given so much time
    horizon_days: int = 30


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """A stage in one week of entering."""

    week: date
    stage: str
    dwell: Dwell
    step: Step
    back_flow: BackFlow


@dataclass(frozen=True, slots=True)
class GroupFigures:
    id: UUID
    stages: Sequence[StageFigures]


@dataclass(frozen=True, slots=True)
class StageHealth:
    leads: int
    stages: Sequence[StageFigures]
    weeks: Sequence[WeekFigures]


def stage_health(acting: Acting, wanted: HealthFilter) -> StageHealth:
    """The figures of everything that the viewer may see and asks for. Raises FieldForbidden, WindowReversed."""
    material = material_for(acting, wanted)
    figures = figures_of(material, wanted.horizon_days)
    if acting.policy.level(acting.viewer, "lead", "outcome_reason") >= Level.READ:
        figures = [
            replace(one, loss_reasons=_loss_reasons(material, wanted.window, number))
            for number, one in enumerate(figures)
        ]
    return StageHealth(len(np.unique(_everyone(material))), figures, weeks_of(material, wanted))


def group_health(acting: Acting, wanted: HealthFilter, kind: GroupKind) -> list[GroupFigures]:
    """The same for each region, team or person that has anything; without curves."""
    material = material_for(acting, wanted)
    ids = material.ids(kind)
    return [
        GroupFigures(ids[number], figures_of(material.group(kind, number), wanted.horizon_days, with_curve=False))
        for number in material.groups(kind)
    ]


def leads_behind(
    acting: Acting,
    wanted: HealthFilter,
    stage: str,
    figure: Figure,
    *,
    age: int | None = None,
    week: date | None = None,
) -> list[UUID]:
    """The ids of the leads that a number counts, longest first; `age` is a column of the heat map."""
    codes = [known.code for known in acting.playbook.stages]
    if stage not in codes:
        raise StageNotWatched(stage=stage, allowed=", ".join(codes))
    material = material_for(acting, wanted).stage(codes.index(stage))
    if week is not None:
        material = material.entered_between(*_week_bounds(week, wanted.window))
    lead, hours = _rows_behind(material, figure, age)
    order = np.argsort(-hours, kind="stable")
    unique = dict.fromkeys(lead[order].tolist())
    return [material.log.lead_id(position) for position in unique]


def material_for(acting: Acting, wanted: HealthFilter) -> Material:
    """What the viewer may see of what is asked for."""
    acting.policy.require_readable(acting.viewer, "lead", _READ_FIELDS)
    if wanted.window.until <= wanted.window.since:
        raise WindowReversed(since=wanted.window.since.isoformat(), until=wanted.window.until.isoformat())
    material = read_material(acting.session, acting.playbook, _condition(acting, wanted), wanted.window)
    chosen: tuple[tuple[GroupKind, UUID | None], ...] = (
        ("region", wanted.region_id),
        ("team", wanted.team_id),
        ("person", wanted.person_id),
    )
    for kind, asked in chosen:
        if asked is not None:
            ids = material.ids(kind)
            material = material.group(kind, ids.index(asked) if asked in ids else -2)
    return material


def figures_of(material: Material, horizon_days: int, *, with_curve: bool = True) -> list[StageFigures]:
    """The figures of every stage of the playbook, in its order."""
    return [
        figures_of_stage(stage, material.stage(number), horizon_days * 24, with_curve=with_curve)
        for number, stage in enumerate(material.log.names.stages)
    ]


def _condition(acting: Acting, wanted: HealthFilter) -> ColumnElement[bool]:
    conditions = [acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)]
    for name in ("source", "product"):
        value = getattr(wanted, name)
        if value is not None:
            acting.policy.require_readable(acting.viewer, "lead", [name])
            conditions.append(getattr(Lead, name) == value)
    return and_(*conditions)


def _everyone(material: Material) -> Integers:
    return np.concatenate((material.stays.lead, material.passages.lead, material.standing))


def _rows_behind(material: Material, figure: Figure, age: int | None) -> tuple[Integers, Floats]:
    """Leads and their hours, as the figure counts them."""
    stays, passages = material.stays, material.passages
    if figure in {"open", "overdue"}:
        chosen = np.ones(len(material.standing), dtype=bool)
        if figure == "overdue":
            chosen &= material.log.lead_is_overdue[material.standing]
        if age is not None:
            chosen &= age_column(material.standing_hours) == age
        return material.standing[chosen], material.standing_hours[chosen]
    if figure in {"stayed", "went_back"}:
        of_stays = stays.ending == BACK if figure == "went_back" else np.ones(len(stays.lead), dtype=bool)
        return stays.lead[of_stays], material.stay_hours[of_stays]
    of_passages = np.ones(len(passages.lead), dtype=bool) if figure == "entered" else passages.fate == _FATES[figure]
    return passages.lead[of_passages], material.passage_hours[of_passages]


def weeks_of(material: Material, wanted: HealthFilter) -> list[WeekFigures]:
    """Weeks from Monday on, the latest of a long window."""
    first = _monday(wanted.window.since)
    last = _monday(wanted.window.until - timedelta(microseconds=1))
    weeks = [first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1)][-_MOST_WEEKS:]
    stages = [material.stage(number) for number in range(len(material.log.names.stages))]
    horizon_hours = wanted.horizon_days * 24
    found = []
    for week in weeks:
        bounds = _week_bounds(week, wanted.window)
        for name, stage in zip(material.log.names.stages, stages, strict=True):
            part = stage.entered_between(*bounds)
            dwell = dwell_of(part.stay_hours, part.stays.ending, with_curve=False)
            step = step_of(part.passage_hours, part.passages.fate, horizon_hours)
            found.append(WeekFigures(week, name, dwell, step, back_flow_of(part.stays.ending)))
    return found


def _monday(instant: datetime) -> date:
    day = instant.astimezone(BUSINESS_ZONE).date()
    return day - timedelta(days=day.weekday())


def _week_bounds(week: date, window: Window) -> tuple[int, int]:
    """Where a week begins and ends, within the window."""
    begins = datetime.combine(week, time(), BUSINESS_ZONE)
    ends = datetime.combine(week + timedelta(weeks=1), time(), BUSINESS_ZONE)
    return instant_number(max(begins, window.since)), instant_number(min(ends, window.until))


def _loss_reasons(material: Material, window: Window, stage: int) -> dict[str, int]:
    """Of the leads that were lost in a stage within the window and still are: how many for which reason."""
    log, positions = material.log, np.unique(_everyone(material))
    lost_at = log.lead_outcome_at[positions]
    inside = (log.lead_outcome[positions] == 2) & (log.lead_stage[positions] == stage)
    inside &= (lost_at >= instant_number(window.since)) & (lost_at < instant_number(window.until))
    reasons, counts = np.unique(log.lead_reason[positions[inside]], return_counts=True)
    found = [
        (log.names.reasons[reason], count)
        for reason, count in zip(reasons, counts.tolist(), strict=True)
        if reason >= 0
    ]
    return dict(sorted(found, key=lambda one: (-one[1], one[0])))
