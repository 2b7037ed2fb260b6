"""Voice summaries of leads and their words."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input

TranscriptStatus = Literal["queued", "running", "waiting_for_model", "done", "failed"]

_LONGEST_TEXT = 100_000


class TypedSummary(Input):
    """A summary in writing, for whoever cannot record or has no speech model."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "客户抱怨设备经常停机，响应时间要小于200毫秒，质保期至少三年。"}]},
    )

    text: str = Field(min_length=1, max_length=_LONGEST_TEXT, pattern=r"\S")


class CorrectedText(Input):
    """What was really said; the recognised words are kept beside it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "客户抱怨设备经常停机。\n质保期至少三年。"}]}
    )

    text: str = Field(min_length=1, max_length=_LONGEST_TEXT, pattern=r"\S")


class WordView(BaseModel):
    start_seconds: float
    end_seconds: float
    text: str
    confidence: float


class SegmentView(BaseModel):
    """A sentence or phrase; `channel` tells the speakers of a two-channel recording apart."""

    start_seconds: float
    end_seconds: float
    text: str
    confidence: float
    language: str
    channel: int | None
    words: list[WordView]


class TranscriptProblem(BaseModel):
    """Why there are no words (yet), and what to do."""

    code: str
    what: str
    remedy: str


class TranscriptSummary(BaseModel):
    """A voice summary in a list. `progress` runs from 0 to 1."""

    id: UUID
    created_at: datetime
    lead_id: UUID | None = None
    customer_id: UUID | None = None
    uploaded_by: UUID | None = None
    source: Literal["voice", "typed"] | None = None
    status: TranscriptStatus
    progress: float
    file_name: str | None = None
    duration_seconds: float | None = None
    #: the corrected words where there are any, else the recognised or typed ones
    best_text: str | None = None
    is_edited: bool = False
    problem: TranscriptProblem | None = None


class TranscriptDetail(TranscriptSummary):
    """Everything about one voice summary. `coverage` is the share of the detected speech that has words."""

    text: str | None = None
    edited_text: str | None = None
    edited_by: UUID | None = None
    edited_at: datetime | None = None
    segments: list[SegmentView] = Field(default_factory=list)
    model: str | None = None
    language: str | None = None
    coverage: float | None = None
    confidence: float | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class TranscriptPage(BaseModel):
    items: list[TranscriptSummary]
    total: int
