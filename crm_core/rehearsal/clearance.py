"""Whether a draft has been rehearsed well enough to be published."""

from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation.translations import translate
from crm_core.process.drafts import content_digest
from crm_core.process.tables import PlaybookVersion, Rehearsal
from crm_core.rehearsal.errors import RehearsalNeeded

#: never: none of this content; outdated: made while another version was in force
ClearanceProblem = Literal["never", "outdated", "unfinished", "unseen", "beyond_thresholds"]


def require_clearance(session: Session, draft: PlaybookVersion, in_force: PlaybookVersion) -> None:
    """Raises RehearsalNeeded, saying which step is left."""
    problem = clearance_problem(session, draft, in_force)
    if problem:
        raise RehearsalNeeded(
            problem=problem,
            problem_zh=translate(f"clearance_problem.{problem}", "zh"),
            problem_en=translate(f"clearance_problem.{problem}", "en"),
        )


def clearance_problem(session: Session, draft: PlaybookVersion, in_force: PlaybookVersion) -> ClearanceProblem | None:
    """What is left to do before the latest rehearsal of the draft speaks for it; None when it does.

    It speaks for the content that it replayed, beside the version that is in force, once somebody has seen it.
    """
    rehearsals = select(Rehearsal).where(
        Rehearsal.draft_id == draft.id, Rehearsal.content_sha256 == content_digest(draft), Rehearsal.status != "failed"
    )
    latest = session.scalar(rehearsals.order_by(Rehearsal.created_at.desc()).limit(1))
    if latest is None:
        return "never"
    if in_force.published_at and latest.created_at < in_force.published_at:
        return "outdated"
    if latest.status != "done":
        return "unfinished"
    if latest.seen_at is None:
        return "unseen"
    return None if latest.result["verdict"]["passed"] else "beyond_thresholds"
