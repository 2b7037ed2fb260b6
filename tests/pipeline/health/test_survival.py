"""Dwell against simulated truth: what a mean of the closed stays gets wrong, the survival estimate gets right."""

import math
import warnings

import numpy as np
import pytest
from scipy import stats

from crm_core.pipeline.health.survival import SurvivalCurve, incidence, wilson

_COUNT = 6_000
#: leads arrive evenly until now; whoever came late cannot have stayed long yet
_OBSERVED = 60.0


def weibull(random: np.random.Generator) -> np.ndarray:
    return 40 * random.weibull(1.4, _COUNT)


def heavy_tailed(random: np.random.Generator) -> np.ndarray:
    return 12 * (random.pareto(1.1, _COUNT))


def exponential(random: np.random.Generator) -> np.ndarray:
    return random.exponential(48, _COUNT)


_TRUTHS = {
    "exponential": (exponential, 48 * math.log(2), 48.0),
    "weibull": (weibull, 40 * math.log(2) ** (1 / 1.4), 40 * math.gamma(1 + 1 / 1.4)),
    "heavy_tailed": (heavy_tailed, 12 * (2 ** (1 / 1.1) - 1), 12 / 0.1),
}


@pytest.mark.parametrize("shape", _TRUTHS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_median_is_true_where_the_mean_of_the_closed_ones_is_far_off(shape: str, seed: int) -> None:
    draw, median, mean = _TRUTHS[shape]
    random = np.random.default_rng(seed)
    stayed, watched = draw(random), random.uniform(0, _OBSERVED, _COUNT)
    ended = stayed <= watched
    curve = SurvivalCurve.of(np.minimum(stayed, watched), ended)
    closed_mean = stayed[ended].mean()
    assert abs(closed_mean - mean) / mean >= 0.25
    estimate = curve.quantile(0.5)
    assert estimate.value is not None
    assert abs(estimate.value - median) / median <= 0.05
    assert estimate.lowest is not None
    assert estimate.highest is not None
    assert estimate.lowest <= estimate.value <= estimate.highest


def test_the_interval_of_the_median_holds_the_truth_as_often_as_it_says() -> None:
    random, held = np.random.default_rng(7), 0
    for _ in range(400):
        stayed, watched = random.exponential(48, 80), random.uniform(0, 150, 80)
        found = SurvivalCurve.of(np.minimum(stayed, watched), stayed <= watched).quantile(0.5)
        held += found.lowest <= 48 * math.log(2) and (found.highest is None or 48 * math.log(2) <= found.highest)
    assert 0.92 <= held / 400 <= 0.985


def test_the_curve_is_that_of_scipy_ties_and_censoring_included() -> None:
    random = np.random.default_rng(3)
    stayed, watched = np.round(random.exponential(10, 300), 1) + 0.1, random.uniform(0, 25, 300)
    ended, seen = stayed <= watched, np.minimum(stayed, watched)
    curve = SurvivalCurve.of(seen, ended)
    peer = stats.ecdf(stats.CensoredData(uncensored=seen[ended], right=seen[~ended])).sf
    rows = np.isin(peer.quantiles, curve.times)
    np.testing.assert_allclose(peer.probabilities[rows], curve.share, atol=1e-12)
    with warnings.catch_warnings():
        # scipy leaves the interval before the first end undefined and says so
        warnings.simplefilter("ignore", RuntimeWarning)
        bounds = peer.confidence_interval(method="log-log")
    np.testing.assert_allclose(bounds.low.probabilities[rows], curve.lowest, atol=1e-12)
    np.testing.assert_allclose(bounds.high.probabilities[rows], curve.highest, atol=1e-12)


def test_without_running_ones_it_is_plain_arithmetic() -> None:
    hours = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    curve = SurvivalCurve.of(hours, np.ones(5, dtype=bool))
    assert curve.quantile(0.5).value == 3.0
    assert curve.quantile(0.9).value == 5.0
    assert curve.mean_until(5.0) == pytest.approx(3.0)
    assert curve.mean_until(2.0) == pytest.approx((1 + 4 * 2) / 5)


def test_what_has_not_happened_yet_is_not_made_up() -> None:
    hours = np.array([1.0, 9.0, 9.0, 9.0])
    curve = SurvivalCurve.of(hours, np.array([True, False, False, False]))
    assert curve.quantile(0.5).value is None
    nothing_ended = SurvivalCurve.of(hours, np.zeros(4, dtype=bool))
    assert nothing_ended.quantile(0.5).value is None
    assert nothing_ended.mean_until(9.0) == 9.0


def test_conversion_counts_the_undecided_for_as_long_as_they_were_watched() -> None:
    """Losses take three times as long as wins, so the share among the decided flatters."""
    random = np.random.default_rng(11)
    is_won = random.random(_COUNT) < 0.3
    takes = np.where(is_won, random.exponential(20, _COUNT), random.exponential(60, _COUNT))
    watched = random.uniform(0, 120, _COUNT)
    ended, seen = takes <= watched, np.minimum(takes, watched)
    flattering = is_won[ended].mean()
    found = incidence(seen, ended, is_won)
    assert flattering > 0.34
    assert found.value == pytest.approx(0.3, abs=0.02)
    assert found.lowest < 0.3 < found.highest
    within = incidence(seen, ended, is_won, until=20.0)
    assert within.value == pytest.approx(0.3 * (1 - math.exp(-1)), abs=0.02)


def test_without_undecided_ones_conversion_is_the_plain_share_with_its_interval() -> None:
    is_won = np.array([True] * 14 + [False] * 26)
    found = incidence(np.arange(1.0, 41.0), np.ones(40, dtype=bool), is_won)
    plain = wilson(14 / 40, 40)
    assert found.value == pytest.approx(14 / 40)
    assert found.lowest == pytest.approx(plain.lowest)
    assert found.highest == pytest.approx(plain.highest)
