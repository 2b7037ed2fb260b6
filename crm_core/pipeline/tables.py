"""Leads and their moves."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.customers.tables import Money
from crm_core.foundation import clock
from crm_core.foundation.database import Record


class Lead(Record):
    """An opportunity with a customer. Stage, outcome and payment state change in `gate` alone."""

    __tablename__ = "leads"
    __table_args__ = (
        CheckConstraint("outcome IN ('open', 'won', 'lost', 'parked')", name="outcome"),
        Index("ix_leads_owner_outcome", "owner_id", "outcome"),
        Index("ix_leads_outcome_stage", "outcome", "stage", "stage_entered_at"),
        Index("ix_leads_alarm_at", "alarm_at", postgresql_where=text("alarm_at IS NOT NULL")),
        Index("ix_leads_overdue_at", "overdue_at", postgresql_where=text("overdue_at IS NOT NULL")),
        Index("ix_leads_waiting", "received_at", postgresql_where=text("owner_id IS NULL AND outcome = 'open'")),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(String(40))
    product: Mapped[str | None] = mapped_column(String(120))
    #: zh, en, …: what the customer wants to be spoken to in
    language: Mapped[str | None] = mapped_column(String(20))
    #: its number in the system that it came from
    external_number: Mapped[str | None] = mapped_column(String(80), unique=True)
    region_id: Mapped[UUID | None] = mapped_column(ForeignKey("regions.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    #: when the owner got it
    owned_since: Mapped[datetime | None]
    #: code of the claim pool in which it waits
    pool: Mapped[str | None] = mapped_column(String(40))
    #: when it came to us: waiting for an owner counts from here
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    presales_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    #: code of a stage of the playbook
    stage: Mapped[str] = mapped_column(String(40))
    stage_entered_at: Mapped[datetime]
    #: open, won, lost, parked
    outcome: Mapped[str] = mapped_column(String(10), default="open")
    outcome_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome_reason: Mapped[str | None] = mapped_column(String(400))
    #: of the last stage: contract, invoiced, paid; signed is not paid
    payment_state: Mapped[str | None] = mapped_column(String(10))
    #: 预计签约日期
    expected_sign_on: Mapped[date | None]
    amount: Mapped[Decimal | None] = mapped_column(Money)
    #: gross margin of the deal, 0 to 1
    margin: Mapped[float | None]
    #: 销售激励政策: never for finance
    incentive_policy: Mapped[str | None] = mapped_column(String(400))
    #: the fields that the playbook's stages ask for, by field code
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    back_moves: Mapped[int] = mapped_column(default=0)
    #: when the next step of the stage's ladder fires, and which one; null when none is left
    alarm_at: Mapped[datetime | None]
    alarm_step: Mapped[int | None]
    #: when the stay reaches its limit and the lead becomes overdue; null where there is no limit
    overdue_at: Mapped[datetime | None]
    #: raised by every write; two people moving one lead at once cannot both win
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol


class StageMove(Record):
    """One change of stage or outcome, with everything needed to measure dwell and back-flow."""

    __tablename__ = "stage_moves"
    __table_args__ = (
        Index("ix_stage_moves_lead_moved", "lead_id", "moved_at"),
        Index("uq_stage_moves_lead_number", "lead_id", "number", unique=True),
    )

    #: in the order of writing; what the last one says is where the lead stands, and the database sees to that
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"))
    from_stage: Mapped[str | None] = mapped_column(String(40))
    to_stage: Mapped[str] = mapped_column(String(40))
    #: created, forward, back, won, lost, parked, reopened, invoiced, paid, mapped (its stage is gone from the playbook)
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(400))
    #: the gate was overridden by a right of its own; the reason says why
    is_override: Mapped[bool] = mapped_column(default=False)
    moved_at: Mapped[datetime] = mapped_column(index=True)
    moved_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    dwell_seconds: Mapped[float | None]
    #: whose lead it was at that moment; figures of people and teams go by it
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    playbook_version: Mapped[int | None]
    #: it happened before the lead came here, in another system
    is_imported: Mapped[bool] = mapped_column(default=False)
