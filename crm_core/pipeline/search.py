"""Lists leads for one viewer, and counts them by stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from crm_core.customers.acting import Acting
from crm_core.customers.search import named_like
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.people.access import Level
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead, StageMove

SORT_COLUMNS: Mapping[str, Any] = {
    "title": Lead.title,
    "stage_entered_at": Lead.stage_entered_at,
    "expected_sign_on": Lead.expected_sign_on,
    "amount": Lead.amount,
    "outcome_at": Lead.outcome_at,
    # the longest overdue first; leads without a limit come last
    "is_overdue": Lead.overdue_at,
    "back_moves": Lead.back_moves,
    "margin": Lead.margin,
    "created_at": Lead.created_at,
}


@dataclass(frozen=True, slots=True)
class LeadSearch:
    """What to look for; filters are equalities by field name."""

    words: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    only_mine: bool = False
    is_overdue: bool | None = None
    sort: str = "created_at"
    is_descending: bool = True
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class StageCount:
    """Open leads of a stage; `amount` is None where the viewer may not read amounts."""

    stage: str
    count: int
    overdue: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Board:
    """Open leads by stage, and closed ones by outcome; won ones by how far the money is, where that may be read."""

    stages: Sequence[StageCount]
    outcomes: Mapping[str, int]
    payments: Mapping[str, int] | None


def search_leads(acting: Acting, search: LeadSearch) -> tuple[Sequence[Lead], int]:
    """One page of the leads that the viewer may see, and how many match in all.

    Raises FieldForbidden for a search, filter or order by a field that the viewer may not read.
    """
    acting.policy.require_readable(acting.viewer, "lead", [search.sort])
    matching = _matching(acting, search)
    total = acting.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    column = SORT_COLUMNS[search.sort]
    order = column.desc().nulls_last() if search.is_descending else column.asc().nulls_last()
    page = matching.order_by(order, Lead.id).limit(search.limit).offset(search.offset)
    return acting.session.scalars(page).all(), total


def matching_ids(acting: Acting, search: LeadSearch, *, limit: int) -> Sequence[UUID]:
    """The leads of all pages, as far as the limit. Raises FieldForbidden."""
    return acting.session.scalars(_matching(acting, search).with_only_columns(Lead.id).limit(limit)).all()


def leads_of_customer(acting: Acting, customer_id: UUID) -> Sequence[Lead]:
    """The leads of a customer that the viewer may see, newest first."""
    return acting.session.scalars(
        _visible(acting).where(Lead.customer_id == customer_id).order_by(Lead.created_at.desc(), Lead.id)
    ).all()


def moves_of(acting: Acting, lead: Lead) -> Sequence[StageMove]:
    """Every move of a lead, oldest first."""
    statement = select(StageMove).where(StageMove.lead_id == lead.id).order_by(StageMove.moved_at, StageMove.id)
    return acting.session.scalars(statement).all()


def stage_board(acting: Acting) -> Board:
    """Counts over everything that the viewer may see."""
    acting.policy.require_readable(acting.viewer, "lead", ["stage", "outcome"])
    visible = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS)
    by_stage = _stage_rows(acting, visible)
    outcomes = _counts(acting, Lead.outcome, visible & (Lead.outcome != "open"))
    payments = None
    if _reads(acting, "payment_state"):
        payments = {"contract": 0, "invoiced": 0, "paid": 0}
        payments |= _counts(acting, Lead.payment_state, visible & (Lead.outcome == "won"))
    stages = [by_stage.get(stage.code, StageCount(stage.code, 0, 0, None)) for stage in acting.playbook.stages]
    return Board(stages, {"won": 0, "lost": 0, "parked": 0} | outcomes, payments)


def overdue_condition() -> ColumnElement[bool]:
    """Open leads whose stay has reached its limit, on the clock that also fires their alarms."""
    return and_(Lead.outcome == "open", Lead.overdue_at.is_not(None), Lead.overdue_at <= clock.now())


def is_overdue(lead: Lead) -> bool:
    """Whether an open lead's stay has reached its limit."""
    return lead.outcome == "open" and lead.overdue_at is not None and lead.overdue_at <= clock.now()


def _visible(acting: Acting) -> Select[Lead]:
    return select(Lead).where(acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS))


def _matching(acting: Acting, search: LeadSearch) -> Select[Lead]:
    used = {*search.filters, *(["title"] if search.words else [])}
    if search.is_overdue is not None:
        used.add("is_overdue")
    acting.policy.require_readable(acting.viewer, "lead", used)
    matching = _visible(acting)
    if search.only_mine:
        matching = matching.where(or_(Lead.owner_id == acting.person_id, Lead.presales_id == acting.person_id))
    if search.words:
        matching = matching.where(_named(acting, search.words))
    if search.is_overdue is not None:
        overdue = overdue_condition()
        matching = matching.where(overdue if search.is_overdue else ~overdue)
    for name, value in search.filters.items():
        matching = matching.where(getattr(Lead, name) == value)
    return matching


def _named(acting: Acting, words: str) -> ColumnElement[bool]:
    """By the lead's title, or by the customer's name where that may be read."""
    titled: ColumnElement[bool] = Lead.title.icontains(words.strip(), autoescape=True)
    if acting.policy.level(acting.viewer, "customer", "name") < Level.READ:
        return titled
    return or_(titled, Lead.customer_id.in_(select(Customer.id).where(named_like(words))))


def _stage_rows(acting: Acting, visible: ColumnElement[bool]) -> dict[str, StageCount]:
    overdue = func.count().filter(overdue_condition())
    statement = select(Lead.stage, func.count(), overdue, func.sum(Lead.amount)).where(visible, Lead.outcome == "open")
    shows_amount = _reads(acting, "amount")
    return {
        stage: StageCount(stage, count, late, amount if shows_amount else None)
        for stage, count, late, amount in acting.session.execute(statement.group_by(Lead.stage))
    }


def _counts(acting: Acting, column: Any, condition: ColumnElement[bool]) -> dict[str, int]:
    statement = select(column.label("value"), func.count().label("leads")).where(condition, column.is_not(None))
    return {row.value: row.leads for row in acting.session.execute(statement.group_by(column))}


def _reads(acting: Acting, name: str) -> bool:
    return acting.policy.level(acting.viewer, "lead", name) >= Level.READ
