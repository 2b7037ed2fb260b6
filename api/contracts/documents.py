"""Documents of customers and leads."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class DocumentFacts(BaseModel):
    """A file, and what its quality check said; null verdict: not judged yet."""

    id: UUID
    created_at: datetime
    customer_id: UUID
    lead_id: UUID | None
    kind: str
    kind_name: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    uploaded_by: UUID | None
    uploaded_by_name: str | None = None
    replaces_id: UUID | None
    verdict: Literal["passed", "failed", "waived"] | None
    verdict_reasons: list[dict[str, Any]]
    waived_by: UUID | None
    waiver_reason: str | None


class Documents(BaseModel):
    items: list[DocumentFacts]
    total: int


class Waiver(BaseModel):
    """Why a document passes the gate although its check did not."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "客户只收扫描件，原件已人工核对"}]}
    )

    reason: str = Field(min_length=1, max_length=400)
