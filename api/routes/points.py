"""Points: statement, leaderboard, leaving the leaderboard."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.contracts.paging import Offset
from api.contracts.points import Booking, Leaderboard, LeaderboardRow, Listing, Period, Statement
from api.dependencies import LocaleDep
from crm_core.foundation import clock
from crm_core.foundation.translations import translate
from crm_core.people.repository import find_person, names_of_people
from knowledge.points.ledger import balance, is_listed, leaderboard, set_listed, statement_of

router = APIRouter(prefix="/api/points", tags=["points"])

_DAYS: dict[Period, int] = {"month": 30, "quarter": 91, "year": 365}


@router.get("/statement")
def read_statement(
    acting: ActingDep,
    locale: LocaleDep,
    person_id: Annotated[UUID | None, Query(description="Oneself when left out")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> Statement:
    """One's own points and what they were booked for; other people's need the right points.view_all."""
    acting.policy.require_readable(acting.viewer, "points", ["points"])
    if person_id is not None and person_id != acting.person_id:
        acting.policy.require_right(acting.viewer, "points.view_all")
    person = find_person(acting.session, person_id or acting.person_id)
    lines, total = statement_of(acting.session, person.id, limit=limit, offset=offset)
    return Statement(
        person_id=person.id,
        balance=balance(acting.session, person.id),
        is_listed=is_listed(acting.session, person.id),
        items=[
            Booking(
                id=line.id,
                kind=line.kind,
                text=translate(f"points.kind.{line.kind}", locale),
                points=line.points,
                booked_at=line.booked_at,
                details=dict(line.details),
            )
            for line in lines
        ],
        total=total,
    )


@router.get("/leaderboard")
def read_leaderboard(
    acting: ActingDep, period: Period = "month", limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Leaderboard:
    """Who earned most, among those who want to be listed."""
    acting.policy.require_readable(acting.viewer, "points", ["points"])
    standings = leaderboard(acting.session, _since(period), limit=limit)
    names = names_of_people(acting.session, [standing.person_id for standing in standings])
    return Leaderboard(
        period=period,
        items=[
            LeaderboardRow(
                rank=1 + sum(other.points > standing.points for other in standings),
                person_id=standing.person_id,
                person_name=names[standing.person_id],
                points=standing.points,
            )
            for standing in standings
        ],
    )


@router.put("/listing", status_code=status.HTTP_204_NO_CONTENT)
def choose_listing(listing: Listing, acting: ActingDep) -> None:
    """Join or leave the leaderboard; points are kept either way."""
    acting.policy.require_readable(acting.viewer, "points", ["points"])
    set_listed(acting.session, acting.person_id, listed=listing.listed)


def _since(period: Period) -> datetime | None:
    return clock.now() - timedelta(days=_DAYS[period]) if period in _DAYS else None
