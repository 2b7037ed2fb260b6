"""Documents of customers and leads."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input


class DocumentFacts(BaseModel):
    """A file, and what its quality check said; null verdict: not judged yet. What is hidden is left out."""

    id: UUID
    created_at: datetime
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    kind: str = ""
    kind_name: str = ""
    name: str = ""
    media_type: str = ""
    size_bytes: int = 0
    sha256: str = ""
    uploaded_by: UUID | None = None
    uploaded_by_name: str | None = None
    replaces_id: UUID | None = None
    verdict: Literal["passed", "failed", "waived"] | None = None
    verdict_reasons: list[dict[str, Any]] = []
    waived_by: UUID | None = None
    waiver_reason: str | None = None


class Documents(BaseModel):
    items: list[DocumentFacts]
    total: int


class Waiver(Input):
    """Why a document passes the gate although its check did not."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "客户只收扫描件，原件已人工核对"}]})

    reason: str = Field(min_length=1, max_length=400)
