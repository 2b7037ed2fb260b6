"""Shapes of what is watched: onboarding, stage reviews, assignment health, and what forbids publishing a draft."""

from typing import Literal, Self

from pydantic import Field, model_validator

from crm_core.process.sections import Code, Label, Section, mistake

OnboardingItem = Literal["region", "team", "manager", "employee_number", "email", "mobile", "wecom_id", "skills"]
Measure = Literal["conversion", "median_dwell_hours", "p90_dwell_hours", "back_flow_share", "overdue_share"]


class Onboarding(Section):
    """What the roster must know of a rep before leads reach them."""

    required: tuple[OnboardingItem, ...] = ("region", "team", "manager")


class ReviewTrigger(Section):
    """A figure of a stage that calls for a review when it leaves its bounds: one of `below` and `above`."""

    code: Code
    name: Label
    stage: Code
    measure: Measure
    below: float | None = Field(default=None, ge=0)
    above: float | None = Field(default=None, ge=0)
    window_days: int = Field(default=90, ge=1, le=3650)
    #: with fewer leads than this nothing is said
    minimum_leads: int = Field(default=20, ge=1)
    group: Literal["company", "region", "team"] = "team"
    receiver: Literal["manager", "director", "operations"] = "manager"
    due_hours: int = Field(default=72, ge=1, le=24 * 365)

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise mistake("one_bound")
        return self


class AssignmentHealth(Section):
    """An alarm rings when this share of the leads of the window has waited for an owner for longer than that."""

    waiting_hours: float = Field(default=2, gt=0, le=24 * 365)
    alert_share: float = Field(default=0.05, gt=0, lt=1)
    window_hours: int = Field(default=24, ge=1, le=24 * 365)
    receiver: Literal["operations", "admin"] = "operations"


class HealthRules(Section):
    reviews: tuple[ReviewTrigger, ...] = ()
    assignment: AssignmentHealth = AssignmentHealth()


class RehearsalRules(Section):
    """How much history a draft is replayed on, and what it may do there before it may not be published."""

    days: int = Field(default=30, ge=1, le=365)
    most_newly_unassigned_share: float = Field(default=0.02, ge=0, le=1)
    most_newly_blocked_share: float = Field(default=0.2, ge=0, le=1)
    #: of the leads that one person gets, in comparison with what they got
    most_load_growth_share: float = Field(default=0.5, ge=0)
