"""How long things last when some have not ended yet, and what share of them comes to which end.

Kaplan and Meier (1958) for the time until an end, with the running ones censored; Aalen and Johansen (1978) for the
share that comes to one of several competing ends. A mean of those that have ended would make everything look quicker.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: two-sided 95 %
_Z = 1.959963984540054
#: sums of floats that should be equal differ by less
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval; None where the data do not reach so far."""

    value: float | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """The share that still lasts after each time at which something ended."""

    times: Floats
    share: Floats
    lowest: Floats
    highest: Floats
    #: how many were watched, and the longest time that any was
    count: int
    longest: float

    @classmethod
    def of(cls, durations: Floats, has_ended: Flags) -> Self:
        """From the time that each lasted or has lasted so far; the interval is of the log-log kind."""
        times, ended, at_risk = _steps(durations, has_ended)
        survived = np.cumprod(1 - ended / at_risk).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.sqrt(np.cumsum(ended / (at_risk * (at_risk - ended))))
            swing = np.exp(_Z * spread / np.log(survived))
            lowest, highest = survived ** (1 / swing), survived**swing
        is_over = survived <= _TINY
        lowest[is_over] = 0.0
        # the last step to nothing has no spread of its own; what was sure before it stays
        highest[is_over] = highest[~is_over][-1] if (~is_over).any() else 1.0
        return cls(times, survived, lowest, highest, len(durations), float(durations.max(initial=0.0)))

    def quantile(self, part: float) -> Interval:
        """The time by which this part has ended (0.5: the median), after Brookmeyer and Crowley (1982)."""
        rest = 1 - part
        return Interval(_first(self.times, self.share, rest), *self._bounds(rest))

    def mean_until(self, limit: float) -> float:
        """The mean of the time that each lasts, counting at most the limit: the area under the curve up to there."""
        inside = self.times < limit
        edges = np.concatenate(([0.0], self.times[inside], [limit]))
        heights = np.concatenate(([1.0], self.share[inside]))
        return float(np.sum(np.diff(edges) * heights))

    def points(self, most: int) -> list[tuple[float, float, float, float]]:
        """Time, share and its interval at so many steps at most, for drawing."""
        if len(self.times) > most:
            chosen = np.unique(np.linspace(0, len(self.times) - 1, most).astype(int))
        else:
            chosen = np.arange(len(self.times))
        columns = (self.times[chosen], self.share[chosen], self.lowest[chosen], self.highest[chosen])
        return [(0.0, 1.0, 1.0, 1.0), *zip(*(column.tolist() for column in columns), strict=True)]

    def _bounds(self, rest: float) -> tuple[float | None, float | None]:
        return _first(self.times, self.lowest, rest), _first(self.times, self.highest, rest)


def incidence(durations: Floats, has_ended: Flags, is_wanted: Flags, until: float | None = None) -> Interval:
    """The share that comes to the wanted end (within some time), others that end otherwise, and running ones, counted.

    The interval is Wilson's, for as many independent cases as the variance of the estimate is worth; without running
    cases it is Wilson's of the plain share.
    """
    if not len(durations):
        return Interval(None, None, None)
    times, ended, at_risk = _steps(durations, has_ended)
    wanted = _counts(times, durations[has_ended & is_wanted])
    if until is not None:
        inside = times <= until
        times, ended, at_risk, wanted = times[inside], ended[inside], at_risk[inside], wanted[inside]
    before = np.concatenate(([1.0], np.cumprod(1 - ended / at_risk)[:-1])) if len(times) else np.empty(0)
    reached = np.cumsum(before * wanted / at_risk)
    share = float(reached[-1]) if len(reached) else 0.0
    variance = _incidence_variance(before, reached, ended, wanted, at_risk)
    worth = share * (1 - share) / variance if variance > _TINY and 0 < share < 1 else float(np.sum(ended))
    return wilson(share, min(worth, float(len(durations))))


def wilson(share: float, count: float) -> Interval:
    """A share with Wilson's (1927) 95 % interval."""
    if count <= 0:
        return Interval(None, None, None)
    square = _Z * _Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    reach = _Z * np.sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return Interval(share, max(0.0, float(middle - reach)), min(1.0, float(middle + reach)))


def _steps(durations: Floats, has_ended: Flags) -> tuple[Floats, Floats, Floats]:
    """The times at which something ended, how many did, and how many lasted until then."""
    ends = np.sort(durations[has_ended])
    times, ended = np.unique(ends, return_counts=True)
    at_risk = len(durations) - np.searchsorted(np.sort(durations), times, side="left")
    return times, ended.astype(float), at_risk.astype(float)


def _counts(times: Floats, ends: Floats) -> Floats:
    return np.bincount(np.searchsorted(times, ends), minlength=len(times)).astype(float)


def _first(times: Floats, falling: Floats, level: float) -> float | None:
    """The first time at which a falling curve is down at a level."""
    below = np.flatnonzero(falling <= level + _TINY)
    return float(times[below[0]]) if len(below) else None


def _incidence_variance(before: Floats, reached: Floats, ended: Floats, wanted: Floats, at_risk: Floats) -> float:
    """The variance of the last value of a cumulative incidence, by the delta method (Marubini and Valsecchi, 1995)."""
    if not len(reached):
        return 0.0
    rise = reached[-1] - reached
    left = at_risk - ended
    of_survival = np.where(left > 0, rise**2 * ended / np.where(left > 0, at_risk * left, 1.0), 0.0)
    of_wanted = before**2 * wanted * (at_risk - wanted) / at_risk**3
    together = 2 * rise * before * wanted / at_risk**2
    return float(np.sum(of_survival + of_wanted - together))
