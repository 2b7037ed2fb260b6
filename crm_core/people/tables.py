"""The roster, and the ways to prove who one is."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class Region(Record):
    """A sales region (大区)."""

    __tablename__ = "regions"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))


class Team(Record):
    __tablename__ = "teams"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    region_id: Mapped[UUID | None] = mapped_column(ForeignKey("regions.id"))
    #: code of a working calendar of the playbook
    calendar: Mapped[str | None] = mapped_column(String(40))
    #: the same team at an identity provider (SCIM externalId)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    #: the first day on which it is no more; its past stays
    closed_on: Mapped[date | None]


class Person(Record):
    """Somebody who works or worked here; never deleted, so that history keeps its names."""

    __tablename__ = "people"

    name: Mapped[str] = mapped_column(String(80))
    #: sorts Chinese names; filled from the name when a person is made
    name_pinyin: Mapped[str] = mapped_column(String(200), index=True)
    employee_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    email: Mapped[str | None] = mapped_column(String(200), unique=True)
    mobile: Mapped[str | None] = mapped_column(String(40))
    hired_on: Mapped[date | None]
    left_on: Mapped[date | None]
    locale: Mapped[str] = mapped_column(String(2), default="zh")
    #: 企业微信 account
    wecom_id: Mapped[str | None] = mapped_column(String(80), unique=True)
    #: what somebody can sell, in the company's own words: products, trades
    skills: Mapped[list[str]] = mapped_column(ARRAY(String(60)), default=list)
    #: zh, en, …
    languages: Mapped[list[str]] = mapped_column(ARRAY(String(20)), default=list)
    #: no more leads while so many are open; null: as the pool says
    open_leads_limit: Mapped[int | None]
    #: the first day on which new leads come again
    away_until: Mapped[date | None]
    #: at an identity provider: SCIM userName and externalId
    user_name: Mapped[str | None] = mapped_column(String(200), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)


class Membership(Record):
    """One role in one team for a span of days, under the manager of those days. `until` is exclusive; null is open."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until > since", name="span"),
        Index("ix_memberships_person_since", "person_id", "since"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(20))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("teams.id"), index=True)
    region_id: Mapped[UUID | None] = mapped_column(ForeignKey("regions.id"))
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    since: Mapped[date]
    until: Mapped[date | None]


class Credential(Record):
    """A password, as an argon2 hash, and the count of wrong tries."""

    __tablename__ = "credentials"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), unique=True)
    login_name: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class LoginSession(Record):
    """A browser that is logged in; the token itself is never stored, only its SHA-256."""

    __tablename__ = "login_sessions"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user_agent: Mapped[str | None] = mapped_column(String(300))


class ApiToken(Record):
    """A program that acts for a person, within scopes."""

    __tablename__ = "api_tokens"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    label: Mapped[str] = mapped_column(String(80))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ExternalIdentity(Record):
    """The same person at an identity provider (OpenID Connect issuer and subject)."""

    __tablename__ = "external_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(300))


class RosterSnapshot(Record):
    """Who was where on a day, with everything that assignment looks at; kept once for each different content."""

    __tablename__ = "roster_snapshots"

    day: Mapped[date] = mapped_column(index=True)
    #: SHA-256 of the content
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[list[dict[str, Any]]]
