"""The finder of this company: its lexicon and its won cases as precedents."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.process.playbook import Playbook
from knowledge.cases.tables import Case
from knowledge.diagnosis.lexicon import Lexicon, PainPoint
from knowledge.diagnosis.pain_points import PainPointFinder
from knowledge.diagnosis.precedents import Precedent

MOST_PRECEDENTS = 3_000
_PUBLISHED = Case.status == "published"

#: the newest finder of this process, with what it was made from
_made: dict[tuple[Playbook, int, datetime | None], PainPointFinder] = {}


def finder_of(session: Session, playbook: Playbook) -> PainPointFinder:
    """Made anew when the playbook or the library of cases has changed; one small query otherwise."""
    count, changed_at = session.execute(select(func.count(), func.max(Case.changed_at)).where(_PUBLISHED)).one()
    state = (playbook, count, changed_at)
    finder = _made.get(state)
    if finder is None:
        finder = PainPointFinder(lexicon_of(playbook), _precedents(session))
        _made.clear()
        _made[state] = finder
    return finder


def lexicon_of(playbook: Playbook) -> Lexicon:
    """The playbook's pain points as the finder reads them."""
    return Lexicon.of(
        PainPoint(entry.code, entry.name, entry.aliases, entry.expressions) for entry in playbook.lexicon.pain_points
    )


def _precedents(session: Session) -> list[Precedent]:
    newest = select(Case).where(_PUBLISHED).order_by(Case.signed_on.desc(), Case.id).limit(MOST_PRECEDENTS)
    return [
        Precedent(str(case.id), "，".join(filter(None, (case.title, case.situation))), tuple(case.pain_points))
        for case in session.scalars(newest)
    ]
