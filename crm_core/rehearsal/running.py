"""A rehearsal from the wish to the result: promised, replayed without a write, kept."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.errors import Conflict, ProductError
from crm_core.foundation.resources import Resources
from crm_core.process.drafts import content_digest, find_version, playbook_of, require_draft, version_in_force
from crm_core.process.tables import Rehearsal
from crm_core.rehearsal.loading import load_material
from crm_core.rehearsal.material import Sides, Window
from crm_core.rehearsal.replay import Replayed, replay
from crm_core.rehearsal.review_comparison import review_changes
from crm_core.rehearsal.rows import write_rows
from crm_core.rehearsal.verdict import verdict_of

#: progress is written so many times in a run
_STEPS = 20


class DraftChangedWhileWaiting(Conflict):
    """The draft was changed or is no draft any more; what was asked for can no longer be replayed."""

    code = "rehearsal_draft_changed"


def ask_for(acting: Acting, draft_id: UUID, days: int) -> Rehearsal:
    """A rehearsal of the draft as it is now; one of the same that still waits or runs is returned instead.

    Raises RightMissing, VersionNotFound, NotADraft, PlaybookInvalid.
    """
    acting.policy.require_right(acting.viewer, "playbook.edit")
    draft = find_version(acting.session, draft_id)
    require_draft(draft)
    playbook_of(draft)
    digest = content_digest(draft)
    under_way = select(Rehearsal).where(
        Rehearsal.draft_id == draft_id,
        Rehearsal.content_sha256 == digest,
        Rehearsal.days == days,
        Rehearsal.status.in_(("waiting", "running")),
    )
    rehearsal = acting.session.scalar(under_way.order_by(Rehearsal.created_at.desc()).limit(1))
    if rehearsal is None:
        rehearsal = Rehearsal(
            draft_id=draft_id, content_sha256=digest, days=days, status="waiting", started_by=acting.person_id
        )
        acting.session.add(rehearsal)
        acting.session.flush()
    return rehearsal


def run(resources: Resources, rehearsal_id: UUID) -> None:
    """Replay and keep what was found; a rehearsal that is done stays as it is."""
    origin = Origin(channel="job")
    with resources.database.transaction(origin) as session:
        rehearsal = session.get(Rehearsal, rehearsal_id, with_for_update=True)
        if rehearsal is None or rehearsal.status not in {"waiting", "running"}:
            return
        rehearsal.status = "running"
    with _collector_resting():
        try:
            replayed = _replayed(resources.database, rehearsal)
        except ProductError as refusal:
            _keep_refusal(resources.database, rehearsal_id, refusal)
        else:
            _keep(resources.database, rehearsal_id, replayed)


def _keep(database: Database, rehearsal_id: UUID, replayed: Replayed) -> None:
    with database.transaction(Origin(channel="job")) as session:
        held = session.get_one(Rehearsal, rehearsal_id, with_for_update=True)
        if held.status == "running":
            write_rows(session, rehearsal_id, replayed.rows)
            held.status, held.result, held.finished_at = "done", replayed.result, clock.now()
            held.leads_done = held.leads_total


@contextmanager
def _collector_resting() -> Iterator[None]:
    """A replay makes millions of values and no circles of them; looking for circles takes a third of its time."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


def _replayed(database: Database, rehearsal: Rehearsal) -> Replayed:
    """The database itself refuses every write here, and shows one state from the first query to the last."""
    with database.reading() as session:
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        sides = _sides(session, rehearsal)
        window = Window.before(rehearsal.created_at, rehearsal.days)
        material = load_material(session, window, sides)
        progress = _Progress(database, rehearsal.id, len(material.arrivals))
        replayed = replay(material, sides, progress.add_one)
        replayed.result["reviews"] = review_changes(session, sides.old, sides.new, window.end)
    replayed.result["verdict"] = verdict_of(replayed.result["shares"], rehearsal.days, sides.old.rehearsal)
    return replayed


def _sides(session: Session, rehearsal: Rehearsal) -> Sides:
    draft = find_version(session, rehearsal.draft_id)
    if draft.status != "draft" or content_digest(draft) != rehearsal.content_sha256:
        raise DraftChangedWhileWaiting
    return Sides(playbook_of(version_in_force(session)), playbook_of(draft), dict(draft.stage_map))


def _keep_refusal(database: Database, rehearsal_id: UUID, refusal: ProductError) -> None:
    with database.transaction(Origin(channel="job")) as session:
        held = session.get_one(Rehearsal, rehearsal_id, with_for_update=True)
        parameters = {name: str(value) for name, value in refusal.parameters.items()}
        held.status, held.finished_at = "failed", clock.now()
        held.result = {"problem": {"code": refusal.code, "parameters": parameters}}


@dataclass(slots=True)
class _Progress:
    """Tells how far the replay is, in transactions of its own; both sides replay every lead."""

    database: Database
    rehearsal_id: UUID
    leads: int
    replays: int = 0

    def add_one(self) -> None:
        if self.replays % max(1, 2 * self.leads // _STEPS) == 0:
            told = {"leads_total": self.leads, "leads_done": self.replays // 2}
            with self.database.transaction(Origin(channel="job")) as session:
                session.execute(update(Rehearsal).where(Rehearsal.id == self.rehearsal_id).values(told))
        self.replays += 1
