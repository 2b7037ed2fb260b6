"""Publishing a draft: the one door through which the process changes, and through which it goes back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.errors import ProductError
from crm_core.foundation.events import publish as tell
from crm_core.foundation.translations import translate
from crm_core.people.rights import access_policy
from crm_core.people.snapshots import roster_on
from crm_core.pipeline.assignment.fallback import fallback_problem
from crm_core.pipeline.assignment.jobs import promise_waiting
from crm_core.pipeline.gate import Gate
from crm_core.process.drafts import create_draft, numbered_version, playbook_of, require_draft, version_in_force
from crm_core.process.events import PlaybookPublished
from crm_core.process.playbook import Playbook
from crm_core.process.publication import published_playbook
from crm_core.process.sections import Label
from crm_core.process.tables import PlaybookVersion
from crm_core.rehearsal.clearance import require_clearance
from crm_core.rehearsal.errors import FallbackUnreachable, PublishedMeanwhile, SkipReasonMissing
from crm_core.rehearsal.stage_map import await_lead_writers, leads_to_move, require_complete, stages_gone


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody who publishes has seen and decided."""

    #: of the draft, as it was last read
    revision: int
    #: number of the version in force that the draft was compared with
    replaces: int
    note: str = ""
    #: publish without a rehearsal that was passed; recorded on the version for good
    skip_reason: str | None = None


def publish(acting: Acting, draft: PlaybookVersion, order: Order) -> PlaybookVersion:
    """The draft as the next version, in force from this transaction on; the one before it is retired.

    Leads in stages that are gone are moved by the stage map. Needs the right playbook.publish. Raises NotADraft,
    DraftChangedMeanwhile, PublishedMeanwhile, PlaybookInvalid, FallbackUnreachable, StageMapNeeded, StageMapInvalid,
    RehearsalNeeded, SkipReasonMissing; RightMissing too where the draft changes who may manage users.
    """
    acting.policy.require_right(acting.viewer, "playbook.publish")
    session = acting.session
    in_force = _lock_version_in_force(session, order.replaces)
    require_draft(draft, order.revision)
    playbook = playbook_of(draft)
    _require_may_appoint(acting, playbook)
    _require_fallback(session, playbook)
    if stages_gone(acting.playbook, playbook):
        await_lead_writers(session)
    require_complete(session, draft, playbook, {stage.code: stage.name for stage in acting.playbook.stages})
    if order.skip_reason is None:
        require_clearance(session, draft, in_force)
    elif not order.skip_reason.strip():
        raise SkipReasonMissing
    _replace(session, in_force, draft, order, acting.person_id)
    _move_stranded(acting, draft, published_playbook(session))
    _announce(session, draft)
    return draft


def roll_back(acting: Acting, number: int, *, replaces: int, reason: str) -> PlaybookVersion:
    """What held as an older version holds again, as a new one: made, and published without a rehearsal for a reason.

    Through the same door as every other draft, so it is refused for the same causes.
    """
    older = numbered_version(acting.session, number)
    draft = create_draft(acting.session, older.content, base_number=number, note=reason, created_by=acting.person_id)
    return publish(acting, draft, Order(draft.revision, replaces, reason, skip_reason=reason))


def restore(session: Session, number: int, reason: str) -> PlaybookVersion:
    """An older version in force again, by whoever operates the installation.

    For when the version in force cannot be read any more, so that nobody can log in and act. Refused as every
    publication is, and where leads stand in stages that the older version does not have.
    """
    if not reason.strip():
        raise SkipReasonMissing
    in_force = version_in_force(session)
    older = numbered_version(session, number)
    draft = create_draft(session, older.content, base_number=number, note=reason, created_by=None)
    playbook = playbook_of(draft)
    _require_fallback(session, playbook)
    require_complete(session, draft, playbook, {stage.code: stage.name for stage in playbook.stages})
    _replace(session, in_force, draft, Order(draft.revision, in_force.number or 0, reason, reason), None)
    _announce(session, draft)
    return draft


def obstacles(acting: Acting, draft: PlaybookVersion) -> list[ProductError]:
    """Everything that stands in the way of publishing the draft now, the rehearsal last."""
    found: list[ProductError] = []
    in_force = version_in_force(acting.session)
    try:
        playbook = playbook_of(draft)
    except ProductError as invalid:
        return [invalid]
    names = {stage.code: stage.name for stage in acting.playbook.stages}
    checks: tuple[Callable[[], None], ...] = (
        lambda: _require_may_appoint(acting, playbook),
        lambda: _require_fallback(acting.session, playbook),
        lambda: require_complete(acting.session, draft, playbook, names),
        lambda: require_clearance(acting.session, draft, in_force),
    )
    for check in checks:
        try:
            check()
        except ProductError as obstacle:
            found.append(obstacle)
    return found


def _lock_version_in_force(session: Session, number: int) -> PlaybookVersion:
    """Of two who publish at once the second waits here, and then finds that the version is no longer in force."""
    held = select(PlaybookVersion).where(PlaybookVersion.status == "published").with_for_update()
    in_force = session.scalar(held.execution_options(populate_existing=True))
    if in_force is None or in_force.number != number:
        now_in_force = session.scalar(select(func.max(PlaybookVersion.number)))
        raise PublishedMeanwhile(number=now_in_force, seen=number)
    return in_force


def _require_may_appoint(acting: Acting, playbook: Playbook) -> None:
    """Nobody makes themselves an administrator by publishing: who may manage users is for those who do."""
    if _user_managers(playbook) != _user_managers(acting.playbook):
        acting.policy.require_right(acting.viewer, "users.manage")


def _user_managers(playbook: Playbook) -> frozenset[str]:
    return frozenset(role for role, rights in playbook.rights.items() if "users.manage" in rights)


def _require_fallback(session: Session, playbook: Playbook) -> None:
    problem = fallback_problem(playbook, roster_on(session, clock.today()))
    if problem:
        pool = playbook.assignment.fallback.pool
        name = next((one.name for one in playbook.assignment.pools if one.code == pool), Label(zh=pool, en=pool))
        raise FallbackUnreachable(
            pool=pool,
            problem=problem,
            problem_zh=translate(f"fallback_problem.{problem}", "zh", pool=name.zh),
            problem_en=translate(f"fallback_problem.{problem}", "en", pool=name.en),
        )


def _replace(
    session: Session, in_force: PlaybookVersion, draft: PlaybookVersion, order: Order, person_id: UUID | None
) -> None:
    in_force.status = "retired"
    session.flush()
    draft.number = (session.scalar(select(func.max(PlaybookVersion.number))) or 0) + 1
    draft.status, draft.published_at, draft.published_by = "published", clock.now(), person_id
    draft.skip_reason = order.skip_reason.strip() if order.skip_reason else None
    draft.note = order.note.strip() or draft.note
    session.flush()


def _announce(session: Session, version: PlaybookVersion) -> None:
    tell(session, PlaybookPublished(version.number or 0))
    # the new rules may find somebody for a lead that waits
    promise_waiting(session)


def _move_stranded(acting: Acting, draft: PlaybookVersion, playbook: Playbook) -> None:
    """By the gate of the new version, so that the moves say under which one they were made."""
    gate = Gate(replace(acting, playbook=playbook, policy=access_policy(playbook)))
    for lead in leads_to_move(acting.session, playbook):
        gate.map_stage(lead, draft.stage_map[lead.stage])
