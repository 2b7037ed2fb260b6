"""From the deals before and after a rep's first use of a method to a state, a figure and how sure it is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from knowledge.certification.deals import Deal, margins, resolved_run, slow_cycle_days, speed_scores, win_share
from knowledge.certification.posterior import (
    FEWEST_EARLIER_DEALS,
    Contrast,
    Posterior,
    Scores,
    between_reps,
    contrast,
    method_posterior,
    pooled_spread,
    rep_posterior,
)

MARGIN_TOLERANCE = 0.02
SURE_OF_FALL = 0.95
Key = TypeVar("Key")


class State(StrEnum):
    """How far a rep has come with a method."""

    NOT_ENOUGH_DATA = "not_enough_data"
    TRYING = "trying"
    PROVISIONAL = "provisional"
    NOT_SHOWN = "not_shown"
    CERTIFIED = "certified"


@dataclass(frozen=True, slots=True)
class Criteria:
    """When a title is given; the playbook sets them."""

    following_deals: int = 3
    posterior: float = 0.95
    pooled_deals: int = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """A rep's deals before the first use of a method, and all that were opened from that day on."""

    earlier: tuple[Deal, ...]
    later: tuple[Deal, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """Relative change of the sales cycle (-0.3 = 30 % shorter), its 90 % interval, and how sure a shortening is."""

    deals: int
    cycle_change: float
    lowest: float
    highest: float
    probability: float
    margin_change: float | None
    win_share_change: float
    win_share_fell: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a rep stands: deals counted so far, and the effect once there is enough to judge."""

    state: State
    later_deals: int
    earlier_deals: int
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class _Sides:
    """Resolved deals before and after the first use, and the speed of those that were won."""

    earlier: tuple[Deal, ...]
    later: tuple[Deal, ...]

    @property
    def earlier_scores(self) -> Scores:
        return speed_scores(self.earlier)

    @property
    def later_scores(self) -> Scores:
        return speed_scores(self.later)


def judge_method(
    trials: Mapping[Key, Trial], today: date, criteria: Criteria | None = None
) -> tuple[Effect | None, dict[Key, Progress]]:
    """The effect of a method over all its reps (None: not enough data) and the progress of each rep.

    Intention to treat: every deal opened after the first use counts. Won deals tell the speed and the margin; lost and
    stuck ones tell whether the share of wins has fallen. The first `following_deals` can make a rep provisional, never
    certified: three deals cannot tell a useful method from luck. The title needs `pooled_deals` over the reps of the
    method, the stated posterior for the method and for the rep, and neither margin nor share of wins fallen.
    """
    criteria = criteria or Criteria()
    sides = _sides(trials, today)
    usable = {
        key: item
        for key, item in sides.items()
        if len(item.earlier_scores) >= FEWEST_EARLIER_DEALS and len(item.later_scores)
    }
    spread = pooled_spread([scores for item in usable.values() for scores in (item.earlier_scores, item.later_scores)])
    contrasts = {key: contrast(item.earlier_scores, item.later_scores, spread) for key, item in usable.items()}
    between = between_reps(list(contrasts.values()))
    pooled = list(usable.values())
    overall = None
    if sum(len(item.later) for item in pooled) >= criteria.pooled_deals:
        overall = _effect(method_posterior(list(contrasts.values()), between), pooled)
    progress = {
        key: _progress(item, _rep_effect(key, contrasts, between, item), overall, criteria)
        for key, item in sides.items()
    }
    return overall, progress


def _sides(trials: Mapping[Key, Trial], today: date) -> dict[Key, _Sides]:
    slow = slow_cycle_days(deal for trial in trials.values() for deal in trial.earlier)
    return {
        key: _Sides(
            tuple(deal for deal in trial.earlier if deal.closed_on or deal.age_days(today) >= slow),
            tuple(resolved_run(trial.later, today, slow)),
        )
        for key, trial in trials.items()
    }


def _rep_effect(key: Key, contrasts: Mapping[Key, Contrast], between: float, item: _Sides) -> Effect | None:
    own = contrasts.get(key)
    if own is None:
        return None
    others = [other for name, other in contrasts.items() if name != key]
    return _effect(rep_posterior(own, others, between), [item])


def _effect(posterior: Posterior, sides: Sequence[_Sides]) -> Effect:
    lowest, highest = posterior.interval()
    earlier = win_share([deal for item in sides for deal in item.earlier])
    later = win_share([deal for item in sides for deal in item.later])
    return Effect(
        later.resolved,
        cycle_change=math.exp(-posterior.mean) - 1,
        lowest=math.exp(-highest) - 1,
        highest=math.exp(-lowest) - 1,
        probability=posterior.probability,
        margin_change=_margin_change(sides),
        win_share_change=later.value - earlier.value,
        win_share_fell=later.probability_of_fall(earlier) >= SURE_OF_FALL,
    )


def _margin_change(sides: Sequence[_Sides]) -> float | None:
    """Later minus earlier mean margin, mean over reps weighted by later deals; None where a side has none."""
    total, weight = 0.0, 0
    for item in sides:
        earlier, later = margins(item.earlier), margins(item.later)
        if len(earlier) and len(later):
            total += float(later.mean() - earlier.mean()) * len(later)
            weight += len(later)
    return total / weight if weight else None


def _progress(item: _Sides, effect: Effect | None, overall: Effect | None, criteria: Criteria) -> Progress:
    return Progress(_state(item, effect, overall, criteria), len(item.later), len(item.earlier), effect)


def _state(item: _Sides, effect: Effect | None, overall: Effect | None, criteria: Criteria) -> State:
    if len(item.later) < criteria.following_deals:
        return State.TRYING
    if effect is None:
        return State.NOT_ENOUGH_DATA
    if not _nothing_fell(effect):
        return State.NOT_SHOWN
    sure = effect.probability >= criteria.posterior
    if overall and sure and overall.probability >= criteria.posterior and _nothing_fell(overall):
        return State.CERTIFIED
    likely = effect.probability > 0.5 and _first_are_better(item, criteria)
    return State.PROVISIONAL if likely else State.NOT_SHOWN


def _first_are_better(item: _Sides, criteria: Criteria) -> bool:
    first = item.later[: criteria.following_deals]
    scores = speed_scores(first)
    faster = len(scores) > 0 and float(scores.mean()) > float(item.earlier_scores.mean())
    return faster and win_share(first).value >= win_share(item.earlier).value


def _nothing_fell(effect: Effect) -> bool:
    margin_holds = effect.margin_change is None or effect.margin_change >= -MARGIN_TOLERANCE
    return margin_holds and not effect.win_share_fell


def explain(progress: Progress, criteria: Criteria) -> tuple[str, Mapping[str, object]]:
    """The sentence for a state: a code of the catalogue (`certification.<code>`) and what fills it."""
    effect = progress.effect
    facts: dict[str, object] = {
        "deals": progress.later_deals,
        "needed": criteria.following_deals,
        "earlier": progress.earlier_deals,
        "needed_earlier": FEWEST_EARLIER_DEALS,
    }
    if effect is not None:
        facts |= {
            "shorter_percent": round(-effect.cycle_change * 100),
            "lowest_percent": round(-effect.highest * 100),
            "highest_percent": round(-effect.lowest * 100),
            "sure_percent": min(round(effect.probability * 100), 99),
            "needed_percent": round(criteria.posterior * 100),
        }
    return progress.state.value, facts
