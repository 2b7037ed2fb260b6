"""What was seen of people's skills, and the training that was assigned."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class SkillObservation(Record):
    """Somebody, or an analysis, saw this level of a skill."""

    __tablename__ = "skill_observations"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        Index("ix_skill_observations_person_skill", "person_id", "skill", "observed_on"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: code of a skill of the playbook
    skill: Mapped[str] = mapped_column(String(40), index=True)
    level: Mapped[float]
    observed_on: Mapped[date]
    #: accompanied_visit, recording_review, diagnosis, course_test
    source: Mapped[str] = mapped_column(String(40))
    observed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"))
    note: Mapped[str | None] = mapped_column(String(400))


class CourseAssignment(Record):
    """A course that a person is to take by a day, because of a skill gap."""

    __tablename__ = "course_assignments"
    __table_args__ = (
        CheckConstraint("state IN ('assigned', 'completed', 'withdrawn')", name="state"),
        Index(
            "ix_course_assignments_open",
            "person_id",
            "course",
            unique=True,
            postgresql_where="state = 'assigned'",
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: code of a course of the playbook
    course: Mapped[str] = mapped_column(String(40))
    assigned_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[date]
    #: assigned, completed, withdrawn
    state: Mapped[str] = mapped_column(String(10), default="assigned")
    completed_at: Mapped[datetime | None]
    #: the gap that gave the reason, as it was then
    gap_then: Mapped[float | None]
