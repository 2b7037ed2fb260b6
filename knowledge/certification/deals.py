"""Deals as the verdict on a method sees them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

SLOW_QUANTILE = 0.95
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Deal:
    """One lead of a rep: won with a cycle and a margin, lost, or still open (`closed_on` is None)."""

    opened_on: date
    closed_on: date | None
    is_won: bool = False
    margin: float | None = None

    def age_days(self, today: date) -> int:
        """Days from the first to the last day of the deal, or to today."""
        return max(((self.closed_on or today) - self.opened_on).days, 1)


def resolved_run(deals: Iterable[Deal], today: date, slow_days: float) -> list[Deal]:
    """The deals in order of their start, up to the first of which nobody knows yet how it ends.

    A deal is resolved when it is closed, or older than nearly all deals need (`slow_days`): then it is as good as lost.
    Taking only the closed ones would choose the fast ones.
    """
    run: list[Deal] = []
    for deal in sorted(deals, key=lambda deal: deal.opened_on):
        if deal.closed_on is None and deal.age_days(today) < slow_days:
            break
        run.append(deal)
    return run


def slow_cycle_days(deals: Iterable[Deal]) -> float:
    """The cycle that 95 % of won deals do not exceed; 365 days where none was won."""
    cycles = [deal.age_days(deal.closed_on) for deal in deals if deal.closed_on and deal.is_won]
    return float(np.quantile(cycles, SLOW_QUANTILE)) if cycles else 365.0


def speed_scores(deals: Iterable[Deal]) -> Scores:
    """Minus the logarithm of the cycle of each won deal: higher is faster, a difference of .1 is about 10 %."""
    return np.array([-math.log(deal.age_days(deal.closed_on)) for deal in deals if deal.closed_on and deal.is_won])


def margins(deals: Iterable[Deal]) -> Scores:
    """Margins of the won deals that have one."""
    return np.array([deal.margin for deal in deals if deal.is_won and deal.margin is not None])


@dataclass(frozen=True, slots=True)
class WinShare:
    """Deals won of all that were resolved; lost and stuck ones count in full (intention to treat)."""

    won: int
    resolved: int

    @property
    def value(self) -> float:
        return self.won / self.resolved if self.resolved else 0.0

    def probability_of_fall(self, earlier: "WinShare") -> float:
        """How sure one may be that this share is below the earlier one (normal approximation, uniform priors)."""
        now, before = (self.won + 1) / (self.resolved + 2), (earlier.won + 1) / (earlier.resolved + 2)
        variance = now * (1 - now) / (self.resolved + 3) + before * (1 - before) / (earlier.resolved + 3)
        return NormalDist().cdf((before - now) / math.sqrt(variance))


def win_share(deals: Sequence[Deal]) -> WinShare:
    """The share of these deals that was won."""
    return WinShare(sum(deal.is_won and deal.closed_on is not None for deal in deals), len(deals))
