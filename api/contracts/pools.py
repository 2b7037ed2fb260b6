"""Claim pools and the leads that wait in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Code, Input
from api.contracts.leads import LeadFacts


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class PoolFacts(BaseModel):
    """A pool from which leads are taken."""

    code: str
    name: str
    is_fallback: bool
    is_member: bool
    members: int
    waiting: int
    oldest_received_at: datetime | None = None
    taken_today: int
    daily_limit: int | None = None
    cooling_off_days: int
    recycle_after_days: int | None = None
    #: why the viewer may not take anything from it now, in words
    refusal: str | None = None


class Pools(BaseModel):
    items: list[PoolFacts]


class PooledLead(BaseModel):
    """A lead that waits, as far as the viewer may read it and its customer."""

    lead: LeadFacts
    region_name: str | None = None
    industry: str | None = None
    size: str | None = None
    city: str | None = None
    received_at: datetime
    waiting_hours: float
    #: how it came here, in words
    why: str | None = None


class PooledLeads(BaseModel):
    items: list[PooledLead]
    total: int


class Release(Input):
    """Why the lead is let go."""

    model_config = _example(reason="客户在外地，需要当地销售")

    reason: str = Field(default="", max_length=400)


class Released(BaseModel):
    lead_id: UUID
    pool: str
    pool_name: str


class PoolMove(Input):
    """Into which other pool, and why."""

    model_config = _example(pool="headquarters", reason="渠道客户，归渠道组")

    pool: Code
    reason: str = Field(default="", max_length=400)
