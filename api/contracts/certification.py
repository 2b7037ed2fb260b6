"""Certification of methods: is a method working, and where does each rep stand."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

State = Literal["not_enough_data", "trying", "provisional", "not_shown", "certified"]


class EffectView(BaseModel):
    """Relative change of the sales cycle (-0.3 = 30 % shorter) with its 90 % interval.

    `probability` is how sure a shortening is; `margin_change` and `win_share_change` are differences of shares.
    """

    deals: int
    cycle_change: float
    lowest: float
    highest: float
    probability: float
    margin_change: float | None
    win_share_change: float
    win_share_fell: bool


class RepProgress(BaseModel):
    """A rep's deals since the first use of the method, all of them, against those before."""

    person_id: UUID
    person_name: str
    state: State
    state_name: str
    text: str
    later_deals: int
    needed_deals: int
    earlier_deals: int
    effect: EffectView | None


class MethodCertification(BaseModel):
    """A method over all its reps; `effect` is null below the number of deals that a verdict needs."""

    method_code: str
    method_name: str
    text: str
    effect: EffectView | None
    reps: list[RepProgress]


class Certification(BaseModel):
    """Methods that somebody has used; `posterior` is how sure one must be for the title."""

    following_deals: int
    posterior: float
    pooled_deals: int
    items: list[MethodCertification]
    total: int
