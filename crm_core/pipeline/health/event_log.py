"""The moves of many leads as arrays: what every figure of stage health is computed from.

100,000 leads have half a million moves, so they are read as columns and counted as columns. Stages, people and regions
are numbers here: positions in the lists of `Names`; -1 is nobody, nowhere, or a stage that the playbook does not have.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Integer, SmallInteger, and_, case, cast, func, select
from sqlalchemy.orm import Session

from crm_core.foundation.columns import read_columns
from crm_core.people.tables import Person, Region
from crm_core.pipeline.search import overdue_condition
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.process.playbook import Playbook

Integers = NDArray[np.int64]

#: moves that begin or end a stay in a stage, in the order in which those of one instant follow each other
KINDS = ("created", "reopened", "forward", "mapped", "back", "won", "lost", "parked")
OUTCOMES = ("open", "won", "lost", "parked")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers of a log stand for."""

    stages: tuple[str, ...]
    people: tuple[UUID, ...]
    regions: tuple[UUID, ...]
    #: codes of the reasons for losing a lead
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class EventLog:
    """Moves sorted by lead and time, and the leads as they stand now; instants are microseconds since 2000 in UTC."""

    names: Names
    #: of each move: position of its lead, when, kind, stage that it led to, owner at that time
    lead: Integers
    moved_at: Integers
    kind: Integers
    to_stage: Integers
    owner: Integers
    #: of each lead
    lead_high: NDArray[np.uint64]
    lead_low: NDArray[np.uint64]
    lead_stage: Integers
    lead_entered_at: Integers
    lead_outcome: Integers
    lead_outcome_at: Integers
    lead_reason: Integers
    lead_owner: Integers
    lead_region: Integers
    lead_is_overdue: NDArray[np.bool_]

    def lead_id(self, position: int) -> UUID:
        return UUID(int=int(self.lead_high[position]) << 64 | int(self.lead_low[position]))


def instant_number(instant: datetime) -> int:
    """An instant as the log counts it."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def number_instant(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)


def read_event_log(session: Session, playbook: Playbook, condition: ColumnElement[bool]) -> EventLog:
    """Every stay-changing move of the leads for which a condition on them holds."""
    names = Names(
        stages=tuple(stage.code for stage in playbook.stages),
        people=tuple(session.scalars(select(Person.id).order_by(Person.id))),
        regions=tuple(session.scalars(select(Region.id).order_by(Region.id))),
        reasons=tuple(reason.code for reason in playbook.outcome_reasons.lost),
    )
    leads = _leads(session, names, condition)
    moves = _moves(session, names, condition)
    at_once = moves["kind"].astype(np.int64) * 100 + moves["to_stage"]
    order = np.lexsort((at_once, moves["moved_at"], moves["lead_low"], moves["lead_high"]))
    position = _positions(moves["lead_high"][order], moves["lead_low"][order], leads)
    known = _told_once(moves, order, position)
    order, position = order[known], position[known]
    return EventLog(
        names,
        lead=position,
        moved_at=moves["moved_at"][order],
        kind=moves["kind"][order].astype(np.int64),
        to_stage=moves["to_stage"][order].astype(np.int64),
        owner=moves["owner"][order].astype(np.int64),
        **leads,
    )


def _told_once(moves: dict[str, NDArray[Any]], order: Integers, position: Integers) -> NDArray[np.bool_]:
    """Which sorted moves count: a lead whose past was brought in began there, not on the day it was entered here."""
    known: NDArray[np.bool_] = position >= 0
    is_imported = moves["is_imported"][order] == 1
    is_adopted = np.zeros(int(position.max(initial=-1)) + 1, dtype=bool)
    is_adopted[position[known & is_imported]] = True
    is_entry = (moves["kind"][order] == KINDS.index("created")) & ~is_imported
    known[known] = ~(is_entry[known] & is_adopted[position[known]])
    return known


def _leads(session: Session, names: Names, condition: ColumnElement[bool]) -> dict[str, Any]:
    people, regions = _numbered(Person.id, "people"), _numbered(Region.id, "regions")
    statement = (
        select(
            Lead.id,
            _place(names.stages, Lead.stage),
            Lead.stage_entered_at,
            _place(OUTCOMES, Lead.outcome),
            func.coalesce(Lead.outcome_at, Lead.stage_entered_at),
            _place(names.reasons, func.coalesce(Lead.outcome_reason, "")),
            cast(func.coalesce(people.c.number, 0) - 1, Integer),
            cast(func.coalesce(regions.c.number, 0) - 1, Integer),
            cast(case((overdue_condition(), 1), else_=0), SmallInteger),
        )
        .outerjoin(people, people.c.id == Lead.owner_id)
        .outerjoin(regions, regions.c.id == Lead.region_id)
        .where(condition)
    )
    kinds = {"lead": "u16", "stage": "i2", "entered_at": "i8", "outcome": "i2", "outcome_at": "i8", "reason": "i2"}
    read = read_columns(session, statement, {**kinds, "owner": "i4", "region": "i4", "is_overdue": "i2"})
    order = np.lexsort((read["lead_low"], read["lead_high"]))
    plain = ("stage", "entered_at", "outcome", "outcome_at", "reason", "owner", "region")
    return {
        "lead_high": read["lead_high"][order],
        "lead_low": read["lead_low"][order],
        **{f"lead_{name}": read[name][order].astype(np.int64) for name in plain},
        "lead_is_overdue": read["is_overdue"][order] == 1,
    }


def _moves(session: Session, names: Names, condition: ColumnElement[bool]) -> dict[str, NDArray[Any]]:
    people = _numbered(Person.id, "people")
    statement = (
        select(
            StageMove.lead_id,
            StageMove.moved_at,
            _place(KINDS, StageMove.kind),
            _place(names.stages, StageMove.to_stage),
            cast(func.coalesce(people.c.number, 0) - 1, Integer),
            cast(cast(StageMove.is_imported, Integer), SmallInteger),
        )
        .join(Lead, Lead.id == StageMove.lead_id)
        .outerjoin(people, people.c.id == StageMove.owner_id)
        .where(and_(StageMove.kind.in_(KINDS), condition))
    )
    kinds = {"lead": "u16", "moved_at": "i8", "kind": "i2", "to_stage": "i2", "owner": "i4", "is_imported": "i2"}
    return dict(read_columns(session, statement, kinds))


def _numbered(identity: Any, name: str) -> Any:
    """A table's ids with their position in the order of ids, counted from 1."""
    return select(identity.label("id"), func.row_number().over(order_by=identity).label("number")).subquery(name)


def _place(values: tuple[str, ...], column: Any) -> ColumnElement[int]:
    """The position of a column's value among some values, -1 for another."""
    places = {value: place for place, value in enumerate(values)}
    return cast(case(places, value=column, else_=-1), SmallInteger)


def _positions(high: NDArray[np.uint64], low: NDArray[np.uint64], leads: dict[str, Any]) -> Integers:
    """Where each sorted move's lead stands among the sorted leads; -1 where it is not among them."""
    if not len(high) or not len(leads["lead_high"]):
        return np.full(len(high), -1, dtype=np.int64)
    begins = np.concatenate(([True], (high[1:] != high[:-1]) | (low[1:] != low[:-1])))
    of_group = _keys(high[begins], low[begins])
    of_leads = _keys(leads["lead_high"], leads["lead_low"])
    found = np.minimum(np.searchsorted(of_leads, of_group), len(of_leads) - 1)
    found = np.where(of_leads[found] == of_group, found, -1)
    positions: Integers = found[np.cumsum(begins) - 1]
    return positions


def _keys(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.bytes_]:
    """Both halves as one value that sorts like the uuid."""
    return np.column_stack((high, low)).astype(">u8").view("S16").ravel()
