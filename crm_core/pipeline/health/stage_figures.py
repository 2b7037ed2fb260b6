"""The figures of one stage: how many, how long, how far, how often back, how old. Each with the n that it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.pipeline.health.event_log import Integers
from crm_core.pipeline.health.material import Material
from crm_core.pipeline.health.stays import BACK, FORWARD, LOST, OPEN, OTHERWISE, PARKED
from crm_core.pipeline.health.survival import Floats, Interval, SurvivalCurve, incidence, wilson

#: with fewer stays or decided leads a figure is withheld: it would tell of luck
FEWEST = 10
_CURVE_POINTS = 60
_NOTHING = Interval(None, None, None)
#: ages of open leads in hours, up to which each column of the heat map goes; the last one is open-ended
AGE_EDGES_HOURS = (24, 72, 168, 336, 720, 1440, 2160)


@dataclass(frozen=True, slots=True)
class Dwell:
    """How long leads stay, running stays counted as not ended yet; hours on the chosen clock."""

    stays: int
    ended: int
    median: Interval
    p90: Interval
    #: counting at most `mean_until` of each stay
    mean: float | None
    mean_until: float | None
    curve: tuple[tuple[float, float, float, float], ...]

    @property
    def is_enough(self) -> bool:
        return self.stays >= FEWEST


@dataclass(frozen=True, slots=True)
class Step:
    """What became of the leads that entered a stage within the window: each counted once."""

    entered: int
    forward: int
    back: int
    lost: int
    parked: int
    open: int
    #: share that goes on: so far, and within the horizon; those undecided count for as long as they have been watched
    conversion: Interval
    within_horizon: Interval

    @property
    def decided(self) -> int:
        return self.forward + self.lost + self.parked

    @property
    def is_enough(self) -> bool:
        return self.decided >= FEWEST


@dataclass(frozen=True, slots=True)
class BackFlow:
    """Of the stays that ended, those that ended by going back."""

    ended: int
    back: int
    share: Interval


@dataclass(frozen=True, slots=True)
class Standing:
    """Open leads that stand in the stage now."""

    open: int
    overdue: int
    overdue_share: Interval
    #: how many by age, in the columns of AGE_EDGES_HOURS and one for older
    ages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StageFigures:
    """Everything about one stage."""

    stage: str
    standing: Standing
    dwell: Dwell
    step: Step
    back_flow: BackFlow
    #: leads lost in this stage within the window, by reason; None where reasons may not be read
    loss_reasons: Mapping[str, int] | None = None


def figures_of_stage(stage: str, part: Material, horizon_hours: float, *, with_curve: bool = True) -> StageFigures:
    """From the part of the material that is about one stage."""
    return StageFigures(
        stage,
        standing_of(part.standing_hours, part.log.lead_is_overdue[part.standing]),
        dwell_of(part.stay_hours, part.stays.ending, with_curve=with_curve),
        step_of(part.passage_hours, part.passages.fate, horizon_hours),
        back_flow_of(part.stays.ending),
    )


def dwell_of(hours: Floats, ending: Integers, *, with_curve: bool = True) -> Dwell:
    """From the hours of each stay, and how it ended. An end that says nothing about selling counts as running."""
    has_ended = (ending != OPEN) & (ending != OTHERWISE)
    count = len(hours)
    if count < FEWEST:
        return Dwell(count, int(has_ended.sum()), _NOTHING, _NOTHING, None, None, ())
    curve = SurvivalCurve.of(hours, has_ended)
    points = tuple(curve.points(_CURVE_POINTS)) if with_curve else ()
    mean = curve.mean_until(curve.longest) if curve.longest else 0.0
    return Dwell(
        count, int(has_ended.sum()), curve.quantile(0.5), curve.quantile(0.9), mean, curve.longest or None, points
    )


def step_of(hours: Floats, fate: Integers, horizon_hours: float) -> Step:
    """From the hours until each lead was decided, or has been watched, and its fate."""
    has_ended = (fate == FORWARD) | (fate == LOST) | (fate == PARKED)
    goes_on = fate == FORWARD
    is_enough = int(has_ended.sum()) >= FEWEST
    return Step(
        entered=len(fate),
        forward=int(goes_on.sum()),
        back=int((fate == BACK).sum()),
        lost=int((fate == LOST).sum()),
        parked=int((fate == PARKED).sum()),
        open=int((fate == OPEN).sum()),
        conversion=incidence(hours, has_ended, goes_on) if is_enough else _NOTHING,
        within_horizon=incidence(hours, has_ended, goes_on, horizon_hours) if is_enough else _NOTHING,
    )


def back_flow_of(ending: Integers) -> BackFlow:
    ended = int(((ending != OPEN) & (ending != OTHERWISE)).sum())
    back = int((ending == BACK).sum())
    return BackFlow(ended, back, wilson(back / ended, ended) if ended >= FEWEST else _NOTHING)


def standing_of(ages_hours: Floats, is_overdue: NDArray[np.bool_]) -> Standing:
    """From the age of each open lead in its stage; ages are by the wall clock, as users see them."""
    count, overdue = len(ages_hours), int(is_overdue.sum())
    columns = np.bincount(age_column(ages_hours), minlength=len(AGE_EDGES_HOURS) + 1)
    share = wilson(overdue / count, count) if count >= FEWEST else _NOTHING
    return Standing(count, overdue, share, tuple(columns.tolist()))


def age_column(ages_hours: Floats) -> Integers:
    """The column of the heat map for each age."""
    return np.searchsorted(np.array(AGE_EDGES_HOURS, dtype=float), ages_hours, side="right")
