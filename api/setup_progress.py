"""How far a company is on its way from nothing to its own first version, read from what is there."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.contracts.setup import SetupProgress, SetupStep, SetupStepCode
from crm_core.customers.acting import Acting
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.people.snapshots import roster_on
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.process.drafts import version_in_force
from crm_core.process.playbook import Playbook
from crm_core.process.publication import BUILT_IN_NUMBER
from crm_core.process.tables import PlaybookVersion
from crm_core.rehearsal.clearance import clearance_problem


def setup_progress(acting: Acting) -> SetupProgress:
    """Needs the right playbook.edit."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    session = acting.session
    in_force, draft = version_in_force(session), _latest_draft(session)
    number = in_force.number or BUILT_IN_NUMBER
    has_own = number > BUILT_IN_NUMBER
    trial_problem = clearance_problem(session, draft, in_force) if draft else None
    steps = [
        SetupStep(code="template", is_done=has_own or draft is not None),
        _people(session, acting.playbook),
        _counted("customers", customers=session.scalar(select(func.count()).select_from(Customer))),
        _counted("leads", leads=session.scalar(select(func.count()).select_from(Lead))),
        _counted("history", moves=session.scalar(select(func.count()).where(StageMove.is_imported))),
        SetupStep(code="trial", is_done=trial_problem is None if draft else has_own),
        SetupStep(code="publish", is_done=has_own and draft is None),
    ]
    return SetupProgress(
        steps=steps,
        next_step=next((step.code for step in steps if not step.is_done and not step.is_optional), None),
        draft_id=draft.id if draft else None,
        trial_problem=trial_problem,
        published_number=number,
    )


def _latest_draft(session: Session) -> PlaybookVersion | None:
    drafts = select(PlaybookVersion).where(PlaybookVersion.status == "draft")
    return session.scalar(drafts.order_by(PlaybookVersion.created_at.desc()).limit(1))


def _people(session: Session, playbook: Playbook) -> SetupStep:
    """Done when somebody can receive leads."""
    required = set(playbook.onboarding.required)
    members = roster_on(session, clock.today()).members
    reps = [member for member in members if member.role == "rep"]
    ready = sum(required.isdisjoint(member.unknown) for member in reps)
    people = len({member.person_id for member in members})
    return SetupStep(
        code="people", is_done=ready > 0, figures={"people": people, "reps": len(reps), "reps_ready": ready}
    )


def _counted(code: SetupStepCode, **figures: int | None) -> SetupStep:
    found = {name: count or 0 for name, count in figures.items()}
    return SetupStep(code=code, is_done=any(found.values()), is_optional=code == "history", figures=found)
