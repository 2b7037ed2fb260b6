"""Hand-overs, and each thing that was handed over."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class Handover(Record):
    """Somebody leaves on a day; planned until the day comes, then finished."""

    __tablename__ = "handovers"
    __table_args__ = (UniqueConstraint("person_id", "left_on"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: the first day they are gone
    left_on: Mapped[date]
    #: who was named to take over; null: rules, managers and operations do
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    finished_at: Mapped[datetime | None]


class HandoverItem(Record):
    """One thing that went to somebody else, or found nobody."""

    __tablename__ = "handover_items"
    __table_args__ = (
        UniqueConstraint("handover_id", "kind", "record_id"),
        CheckConstraint(
            "kind IN ('lead', 'presales_role', 'customer', 'delivery_role', 'task', 'visit', 'report')", name="kind"
        ),
    )

    handover_id: Mapped[UUID] = mapped_column(ForeignKey("handovers.id"))
    kind: Mapped[str] = mapped_column(String(20))
    #: the lead, customer, task or visit; of a report the person
    record_id: Mapped[UUID]
    #: its title or name when it was handed over
    name: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"))
    #: null: nobody could be found, or it waits in a claim pool
    to_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    #: code of the claim pool in which a lead waits
    to_pool: Mapped[str | None] = mapped_column(String(40))
