"""The timeline of a customer."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.contracts.inputs import Input
from api.contracts.paging import Page

Channel = Literal["screen", "api", "wecom", "wechat", "dingtalk", "feishu", "email", "phone"]


class NewEntry(Input):
    """Something that happened; the same external key of the same channel twice is one entry."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "quote_sent",
                    "channel": "wecom",
                    "occurred_at": "2026-03-02T10:15:42+08:00",
                    "summary": "发送储能方案报价单 V2",
                    "external_key": "msg-7f2c91",
                }
            ]
        },
    )

    kind: Literal["call", "visit", "message", "email", "quote_sent", "note"]
    channel: Channel
    occurred_at: AwareDatetime | None = None
    summary: str = Field(min_length=1, max_length=4000)
    lead_id: UUID | None = None
    external_key: str | None = Field(default=None, min_length=1, max_length=200)


class EntryFacts(BaseModel):
    """One entry, to the second; `text` is the summary, or the sentence for what the product noted itself."""

    id: UUID
    occurred_at: datetime | None = None
    kind: str = ""
    kind_name: str = ""
    channel: str = ""
    actor_id: UUID | None = None
    actor_name: str | None = None
    lead_id: UUID | None = None
    text: str = ""
    code: str | None = None
    details: dict[str, Any] = {}


class EntryAdded(BaseModel):
    entry: EntryFacts
    #: false: the message was already there
    is_new: bool


class Timeline(BaseModel):
    items: list[EntryFacts]
    total: int


class TimelineQuery(Page):
    lead_id: UUID | None = None
