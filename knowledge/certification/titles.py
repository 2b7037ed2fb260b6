"""Gives titles when the evidence carries them, and takes them back when it no longer does."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.events import publish
from crm_core.process.publication import published_playbook
from knowledge.certification.events import TitleChanged
from knowledge.certification.progress import certification_progress, criteria_of
from knowledge.certification.tables import MethodTitle
from knowledge.certification.verdict import State, explain

_TITLES = {State.PROVISIONAL: "provisional", State.CERTIFIED: "certified"}


def refresh_titles(session: Session) -> int:
    """Bring every title to what the record says today; answers how many changed."""
    criteria = criteria_of(published_playbook(session))
    changed = 0
    for method in certification_progress(session, criteria):
        held = _held(session, method.method_code)
        for rep_id, progress in method.reps.items():
            title = held.get(rep_id)
            state = _next_state(title, progress.state)
            if state is None or (title is not None and title.state == state):
                continue
            title = title or MethodTitle(person_id=rep_id, method_code=method.method_code)
            title.state, title.since = state, clock.now()
            title.facts = dict(explain(progress, criteria)[1])
            session.add(title)
            publish(session, TitleChanged(rep_id, method.method_code, state))
            changed += 1
    session.flush()
    return changed


def is_certified(session: Session, method_code: str) -> bool:
    """Whether at least one rep holds the full title for a method."""
    certified = MethodTitle.state == "certified"
    return bool(session.scalar(select(exists().where(MethodTitle.method_code == method_code, certified))))


def _next_state(title: MethodTitle | None, judged: State) -> str | None:
    """A full title that has lost its evidence lapses; it does not become provisional again."""
    state = _TITLES.get(judged)
    if title is None:
        return state
    had_full_title = title.state in {"certified", "lapsed"}
    return state if state == "certified" or (state and not had_full_title) else "lapsed"


def _held(session: Session, method_code: str) -> Mapping[UUID, MethodTitle]:
    rows = session.scalars(select(MethodTitle).where(MethodTitle.method_code == method_code))
    return {row.person_id: row for row in rows}
