"""Quality checks of documents."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input

Verdict = Literal["covered", "missing", "vague", "unit_mismatch", "conflict", "hidden_only", "unreadable"]


class ParameterAsked(Input):
    """A parameter in the customer's words; unit null where none belongs to it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "待机功耗", "unit": "W"}]})

    name: str = Field(min_length=1, max_length=120)
    unit: str | None = Field(default=None, max_length=30)


class CheckRequest(Input):
    """What to check a document for, beside the parameters that the customer named in the needs diagnosis."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"parameters": [{"name": "待机功耗", "unit": "W"}], "own_product": "驰充 CC-120D（我方）"}]
        },
    )

    parameters: list[ParameterAsked] | None = Field(default=None, max_length=30)
    own_product: str | None = Field(
        default=None, max_length=120, description="How the document names our product; null: by words such as 我方"
    )


class CheckOverride(Input):
    """Why a document may pass; with parameter and label the product learns what documents call that parameter."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "客户认可这个叫法", "parameter": "待机功耗", "label": "空载损耗"}]},
    )

    reason: str = Field(max_length=400)
    parameter: str | None = Field(default=None, max_length=120)
    label: str | None = Field(default=None, min_length=1, max_length=200)


class FindingFacts(BaseModel):
    """The answer for one parameter; locations and excerpt show what a reader of the document sees, nothing hidden."""

    name: str
    verdict: Verdict
    value: str | None
    unit: str | None
    measured: bool | None
    locations: list[dict[str, Any]]
    match: Literal["exact", "alias", "normalised", "similar", "none"]
    matched_label: str
    excerpt: list[str]
    message: str
    sentence: str


class CheckReason(BaseModel):
    code: str
    parameters: dict[str, Any]
    sentence: str


class DocumentCheckFacts(BaseModel):
    """A check: queued, running or done; verdict and findings once it is done."""

    id: UUID
    created_at: datetime
    document_id: UUID
    customer_id: UUID
    lead_id: UUID | None
    requested: list[dict[str, Any]]
    own_product: str | None
    status: Literal["queued", "running", "done"]
    verdict: Literal["passed", "failed"] | None
    reasons: list[CheckReason]
    detected_kind: str | None
    names_customer: bool | None
    warnings: list[str]
    findings: list[FindingFacts]
    requested_by: UUID | None
    overridden_by: UUID | None
    override_reason: str | None
    overridden_at: datetime | None
    finished_at: datetime | None


class DocumentChecks(BaseModel):
    items: list[DocumentCheckFacts]
    total: int
