"""Health, readiness, and what is degraded."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    status: Literal["ready"] = "ready"


class Capability(BaseModel):
    """Something that needs a model: whether it works, and what to do if not."""

    name: str
    state: Literal["ready", "absent"]
    message: str


class SystemStatus(BaseModel):
    state: Literal["ok", "degraded"]
    capabilities: list[Capability]
    waiting_jobs: int
