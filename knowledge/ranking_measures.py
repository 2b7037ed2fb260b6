"""Measures of a ranking, as the information-retrieval field defines them."""

import math
import random
from collections.abc import Mapping, Sequence
from statistics import fmean

RESAMPLES = 1_000


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """Return the normalised discounted cumulative gain with gain 2^grade - 1 (Järvelin and Kekäläinen 2002)."""
    gained = sum((2 ** grades.get(case, 0) - 1) / math.log2(place + 2) for place, case in enumerate(ranked[:depth]))
    best = sorted(grades.values(), reverse=True)[:depth]
    ideal = sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(best))
    return gained / ideal if ideal else 0.0


def hit(ranked: Sequence[str], grades: Mapping[str, int], depth: int = 3, useful: int = 2) -> float:
    """Return 1 when a useful case stands among the first."""
    return float(any(grades.get(case, 0) >= useful for case in ranked[:depth]))


def precision(ranked: Sequence[str], grades: Mapping[str, int], depth: int = 3, useful: int = 2) -> float:
    """Return the share of the first places that hold a useful case."""
    return sum(grades.get(case, 0) >= useful for case in ranked[:depth]) / depth


def recall(ranked: Sequence[str], wanted: set[str] | frozenset[str], depth: int) -> float:
    """Return the share of what was wanted that stands among the first."""
    return len(set(ranked[:depth]) & wanted) / len(wanted) if wanted else 0.0


def area_under_curve(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Return the chance that a positive scores above a negative, ties counting half; nan without either."""
    if not positives or not negatives:
        return math.nan
    wins = sum((high > low) + 0.5 * (high == low) for high in positives for low in negatives)
    return wins / (len(positives) * len(negatives))


def bootstrap_interval(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean over resampled queries; nan without values."""
    if not values:
        return math.nan, math.nan
    # a seeded generator: the interval must come out the same twice
    generator = random.Random(seed)  # noqa: S311
    means = sorted(fmean(generator.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]
