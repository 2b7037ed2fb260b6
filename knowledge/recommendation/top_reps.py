"""Who counts as a top rep: a stated rule over closed deals, the same for everyone."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case as sql_case
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.pipeline.tables import Lead

#: fewer closed deals say nothing about a rep
MINIMUM_CLOSED_DEALS = 8
TOP_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class RepRecord:
    """The closed deals of one rep."""

    rep_id: UUID
    closed: int
    won: int
    won_amount: float

    @property
    def win_rate(self) -> float:
        return self.won / self.closed if self.closed else 0.0


def rep_records(session: Session) -> list[RepRecord]:
    """Return the won and lost deals of every rep who has any."""
    won = sql_case((Lead.outcome == "won", 1), else_=0)
    amount = sql_case((Lead.outcome == "won", func.coalesce(Lead.amount, 0)), else_=0)
    statement = (
        select(Lead.owner_id, func.count(), func.sum(won), func.sum(amount))
        .where(Lead.outcome.in_(["won", "lost"]), Lead.owner_id.is_not(None))
        .group_by(Lead.owner_id)
    )
    return [
        RepRecord(rep, int(closed), int(won), float(amount)) for rep, closed, won, amount in session.execute(statement)
    ]


def top_reps(records: list[RepRecord]) -> Mapping[UUID, RepRecord]:
    """Return the best quarter of the reps with at least eight closed deals.

    Each is ranked by won amount and by win rate; the mean of both ranks decides, so that neither one great deal nor
    many small ones suffice. With fewer than four such reps nobody is called top.
    """
    known = [record for record in records if record.closed >= MINIMUM_CLOSED_DEALS]
    count = int(len(known) * TOP_SHARE)
    by_amount = sorted(known, key=lambda record: -record.won_amount)
    by_rate = sorted(known, key=lambda record: -record.win_rate)
    best = sorted(known, key=lambda record: (by_amount.index(record) + by_rate.index(record), str(record.rep_id)))
    return {record.rep_id: record for record in best[:count]}
