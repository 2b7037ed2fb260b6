"""Books points and reads balances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.identifiers import new_id
from knowledge.points.tables import PointAccount, PointEntry, PointTransaction

ISSUED = "issued"


@dataclass(frozen=True, slots=True)
class Award:
    """Points for a person; the same `source_key` is never booked twice."""

    person_id: UUID
    points: int
    kind: str
    source_key: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One booking on a person's statement."""

    id: UUID
    kind: str
    points: int
    booked_at: datetime
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """A place on the leaderboard."""

    person_id: UUID
    points: int


def award(session: Session, given: Award) -> bool:
    """Move points from the company to a person; False when this source has been rewarded before, or earns nothing."""
    if given.points <= 0:
        return False
    transaction_id = _begin(session, given)
    if transaction_id is None:
        return False
    issuer, receiver = _account(session, code=ISSUED), _account(session, person_id=given.person_id)
    session.add_all(
        [
            PointEntry(transaction_id=transaction_id, account_id=issuer, points=-given.points),
            PointEntry(transaction_id=transaction_id, account_id=receiver, points=given.points),
        ]
    )
    session.flush()
    return True


def balance(session: Session, person_id: UUID) -> int:
    """The points that a person has."""
    statement = select(func.coalesce(func.sum(PointEntry.points), 0)).join(PointAccount)
    return int(session.scalar(statement.where(PointAccount.person_id == person_id)) or 0)


def statement_of(session: Session, person_id: UUID, *, limit: int, offset: int) -> tuple[list[StatementLine], int]:
    """A page of a person's bookings, latest first, and how many there are."""
    own = (
        select(PointTransaction, PointEntry.points)
        .join(PointEntry, PointEntry.transaction_id == PointTransaction.id)
        .join(PointAccount, PointAccount.id == PointEntry.account_id)
        .where(PointAccount.person_id == person_id)
    )
    total = session.scalar(select(func.count()).select_from(own.subquery())) or 0
    page = own.order_by(PointTransaction.booked_at.desc(), PointTransaction.id.desc()).limit(limit).offset(offset)
    return [
        StatementLine(booked.id, booked.kind, points, booked.booked_at, booked.details)
        for booked, points in session.execute(page)
    ], total


def leaderboard(session: Session, since: datetime | None, *, limit: int) -> Sequence[Standing]:
    """Who earned most since an instant (or ever), best first; people who are not listed are left out."""
    points = func.sum(PointEntry.points)
    statement = (
        select(PointAccount.person_id, points)
        .join(PointEntry, PointEntry.account_id == PointAccount.id)
        .join(PointTransaction, PointTransaction.id == PointEntry.transaction_id)
        .where(PointAccount.person_id.is_not(None), PointAccount.is_unlisted.is_(False), PointEntry.points > 0)
        .group_by(PointAccount.person_id)
        .order_by(points.desc(), PointAccount.person_id)
        .limit(limit)
    )
    if since is not None:
        statement = statement.where(PointTransaction.booked_at >= since)
    return [Standing(person_id, int(total)) for person_id, total in session.execute(statement) if person_id]


def set_listed(session: Session, person_id: UUID, *, listed: bool) -> None:
    """Whether a person stands on the leaderboard."""
    account = session.get(PointAccount, _account(session, person_id=person_id))
    assert account is not None
    account.is_unlisted = not listed
    session.flush()


def is_listed(session: Session, person_id: UUID) -> bool:
    """Whether a person stands on the leaderboard."""
    unlisted = session.scalar(select(PointAccount.is_unlisted).where(PointAccount.person_id == person_id))
    return not unlisted


def _begin(session: Session, given: Award) -> UUID | None:
    statement = (
        insert(PointTransaction)
        .values(
            id=new_id(),
            created_at=clock.now(),
            kind=given.kind,
            source_key=given.source_key,
            booked_at=clock.now(),
            details=dict(given.details),
        )
        .on_conflict_do_nothing(index_elements=["source_key"])
        .returning(PointTransaction.id)
    )
    return session.scalar(statement)


def _account(session: Session, *, person_id: UUID | None = None, code: str | None = None) -> UUID:
    wanted = PointAccount.person_id == person_id if person_id else PointAccount.code == code
    found = session.scalar(select(PointAccount.id).where(wanted))
    if found is not None:
        return found
    values = {"id": new_id(), "created_at": clock.now(), "person_id": person_id, "code": code, "is_unlisted": False}
    session.execute(insert(PointAccount).values(values).on_conflict_do_nothing())
    return session.scalars(select(PointAccount.id).where(wanted)).one()
