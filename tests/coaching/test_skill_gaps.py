"""Gaps weigh recent observations more, carry an honest interval, and say when there is not enough data."""

from datetime import date, timedelta

import numpy as np
import pytest

from coaching.skill_gaps import Observation, skill_gap, team_gap

TODAY = date(2026, 3, 20)


def seen(*levels: float, days_ago: int = 10) -> list[Observation]:
    return [Observation(level, TODAY - timedelta(days=days_ago)) for level in levels]


def test_two_observations_are_not_enough() -> None:
    gap = skill_gap(3.5, seen(1, 2), TODAY)
    assert (gap.observations, gap.gap, gap.lowest, gap.is_lacking) == (2, None, None, False)


def test_the_gap_is_required_minus_observed() -> None:
    gap = skill_gap(3.5, seen(2, 2, 2, 2), TODAY)
    assert gap.gap == pytest.approx(1.5)
    assert gap.is_established


def test_recent_observations_weigh_more() -> None:
    improved = skill_gap(3.5, [*seen(1, 1, 1, days_ago=360), *seen(4, 4, 4, days_ago=1)], TODAY)
    declined = skill_gap(3.5, [*seen(4, 4, 4, days_ago=360), *seen(1, 1, 1, days_ago=1)], TODAY)
    assert improved.gap is not None
    assert declined.gap is not None
    assert improved.gap < 0 < declined.gap


def test_observations_of_the_future_do_not_count() -> None:
    assert skill_gap(3, [*seen(2, 2), Observation(5, TODAY + timedelta(days=1))], TODAY).observations == 2


def test_three_equal_marks_are_no_certainty() -> None:
    gap = skill_gap(3.5, seen(3, 3, 3), TODAY)
    assert gap.is_lacking
    assert not gap.is_established


@pytest.mark.parametrize("count", [4, 12])
def test_the_interval_covers_the_true_gap(count: int) -> None:
    random = np.random.default_rng(11)
    runs, covered = 2_000, 0
    for _ in range(runs):
        days = random.integers(0, 180, count)
        levels = random.normal(2.6, 0.9, count)
        observations = [
            Observation(float(level), TODAY - timedelta(days=int(day))) for level, day in zip(levels, days, strict=True)
        ]
        gap = skill_gap(3.5, observations, TODAY)
        assert gap.lowest is not None
        assert gap.highest is not None
        covered += gap.lowest <= 0.9 <= gap.highest
    assert 0.87 <= covered / runs <= 0.97


def test_a_team_is_the_share_of_those_with_enough_data() -> None:
    gaps = [skill_gap(3.5, seen(*levels), TODAY) for levels in [(2, 2, 2)] * 5 + [(4, 4, 4)] + [(1,)]]
    team = team_gap(gaps)
    assert (team.people, team.people_with_data, team.lacking) == (7, 6, 5)
    assert team.share == pytest.approx(5 / 6)
    assert team.lowest is not None
    assert team.highest is not None
    assert 0 < team.lowest < 5 / 6 < team.highest <= 1


def test_a_team_without_data_claims_nothing() -> None:
    team = team_gap([skill_gap(3.5, seen(1), TODAY)] * 4)
    assert (team.people_with_data, team.share) == (0, None)
