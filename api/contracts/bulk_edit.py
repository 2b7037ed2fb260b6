"""The same change for many leads at once."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contracts.inputs import Input
from api.contracts.leads import AnyMove, LeadFilter

_EXAMPLE_ID = "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f"


class FieldsOfAll(Input):
    """Fields by code; null clears one."""

    kind: Literal["fields"]
    changes: dict[str, Any] = Field(min_length=1)


class OwnerOfAll(Input):
    """A new owner, or none: then the rules place them."""

    kind: Literal["reassign"]
    owner_id: UUID | None
    reason: str = Field(min_length=1, max_length=400)


class MoveOfAll(Input):
    """One move through the gate, asked of each."""

    kind: Literal["move"]
    move: AnyMove


class BulkEdit(Input):
    """Leads by id, or all that match a filter; each is changed or refused by itself."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"lead_ids": [_EXAMPLE_ID], "change": {"kind": "fields", "changes": {"source": "exhibition"}}},
                {
                    "filter": {"stage": "first_contact", "overdue": True},
                    "change": {"kind": "move", "move": {"kind": "parked", "reason": "budget_next_year"}},
                },
            ]
        }
    )

    lead_ids: list[UUID] | None = Field(default=None, min_length=1)
    filter: LeadFilter | None = None
    change: Annotated[FieldsOfAll | OwnerOfAll | MoveOfAll, Field(discriminator="kind")]

    @model_validator(mode="after")
    def _one_way_to_choose(self) -> Self:
        if (self.lead_ids is None) == (self.filter is None):
            raise ValueError("lead_ids or filter, one of the two")
        return self


class BulkProblem(BaseModel):
    """Why a lead was left as it is."""

    code: str
    what: str
    remedy: str
    parameters: dict[str, Any]


class BulkItem(BaseModel):
    """What became of one lead; its title is left out where it may not be read."""

    lead_id: UUID
    title: str | None = None
    #: null: changed
    problem: BulkProblem | None = None


class BulkResult(BaseModel):
    changed: int
    refused: int
    items: list[BulkItem]
