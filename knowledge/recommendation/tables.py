"""What was recommended to whom, and what came of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class RecommendationFeedback(Record):
    """A case was shown to somebody for a customer, was used, or was not useful, and why."""

    __tablename__ = "recommendation_feedback"
    __table_args__ = (
        CheckConstraint("kind IN ('shown', 'used', 'not_useful')", name="kind"),
        Index("ix_recommendation_feedback_case_kind", "case_id", "kind"),
        Index("ix_recommendation_feedback_person_customer", "person_id", "customer_id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(400))
    #: 1 for the first of the list
    place: Mapped[int | None]
    #: of the search, so that later evaluation knows what produced it
    score: Mapped[float | None]
    told_at: Mapped[datetime]
