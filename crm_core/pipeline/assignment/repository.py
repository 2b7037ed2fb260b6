"""Reads what a run rests on: leads to place, how loaded everybody is, decisions taken before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, text, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.people.tables import Region
from crm_core.pipeline.assignment.errors import DecisionNotFound
from crm_core.pipeline.assignment.facts import Conversion, Facet, LeadFacts, Loads
from crm_core.pipeline.assignment.tables import AssignmentDecision, RotationTurn
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook

#: results older than this say little about today
_CONVERSION_DAYS = 730
#: any number; whoever assigns holds it to the end of the transaction
_ROTATION_LOCK = 7_215_001
_OwnRegion, _CustomerRegion = aliased(Region), aliased(Region)
_LATEST = (
    select(AssignmentDecision)
    .where(AssignmentDecision.lead_id == Lead.id)
    .order_by(AssignmentDecision.decided_at.desc(), AssignmentDecision.id.desc())
    .limit(1)
    .lateral("latest")
)


@dataclass(frozen=True, slots=True)
class LeadToPlace:
    """A lead as a run sees it, with what was decided for it last."""

    id: UUID
    customer_id: UUID
    title: str
    owner_id: UUID | None
    pool: str | None
    facts: LeadFacts
    #: outcome, rule, pool and reason of the latest decision
    latest: tuple[str, str | None, str | None, str | None] | None

    @classmethod
    def of(cls, row: Any) -> Self:
        """From a row of `leads_to_place`."""
        barred = frozenset({row.owner_id} if row.owner_id else ())
        facts = LeadFacts(
            received_at=row.received_at.astimezone(UTC),
            region=row.own_region or row.customer_region,
            industry=row.industry,
            size=row.size,
            city=row.city,
            source=row.source,
            product=row.product,
            language=row.language,
            amount=None if row.amount is None else Decimal(row.amount),
            account_owner_id=row.account_owner_id,
            barred_ids=barred,
        )
        latest = None
        if row.latest_outcome is not None:
            latest = (row.latest_outcome, row.latest_rule, row.latest_pool, row.latest_reason)
        return cls(row.id, row.customer_id, row.title, row.owner_id, row.pool, facts, latest)


def lock_rotation(session: Session) -> None:
    """From here to the end of the transaction nobody else assigns.

    One lock for all pools: a person's open leads count in every pool, so that two runs never go side by side.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ROTATION_LOCK})


def leads_to_place(
    session: Session, lead_ids: Collection[UUID], *, taken_from: Collection[UUID] = (), with_lock: bool = True
) -> list[LeadToPlace]:
    """Open leads among these that nobody owns, or one of `taken_from`, in the order in which they came."""
    nobody_owns: Any = Lead.owner_id.is_(None)
    condition = or_(nobody_owns, Lead.owner_id.in_(taken_from)) if taken_from else nobody_owns
    statement = _with_facts().where(Lead.id == func.any(list(lead_ids)), Lead.outcome == "open", condition)
    statement = statement.order_by(Lead.received_at, Lead.id)
    if with_lock:
        # the weaker lock lets others go on adding what belongs to the lead
        statement = statement.with_for_update(of=Lead, key_share=True)
    return [LeadToPlace.of(row) for row in session.execute(statement)]


def waiting_ids(
    session: Session, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[tuple[datetime, UUID]]:
    """Open leads without owner that the rules are still to place, oldest first.

    A lead that somebody put into a pool, or a rule, or that came back to it, waits there for whoever claims it; one
    that merely fell there is tried again.
    """
    fell = and_(_LATEST.c.rule.is_(None), _LATEST.c.decided_by.is_(None), _LATEST.c.cause != "recycle")
    statement = (
        select(Lead.received_at, Lead.id)
        .outerjoin(_LATEST, true())
        .where(Lead.owner_id.is_(None), Lead.outcome == "open", or_(Lead.pool.is_(None), fell))
    )
    if after is not None:
        statement = statement.where(func.row(Lead.received_at, Lead.id) > func.row(*after))
    rows = session.execute(statement.order_by(Lead.received_at, Lead.id).limit(limit))
    return [(row.received_at, row.id) for row in rows]


def loads_now(session: Session, playbook: Playbook) -> Loads:
    """How loaded everybody is; past results are read only where a pool asks for them."""
    turns = session.execute(select(RotationTurn.pool, RotationTurn.person_id, RotationTurn.turns))
    owned = (
        select(Lead.owner_id, func.count().label("leads"))
        .where(Lead.outcome == "open", Lead.owner_id.is_not(None))
        .group_by(Lead.owner_id)
    )
    loads = Loads(
        turns={(row.pool, row.person_id): row.turns for row in turns},
        open_leads={row.owner_id: row.leads for row in session.execute(owned)},
        given_today=given_today(session),
    )
    if any(pool.strategy == "best_fit" for pool in playbook.assignment.pools):
        loads.conversions = past_results(session, clock.now())
    return loads


def given_today(session: Session, person_id: UUID | None = None) -> dict[tuple[str, UUID], int]:
    """Leads that each person got or took from each pool since midnight; those given by hand do not count."""
    midnight = datetime.combine(clock.today(), time(), clock.BUSINESS_ZONE)
    decisions = (
        select(AssignmentDecision.pool, AssignmentDecision.owner_id, func.count().label("leads"))
        .where(
            AssignmentDecision.decided_at >= midnight,
            AssignmentDecision.outcome == "assigned",
            AssignmentDecision.cause != "manual",
            AssignmentDecision.pool.is_not(None),
        )
        .group_by(AssignmentDecision.pool, AssignmentDecision.owner_id)
    )
    if person_id is not None:
        decisions = decisions.where(AssignmentDecision.owner_id == person_id)
    return {(row.pool, row.owner_id): row.leads for row in session.execute(decisions)}


def decisions_of(session: Session, lead_id: UUID) -> Sequence[AssignmentDecision]:
    """Every decision about a lead, latest first."""
    statement = select(AssignmentDecision).where(AssignmentDecision.lead_id == lead_id)
    order = statement.order_by(AssignmentDecision.decided_at.desc(), AssignmentDecision.id.desc())
    return session.scalars(order).all()


def latest_decisions(session: Session, lead_ids: Collection[UUID]) -> dict[UUID, AssignmentDecision]:
    """The latest decision about each lead that has one."""
    latest = (
        select(AssignmentDecision)
        .ext(distinct_on(AssignmentDecision.lead_id))
        .where(AssignmentDecision.lead_id == func.any(list(lead_ids)))
        .order_by(AssignmentDecision.lead_id, AssignmentDecision.decided_at.desc(), AssignmentDecision.id.desc())
    )
    return {decision.lead_id: decision for decision in session.scalars(latest)}


def find_decision(session: Session, lead_id: UUID, decision_id: UUID) -> AssignmentDecision:
    """Raises DecisionNotFound, also for another lead's."""
    decision = session.get(AssignmentDecision, decision_id)
    if decision is None or decision.lead_id != lead_id:
        raise DecisionNotFound(id=str(decision_id))
    return decision


def latest_pool(session: Session, lead_id: UUID) -> str | None:
    """The pool that the lead came through last."""
    return pools_of(session, [lead_id]).get(lead_id)


def pools_of(session: Session, lead_ids: Collection[UUID]) -> dict[UUID, str]:
    """The pools that these leads came through last."""
    latest = (
        select(AssignmentDecision.lead_id, AssignmentDecision.pool)
        .ext(distinct_on(AssignmentDecision.lead_id))
        .where(AssignmentDecision.lead_id == func.any(list(lead_ids)), AssignmentDecision.pool.is_not(None))
        .order_by(AssignmentDecision.lead_id, AssignmentDecision.decided_at.desc(), AssignmentDecision.id.desc())
    )
    return {row.lead_id: row.pool for row in session.execute(latest)}


def _with_facts() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Lead.id, Lead.customer_id, Lead.title, Lead.owner_id, Lead.pool, Lead.received_at,
            Lead.source, Lead.product, Lead.language, Lead.amount,
            Customer.industry, Customer.size, Customer.city, Customer.owner_id.label("account_owner_id"),
            _OwnRegion.code.label("own_region"), _CustomerRegion.code.label("customer_region"),
            _LATEST.c.outcome.label("latest_outcome"), _LATEST.c.rule.label("latest_rule"),
            _LATEST.c.pool.label("latest_pool"), _LATEST.c.reason.label("latest_reason"),
        )
        .join(Customer, Customer.id == Lead.customer_id)
        .outerjoin(_OwnRegion, _OwnRegion.id == Lead.region_id)
        .outerjoin(_CustomerRegion, _CustomerRegion.id == Customer.region_id)
        .outerjoin(_LATEST, true())
    )  # fmt: skip


def past_results(session: Session, until: datetime) -> dict[tuple[UUID, Facet], Conversion]:
    """Leads that each owner closed before an instant, by industry and size of the customer."""
    since = until - timedelta(days=_CONVERSION_DAYS)
    won = func.count().filter(Lead.outcome == "won")
    closed = (
        select(Lead.owner_id, Customer.industry, Customer.size, won.label("won"), func.count().label("closed"))
        .join(Customer, Customer.id == Lead.customer_id)
        .where(Lead.outcome.in_(("won", "lost")), Lead.outcome_at >= since, Lead.outcome_at < until)
        .where(Lead.owner_id.is_not(None))
        .group_by(Lead.owner_id, Customer.industry, Customer.size)
    )
    return {
        (row.owner_id, (row.industry, row.size)): Conversion(row.won, row.closed) for row in session.execute(closed)
    }
