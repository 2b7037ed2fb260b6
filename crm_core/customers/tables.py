"""The customer and what hangs on it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record

Money = Numeric(14, 2)


class Customer(Record):
    """A company that we sell to. Which role reads or edits which field is the playbook's field matrix."""

    __tablename__ = "customers"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    name_pinyin: Mapped[str] = mapped_column(String(400), index=True)
    #: the customer's own trade, as free text: 光伏电站运营商
    industry: Mapped[str | None] = mapped_column(String(80), index=True)
    #: code of the playbook: small, medium, large, group
    size: Mapped[str | None] = mapped_column(String(20))
    region_id: Mapped[UUID | None] = mapped_column(ForeignKey("regions.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    city: Mapped[str | None] = mapped_column(String(80))
    source: Mapped[str | None] = mapped_column(String(40))
    situation: Mapped[str | None]
    budget_range: Mapped[str | None] = mapped_column(String(80))
    #: 技术方案, written by presales
    technical_solution: Mapped[str | None]
    #: 实施风险点, written by delivery
    delivery_risks: Mapped[str | None]
    delivery_owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    #: 开票资质, written by finance
    invoice_qualification: Mapped[str | None] = mapped_column(String(200))
    #: products of ours in use or under discussion
    products: Mapped[str | None] = mapped_column(String(400))


class Contact(Record):
    """A person at a customer and their part in its decision chain (决策链)."""

    __tablename__ = "contacts"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    title: Mapped[str | None] = mapped_column(String(80))
    #: decider, influencer, user, purchaser, gatekeeper, supporter, opponent
    decision_role: Mapped[str | None] = mapped_column(String(20))
    mobile: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(200))
    wechat: Mapped[str | None] = mapped_column(String(80))
    interviewed_at: Mapped[datetime | None]


class TimelineEntry(Record):
    """Something that happened with a customer, to the second, with who and through what."""

    __tablename__ = "timeline_entries"
    __table_args__ = (
        UniqueConstraint("channel", "external_key"),
        Index("ix_timeline_entries_customer_occurred", "customer_id", "occurred_at", "id"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"), index=True)
    occurred_at: Mapped[datetime]
    #: call, visit, message, email, quote_sent, document, stage_move, field_change, transcript, diagnosis, task, note
    kind: Mapped[str] = mapped_column(String(30))
    #: screen, api, wecom, wechat, dingtalk, feishu, email, phone, import, job
    channel: Mapped[str] = mapped_column(String(30))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    #: free words of a person; entries made by the product carry a code and parameters instead
    summary: Mapped[str | None]
    code: Mapped[str | None] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: the message's own id at its channel: the same message twice is one entry
    external_key: Mapped[str | None] = mapped_column(String(200))


class Document(Record):
    """A file of a customer or lead; a new version is a new row that replaces the one before."""

    __tablename__ = "documents"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"), index=True)
    #: code of the playbook: solution_deck, cost_sheet, comparison_sheet, decision_chain_map, evidence, contract, other
    kind: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int]
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    #: of its quality check: passed, failed, waived; null = not judged yet
    verdict: Mapped[str | None] = mapped_column(String(10))
    #: what the check found wrong: [{"code": "…", "parameters": {…}}]
    verdict_reasons: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    waived_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    waiver_reason: Mapped[str | None] = mapped_column(String(400))


class Contract(Record):
    __tablename__ = "contracts"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"), index=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    #: draft, signed, ended
    status: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Decimal] = mapped_column(Money)
    signed_on: Mapped[date | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    #: the contract that continues this one; null after ends_on means not renewed
    renewed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("contracts.id"))


class Payment(Record):
    """A payment node of a contract: due, invoiced, paid."""

    __tablename__ = "payments"

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts.id"), index=True)
    due_on: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Money)
    invoiced_on: Mapped[date | None]
    paid_on: Mapped[date | None]


class Ticket(Record):
    """A delivery or service ticket."""

    __tablename__ = "tickets"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    #: delivery, fault, question
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime]
    due_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
