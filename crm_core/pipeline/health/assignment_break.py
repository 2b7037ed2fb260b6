"""When assignment broke: the last good run, the first empty result, and what the empty ones say."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from crm_core.pipeline.assignment.tables import AssignmentDecision

#: how far back the beginning is looked for
LOOKBACK = timedelta(days=14)
#: reasons that hold for most people by design and explain nothing
_BY_DESIGN = frozenset({"wrong_role", "not_named", "not_in_pool_teams"})
_MOST_RECORDS = 1_000
#: twice the gain in log-likelihood from which on a rise is not luck; the best of many splits is looked at, so this is
#: well above the 3.8 of a single one
_SURE = 9.0


@dataclass(frozen=True, slots=True)
class Run:
    """The first decision of the rules about one lead."""

    id: UUID
    lead_id: UUID
    decided_at: datetime
    #: no rule placed it, and the fallback gave it to nobody or merely kept it
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Break:
    """Where good results turn into empty ones."""

    last_good: Run | None
    first_empty: Run
    #: results from the first empty one on
    empty: int
    good: int
    #: false where some results have been empty all along, so that nothing broke
    is_sudden: bool


@dataclass(slots=True)
class RuleFinding:
    """What one rule, or the fallback (None), came to in the empty decisions, and why."""

    rule: str | None
    pool: str
    result: str
    decisions: int = 0
    #: (reason, what is lacking) → in how many decisions, and about whom
    reasons: Counter[tuple[str, tuple[str, ...]]] = field(default_factory=Counter)
    people: defaultdict[tuple[str, tuple[str, ...]], set[UUID]] = field(default_factory=lambda: defaultdict(set))


def first_runs(session: Session, since: datetime, until: datetime) -> list[Run]:
    """Of each lead the first decision of the rules in a span, in the order of time."""
    statement = (
        select(
            AssignmentDecision.id,
            AssignmentDecision.lead_id,
            AssignmentDecision.decided_at,
            AssignmentDecision.rule,
            AssignmentDecision.owner_id,
        )
        .where(
            AssignmentDecision.decided_by.is_(None),
            AssignmentDecision.cause.in_(("arrival", "retry")),
            AssignmentDecision.decided_at >= since,
            AssignmentDecision.decided_at <= until,
        )
        .ext(distinct_on(AssignmentDecision.lead_id))
        .order_by(AssignmentDecision.lead_id, AssignmentDecision.decided_at, AssignmentDecision.id)
    )
    found = [
        Run(row.id, row.lead_id, row.decided_at, row.rule is None and row.owner_id is None)
        for row in session.execute(statement)
    ]
    return sorted(found, key=lambda run: (run.decided_at, run.id))


def find_break(runs: Sequence[Run]) -> Break | None:
    """The split at which the share of empty results rises most surely (maximum likelihood of one change point).

    A few stray empty results before, or good ones after, do not move it. None when nothing was empty.
    """
    empty = np.array([run.is_empty for run in runs], dtype=float)
    if not empty.sum():
        return None
    count = len(runs)
    before = np.concatenate(([0.0], np.cumsum(empty)))
    length = np.arange(count + 1, dtype=float)
    gain = _likelihood(before, length) + _likelihood(before[-1] - before, count - length)
    share_before = np.divide(before, length, out=np.zeros(count + 1), where=length > 0)
    share_after = np.divide(before[-1] - before, count - length, out=np.zeros(count + 1), where=length < count)
    rises = share_after > share_before
    split = int(np.argmax(np.where(rises, gain, -np.inf))) if rises.any() else 0
    first = next(place for place in range(split, count) if runs[place].is_empty)
    last_good = next((run for run in reversed(runs[:first]) if not run.is_empty), None)
    later = int(empty[first:].sum())
    is_sudden = later == count - first or 2 * float(gain[split] - gain[0]) > _SURE
    return Break(last_good, runs[first], later, count - first - later, is_sudden)


def findings(session: Session, runs: Sequence[Run]) -> list[RuleFinding]:
    """What the rules say in their decision records of empty results, the most frequent first."""
    ids = [run.id for run in runs if run.is_empty][-_MOST_RECORDS:]
    found: dict[tuple[str | None, str, str], RuleFinding] = {}
    for record in session.scalars(select(AssignmentDecision.record).where(AssignmentDecision.id.in_(ids))):
        for trial in record.get("trials", ()):
            key = (trial.get("rule"), trial.get("pool", ""), trial.get("result", ""))
            _count(found.setdefault(key, RuleFinding(*key)), trial)
    return sorted(found.values(), key=lambda one: (one.rule is None, -one.decisions, one.rule or "", one.result))


def _count(finding: RuleFinding, trial: dict[str, Any]) -> None:
    finding.decisions += 1
    people: defaultdict[tuple[str, tuple[str, ...]], set[UUID]] = defaultdict(set)
    for group in trial.get("outside", ()):
        if group["reason"] not in _BY_DESIGN:
            people[group["reason"], tuple(group.get("lacks", ()))].update(map(UUID, group.get("people", ())))
    for one in trial.get("excluded", ()):
        people[one["reason"], ()].add(UUID(one["person"]))
    if "failed" in trial:
        people["condition_failed", (str(trial["failed"].get("fact", "")),)] = set()
    for key, concerned in people.items():
        finding.reasons[key] += 1
        finding.people[key] |= concerned


def _likelihood(empty: Any, count: Any) -> Any:
    """The best log-likelihood of so many empty results among so many."""
    share = np.divide(empty, count, out=np.zeros_like(count), where=count > 0)
    good = 1 - share
    empties = np.where(share > 0, empty * np.log(np.where(share > 0, share, 1)), 0)
    return empties + np.where(good > 0, (count - empty) * np.log(np.where(good > 0, good, 1)), 0)
