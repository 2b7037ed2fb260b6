"""Points: a person's statement, the leaderboard."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.contracts.inputs import Input

Period = Literal["month", "quarter", "year", "all"]


class Booking(BaseModel):
    """Points earned (positive) or spent (negative), and what for."""

    id: UUID
    kind: str
    text: str
    points: int
    booked_at: datetime
    details: dict[str, Any]


class Statement(BaseModel):
    """A person's balance and a page of the bookings behind it, latest first."""

    person_id: UUID
    balance: int
    is_listed: bool
    items: list[Booking]
    total: int


class LeaderboardRow(BaseModel):
    rank: int
    person_id: UUID
    person_name: str
    points: int


class Leaderboard(BaseModel):
    """Who earned most in a period; people with equal points share a rank."""

    period: Period
    items: list[LeaderboardRow]


class Listing(Input):
    """Whether one wants to stand on the leaderboard."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"listed": False}]})

    listed: bool
