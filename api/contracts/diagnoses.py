"""Needs diagnosis of a lead: what is suggested, what is confirmed."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input

Operator = Literal["<=", ">=", "=", "range"]

_LONGEST_TEXT = 100_000


class QuoteView(BaseModel):
    """The customer's words: characters [start, end) of the summary; seconds where the words were recorded."""

    text: str
    start: int
    end: int
    start_seconds: float | None
    end_seconds: float | None


class TypedWords(Input):
    """Words to look through that are no transcript."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "他们嫌我们贵，设备三天两头停机，响应要在200毫秒以内。"}]},
    )

    text: str = Field(min_length=1, max_length=_LONGEST_TEXT, pattern=r"\S")


class SuggestedPainPoint(BaseModel):
    """A pain point of the lexicon that the words support, strongest quote first; score 0 to 1."""

    code: str
    name: str
    score: float
    quotes: list[QuoteView]
    precedents: list[str]


class SuggestedParameter(BaseModel):
    """A requirement with a value that the customer named."""

    name: str
    op: Operator
    value: float | str | tuple[float, float]
    unit: str
    quote: QuoteView


class DiagnosisSuggestions(BaseModel):
    """At most three pain points; none when the words support none."""

    transcript_id: UUID | None
    voice_summary: str
    pain_points: list[SuggestedPainPoint]
    parameters: list[SuggestedParameter]


class ParameterDraft(Input):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    op: Operator
    value: float | str | tuple[float, float]
    unit: str = Field(max_length=40)


class DiagnosisDraft(Input):
    """What the rep confirms: exactly three pain points, and the customer's voice as transcript or in writing."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "voice_summary": "他们嫌我们贵，设备三天两头停机，没人会用，响应要在200毫秒以内。",
                    "pain_points": ["price_too_high", "downtime_loss", "hard_to_learn"],
                    "parameters": [{"name": "响应时间", "op": "<=", "value": 200, "unit": "ms"}],
                }
            ]
        },
    )

    transcript_id: UUID | None = None
    voice_summary: str = Field(default="", max_length=_LONGEST_TEXT)
    pain_points: list[str] = Field(max_length=20)
    parameters: list[ParameterDraft] = Field(default_factory=list, max_length=50)


class ConfirmedPainPoint(BaseModel):
    """A pain point of the report; `is_supported` is false when no word of the customer speaks for it."""

    code: str
    name: str
    is_supported: bool
    quotes: list[QuoteView]


class ConfirmedParameter(ParameterDraft):
    quote: QuoteView | None


class Diagnosis(BaseModel):
    """《需求诊断报告》; fields that the viewer's role may not read are left out."""

    id: UUID
    lead_id: UUID
    transcript_id: UUID | None = None
    voice_summary: str | None = None
    pain_points: list[ConfirmedPainPoint] | None = None
    parameters: list[ConfirmedParameter] | None = None
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None
