"""Runs the rules for leads that nobody owns, any number at once, and for those that lose their owner."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.people.snapshots import Roster, keep_snapshot, roster_on
from crm_core.people.tables import RosterSnapshot
from crm_core.pipeline.assignment.engine import Assigner, Decision
from crm_core.pipeline.assignment.facts import LeadFacts, Loads
from crm_core.pipeline.assignment.placement import Placement, advance_rotation, place
from crm_core.pipeline.assignment.record import Recorder
from crm_core.pipeline.assignment.repository import (
    LeadToPlace,
    leads_to_place,
    loads_now,
    lock_rotation,
    waiting_ids,
)
from crm_core.process.playbook import Playbook
from crm_core.process.publication import published_playbook

#: how many leads one transaction places
PAGE = 1_000
Cause = Literal["arrival", "recycle", "handover"]


@dataclass(frozen=True, slots=True)
class RunCount:
    """What came of a run."""

    assigned: int = 0
    pooled: int = 0
    unassigned: int = 0

    def __add__(self, other: "RunCount") -> "RunCount":
        return RunCount(self.assigned + other.assigned, self.pooled + other.pooled, self.unassigned + other.unassigned)


def assign(
    session: Session, lead_ids: Collection[UUID], cause: Cause = "arrival", *, taken_from: Collection[UUID] = ()
) -> RunCount:
    """Place open leads that nobody owns, or one of `taken_from`, who will not get them back.

    A lead that has found an owner meanwhile is left alone, so that it may be called again. Leads come in the order in
    which they were received. Raises PlaybookMissing.
    """
    playbook = published_playbook(session)
    session.flush()
    lock_rotation(session)
    leads = leads_to_place(session, lead_ids, taken_from=taken_from)
    if not leads:
        return RunCount()
    roster = _kept_roster(session)
    run = _Run(Assigner(playbook, roster), loads_now(session, playbook), cause)
    placements = [placement for lead in leads if (placement := run.placed(lead)) is not None]
    place(session, playbook, placements)
    advance_rotation(session, run.turns, run.given)
    return run.count()


def assign_waiting(
    session: Session, after: tuple[datetime, UUID] | None = None
) -> tuple[tuple[datetime, UUID] | None, RunCount]:
    """Place the next page of waiting leads; where the following page begins, or None after the last."""
    page = waiting_ids(session, after=after, limit=PAGE)
    count = assign(session, [lead_id for _, lead_id in page]) if page else RunCount()
    return (page[-1] if len(page) == PAGE else None), count


def preview(session: Session, playbook: Playbook, facts: LeadFacts) -> tuple[Decision, Roster]:
    """What would happen to such a lead now; nothing is written."""
    roster = roster_on(session, clock.today())
    return Assigner(playbook, roster).decide(facts, loads_now(session, playbook), clock.now()), roster


class _Run:
    """One batch: each decision rests on those before it."""

    def __init__(self, assigner: Assigner, loads: Loads, cause: Cause) -> None:
        self._assigner = assigner
        self._loads = loads
        self._cause = cause
        self._recorder = Recorder(assigner)
        self._now = clock.now()
        self._outcomes: Counter[str] = Counter()
        #: places in the rotations that have changed, and leads given by them
        self.turns: dict[tuple[str, UUID], int] = {}
        self.given: Counter[tuple[str, UUID]] = Counter()

    def placed(self, lead: LeadToPlace) -> Placement | None:
        """None when the lead stays as the latest decision left it: the same again is not told twice."""
        decision = self._assigner.decide(lead.facts, self._loads, self._now)
        self._outcomes[decision.outcome] += 1
        pool, person_id = decision.pool, decision.person_id
        if pool is not None and person_id is not None:
            self._loads.add(pool, person_id, decision.turns)
            self.turns.update({(pool, other_id): turns for other_id, turns in decision.turns.items()})
            self.given[pool, person_id] += bool(decision.turns)
        if lead.owner_id is None and lead.latest == _told(decision):
            return None
        return self._placement(lead, decision)

    def count(self) -> RunCount:
        return RunCount(**self._outcomes)

    def _placement(self, lead: LeadToPlace, decision: Decision) -> Placement:
        is_retry = self._cause == "arrival" and lead.latest is not None
        return Placement(
            lead_id=lead.id,
            customer_id=lead.customer_id,
            title=lead.title,
            cause="retry" if is_retry else self._cause,
            outcome=decision.outcome,
            previous_owner_id=lead.owner_id,
            owner_id=decision.person_id,
            pool=decision.pool,
            rule=decision.rule,
            reason=decision.reason,
            roster_digest=self._assigner.roster.digest,
            record=self._recorder.record(decision),
            # nobody at all: a lead without owner stays where it is
            changes_lead=decision.outcome != "unassigned" or lead.owner_id is not None,
        )


def _told(decision: Decision) -> tuple[str, str | None, str | None, str | None]:
    return decision.outcome, decision.rule, decision.pool, decision.reason


def _kept_roster(session: Session) -> Roster:
    """Today's roster, written down for whoever takes the decisions again."""
    roster = roster_on(session, clock.today())
    if session.scalar(select(RosterSnapshot.id).where(RosterSnapshot.digest == roster.digest)) is None:
        keep_snapshot(session)
    return roster
