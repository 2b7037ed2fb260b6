"""Logging in and out, and everything about one's own account."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.contracts.inputs import Input

Locale = Literal["zh", "en"]


class LogIn(Input):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"login_name": "zhang.wei", "password": "四季如春-2026"}]}
    )

    login_name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=200)


class Self(BaseModel):
    """The person who is logged in."""

    id: UUID
    name: str
    email: str | None
    locale: Locale


class LoggedIn(BaseModel):
    """The token is also set as a cookie; programs send it as `Authorization: Bearer`."""

    token: str
    expires_at: datetime
    person: Self


class Me(BaseModel):
    """Who looks, and what that person may do; menus are built from it."""

    person: Self
    roles: list[str]
    rights: list[str]
    team_ids: list[UUID]
    region_ids: list[UUID]
    #: others answer to this person
    leads_others: bool
    #: false for those who log in through single sign-on alone
    has_password: bool
    #: null at a screen; what an API token is limited to
    token_scopes: list[str] | None


class PasswordChange(Input):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"current": "四季如春-2026", "new": "山高水长-2027"}]}
    )

    current: str = Field(min_length=1, max_length=200)
    new: str = Field(min_length=1, max_length=200)


class LocaleChange(Input):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"locale": "en"}]})

    locale: Locale


class OpenSession(BaseModel):
    """A browser or program that is logged in."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    user_agent: str | None
    is_current: bool


class OpenSessions(BaseModel):
    items: list[OpenSession]
    total: int


class ApiTokenRequest(Input):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"label": "BI 报表", "scopes": ["read"], "expires_at": "2027-06-30T00:00:00+08:00"}]
        },
    )

    label: str = Field(min_length=1, max_length=80)
    #: read, write, import, admin
    scopes: list[str] = Field(min_length=1)
    expires_at: datetime | None = None


class ApiTokenFacts(BaseModel):
    id: UUID
    label: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None


class ApiTokenIssued(ApiTokenFacts):
    """The only answer that ever holds the token."""

    token: str


class ApiTokens(BaseModel):
    items: list[ApiTokenFacts]
    total: int


class SignOnAnswer(BaseModel):
    """What an identity provider adds to the address when it sends the browser back."""

    state: str = Field(default="", max_length=200)
    code: str = Field(default="", max_length=4000)
    error: str = ""
