"""What the record says of each method: its reps' deals before and after the first use, judged."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook
from knowledge.certification.deals import Deal
from knowledge.certification.verdict import Criteria, Effect, Progress, Trial, judge_method
from knowledge.methods.tables import MethodUse


@dataclass(frozen=True, slots=True)
class MethodProgress:
    """A method's effect over all its reps (None: not enough data) and where each rep stands."""

    method_code: str
    effect: Effect | None
    reps: Mapping[UUID, Progress]


def criteria_of(playbook: Playbook) -> Criteria:
    """The playbook's criteria."""
    chosen = playbook.certification
    return Criteria(following_deals=chosen.following_deals, posterior=chosen.posterior)


def certification_progress(
    session: Session, criteria: Criteria, method_code: str | None = None
) -> list[MethodProgress]:
    """Every method that somebody has used, or the one asked for, by code."""
    first_uses = _first_uses(session, method_code)
    deals = _deals(session, {rep_id for uses in first_uses.values() for rep_id in uses})
    progress = []
    for code, uses in sorted(first_uses.items()):
        trials = {rep_id: _trial(deals[rep_id], first_use) for rep_id, first_use in uses.items()}
        effect, reps = judge_method(trials, clock.today(), criteria)
        progress.append(MethodProgress(code, effect, reps))
    return progress


@dataclass(frozen=True, slots=True)
class _DatedDeal:
    opened_at: datetime
    deal: Deal


def _first_uses(session: Session, method_code: str | None) -> Mapping[str, dict[UUID, datetime]]:
    statement = select(MethodUse.method_code, MethodUse.rep_id, func.min(MethodUse.used_at)).group_by(
        MethodUse.method_code, MethodUse.rep_id
    )
    if method_code is not None:
        statement = statement.where(MethodUse.method_code == method_code)
    uses: defaultdict[str, dict[UUID, datetime]] = defaultdict(dict)
    for code, rep_id, first_used_at in session.execute(statement):
        uses[code][rep_id] = first_used_at
    return uses


def _deals(session: Session, rep_ids: set[UUID]) -> Mapping[UUID, list[_DatedDeal]]:
    columns = (Lead.owner_id, Lead.created_at, Lead.outcome, Lead.outcome_at, Lead.margin)
    found: defaultdict[UUID, list[_DatedDeal]] = defaultdict(list)
    for owner_id, opened_at, outcome, closed_at, margin in session.execute(
        select(*columns).where(Lead.owner_id.in_(rep_ids))
    ):
        ended = _day(closed_at) if outcome in {"won", "lost"} and closed_at else None
        deal = Deal(_day(opened_at), ended, outcome == "won", margin)
        if owner_id is not None:
            found[owner_id].append(_DatedDeal(opened_at, deal))
    return found


def _trial(deals: Iterable[_DatedDeal], first_use: datetime) -> Trial:
    """Deals that were running at the first use belong to neither side, unless they had ended by then."""
    earlier, later = [], []
    for dated in deals:
        if dated.opened_at >= first_use:
            later.append(dated.deal)
        elif dated.deal.closed_on is not None and dated.deal.closed_on <= _day(first_use):
            earlier.append(dated.deal)
    return Trial(tuple(earlier), tuple(later))


def _day(instant: datetime) -> date:
    return instant.astimezone(clock.BUSINESS_ZONE).date()
