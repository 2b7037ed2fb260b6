"""The library of methods, proposals to it, and their use."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contracts.inputs import Input


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class MethodFacts(BaseModel):
    """A method of the library."""

    code: str
    name: str
    definition: str
    typical_situations: list[str]
    #: standard: of the playbook; accepted: proposed by a rep and taken in; proposed: to be decided
    state: Literal["standard", "accepted", "proposed"]
    cases: int
    uses: int


class MethodList(BaseModel):
    items: list[MethodFacts]
    total: int


class MethodDecision(Input):
    """Accept a proposal, merge it into a method that says the same, or reject it with a reason."""

    model_config = _example(decision="merged", merged_into="bill_analysis", reason="与账单分析法相同")

    decision: Literal["accepted", "merged", "rejected"]
    merged_into: str | None = Field(default=None, max_length=40)
    reason: str | None = Field(default=None, max_length=400)

    @model_validator(mode="after")
    def _target_only_for_merging(self) -> Self:
        if (self.decision == "merged") != (self.merged_into is not None):
            raise ValueError("merged_into belongs to merging, and merging needs it")
        return self


class ProposalFacts(BaseModel):
    """A proposed method and what was decided."""

    code: str
    name: str
    definition: str
    typical_situations: list[str]
    status: Literal["proposed", "accepted", "merged", "rejected"]
    merged_into: str | None
    reason: str | None


class MethodUseRequest(Input):
    """A rep starts to use a method with a lead."""

    model_config = _example(lead_id="01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f")

    lead_id: UUID
    case_id: UUID | None = None


class MethodUseFacts(BaseModel):
    id: UUID
    method_code: str
    rep_id: UUID
    lead_id: UUID
    used_at: datetime
    is_new: bool
