"""Wins handed to a rep for a customer, and what became of them."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.cases import FoundCase, Named
from api.contracts.inputs import Input

_EXAMPLE_ID = "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f"


class RecommendationQuery(Input):
    """For whom: a customer, or one of its leads (the customer is then the lead's)."""

    customer_id: UUID | None = None
    lead_id: UUID | None = None


class RecommendedCases(BaseModel):
    """Three wins that look like this customer, top reps' first, and methods worth bringing up."""

    items: list[FoundCase]
    methods: list[Named]
    confidence: float
    #: false: nothing fits well, these are the nearest there are
    is_confident: bool
    #: no text model takes part, so paraphrases may be missed
    is_degraded: bool
    #: the rule by which reps count as top, as a sentence
    top_rep_rule: str


class FeedbackRequest(Input):
    """The rep used a recommended case, or did not find it useful and says why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"lead_id": _EXAMPLE_ID, "case_id": _EXAMPLE_ID, "kind": "used", "methods": ["bill_analysis"]},
                {"customer_id": _EXAMPLE_ID, "case_id": _EXAMPLE_ID, "kind": "not_useful", "reason": "客户已有光伏"},
            ]
        },
    )

    case_id: UUID
    kind: Literal["used", "not_useful"]
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    reason: str | None = Field(default=None, max_length=400)
    #: methods of the case that the rep now uses with the lead
    methods: list[str] = Field(default=[], max_length=10)


class FeedbackFacts(BaseModel):
    id: UUID
    kind: str
    case_id: UUID
    #: methods whose use was registered
    methods: list[str]
