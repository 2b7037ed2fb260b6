"""How far a person or a team is from the level that a skill requires."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from scipy.special import stdtrit

FEWEST_OBSERVATIONS = 3
HALF_LIFE_DAYS = 90
LEVEL_SPREAD = 1.0
"""Spread of single observations on the scale 1 to 5, assumed as if two observations had shown it."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Somebody saw this level of a skill, 1 to 5, on a day."""

    level: float
    observed_on: date


@dataclass(frozen=True, slots=True)
class SkillGap:
    """Required minus observed level; `gap`, `observed` and the 90 % interval are None below three observations."""

    required: float
    observations: int
    observed: float | None = None
    gap: float | None = None
    lowest: float | None = None
    highest: float | None = None

    @property
    def has_enough_data(self) -> bool:
        return self.gap is not None

    @property
    def is_lacking(self) -> bool:
        """Below the required level by the best estimate."""
        return self.gap is not None and self.gap > 0

    @property
    def is_established(self) -> bool:
        """Lacking even at the favourable end of the interval."""
        return self.lowest is not None and self.lowest > 0


@dataclass(frozen=True, slots=True)
class TeamGap:
    """How many of those with enough data lack a skill, with the 90 % Wilson interval of the share."""

    people: int
    people_with_data: int
    lacking: int
    share: float | None
    lowest: float | None
    highest: float | None


def skill_gap(required: float, observations: Iterable[Observation], today: date) -> SkillGap:
    """Required minus recency-weighted mean level; an observation loses half of its weight in 90 days.

    The interval is Student's t on the effective number of observations, (sum w)² / sum w², with the spread steadied by
    a prior of two observations, so that three equal marks do not look like certainty.
    """
    seen = [item for item in observations if item.observed_on <= today]
    if len(seen) < FEWEST_OBSERVATIONS:
        return SkillGap(required, len(seen))
    weights = [0.5 ** ((today - item.observed_on).days / HALF_LIFE_DAYS) for item in seen]
    total = math.fsum(weights)
    observed = math.fsum(weight * item.level for weight, item in zip(weights, seen, strict=True)) / total
    effective = total**2 / math.fsum(weight**2 for weight in weights)
    squares = math.fsum(weight * (item.level - observed) ** 2 for weight, item in zip(weights, seen, strict=True))
    spread = math.sqrt((squares / total * effective + 2 * LEVEL_SPREAD**2) / (effective + 1))
    half = float(stdtrit(effective + 1, 0.95)) * spread / math.sqrt(effective)
    gap = required - observed
    return SkillGap(required, len(seen), observed, gap, gap - half, gap + half)


def team_gap(gaps: Sequence[SkillGap]) -> TeamGap:
    """The share of a team that lacks a skill; nothing is claimed below three people with enough data."""
    judged = [gap for gap in gaps if gap.has_enough_data]
    lacking = sum(gap.is_lacking for gap in judged)
    if len(judged) < FEWEST_OBSERVATIONS:
        return TeamGap(len(gaps), len(judged), lacking, None, None, None)
    lowest, highest = _wilson(lacking, len(judged))
    return TeamGap(len(gaps), len(judged), lacking, lacking / len(judged), lowest, highest)


def _wilson(hits: int, total: int, quantile: float = 1.645) -> tuple[float, float]:
    share, square = hits / total, quantile**2
    centre = (share + square / (2 * total)) / (1 + square / total)
    half = quantile * math.sqrt(share * (1 - share) / total + square / (4 * total**2)) / (1 + square / total)
    return max(centre - half, 0.0), min(centre + half, 1.0)
