"""From nothing to V1: the steps of setting a company up, and how far each is."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

SetupStepCode = Literal["template", "people", "customers", "leads", "history", "trial", "publish"]


class SetupStep(BaseModel):
    """A step with what there is of it; optional ones hold nobody up."""

    code: SetupStepCode
    is_done: bool
    is_optional: bool = False
    #: how many there are of what the step brings: people, reps, …
    figures: dict[str, int] = {}


class SetupProgress(BaseModel):
    """All steps in their order."""

    steps: list[SetupStep]
    #: the first step that is neither done nor optional; null when everything is
    next_step: SetupStepCode | None
    #: the draft that the later steps speak of, the latest one
    draft_id: UUID | None
    #: what the trial run of that draft still lacks: never, outdated, unfinished, unseen, beyond_thresholds
    trial_problem: str | None
    published_number: int
