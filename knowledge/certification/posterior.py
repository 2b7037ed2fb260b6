"""The normal model behind a verdict: how sure may one be that a method makes deals faster?

Model. The score of deal j of rep i is y_ij = a_i + d_i x_ij + e_ij with x = 1 after the first use of the method and
e ~ N(0, s²); the effect differs between reps, d_i ~ N(m, t²), and the effect of the method is m ~ N(0, p²) a priori,
p = PRIOR_SPREAD: two methods in three change the cycle by less than about a third, either way. a_i is estimated by the
rep's own earlier deals, s by the spread within reps before and after, t by the method of moments
(DerSimonian & Laird 1986). The posteriors of m and of d_i are then normal in closed form. With no effect and one look,
P(m > 0 | data) reaches .95 in fewer than 1 of 20 cases, because the prior shrinks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

PRIOR_SPREAD = 0.4
FEWEST_EARLIER_DEALS = 5
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Posterior:
    """A normal belief about an effect; `probability` is that of an improvement."""

    mean: float
    spread: float

    @property
    def probability(self) -> float:
        return 1 - NormalDist(self.mean, self.spread).cdf(0)

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """The central interval of that probability."""
        half = NormalDist().inv_cdf((1 + level) / 2) * self.spread
        return self.mean - half, self.mean + half


@dataclass(frozen=True, slots=True)
class Contrast:
    """A rep's later minus earlier mean score, and its variance."""

    difference: float
    variance: float


def pooled_spread(groups: Sequence[Scores]) -> float:
    """Standard deviation within groups of deals, pooled over all; 0.5 where fewer than 5 deals tell it."""
    freedom = sum(len(group) - 1 for group in groups if len(group) > 1)
    if freedom < FEWEST_EARLIER_DEALS:
        return 0.5
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups if len(group) > 1)
    return max(math.sqrt(squares / freedom), 0.05)


def contrast(earlier: Scores, later: Scores, spread: float) -> Contrast:
    """How a rep's later deals differ from the earlier ones."""
    variance = spread**2 * (1 / len(earlier) + 1 / len(later))
    return Contrast(float(later.mean() - earlier.mean()), variance)


def between_reps(contrasts: Sequence[Contrast]) -> float:
    """Variance of the effect between reps (DerSimonian & Laird), never negative."""
    if len(contrasts) < 2:
        return 0.0
    weights = np.array([1 / item.variance for item in contrasts])
    differences = np.array([item.difference for item in contrasts])
    centre = float((weights * differences).sum() / weights.sum())
    excess = float((weights * (differences - centre) ** 2).sum()) - (len(contrasts) - 1)
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    return max(excess / scale, 0.0)


def method_posterior(contrasts: Sequence[Contrast], between: float, prior_spread: float = PRIOR_SPREAD) -> Posterior:
    """Belief about the mean effect of the method over reps."""
    precision, pull = 1 / prior_spread**2, 0.0
    for item in contrasts:
        weight = 1 / (item.variance + between)
        precision += weight
        pull += weight * item.difference
    return Posterior(pull / precision, math.sqrt(1 / precision))


def rep_posterior(own: Contrast, others: Sequence[Contrast], between: float) -> Posterior:
    """Belief about one rep's effect: the rep's own deals, with the other reps of the method as the prior."""
    prior = method_posterior(others, between)
    prior_variance = prior.spread**2 + between
    precision = 1 / prior_variance + 1 / own.variance
    mean = (prior.mean / prior_variance + own.difference / own.variance) / precision
    return Posterior(mean, math.sqrt(1 / precision))
