"""The leads that came in a window: what the rules could know of them then, and who really got them."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from crm_core.customers.tables import Customer
from crm_core.people.tables import Region
from crm_core.pipeline.assignment.facts import LeadFacts
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.dwell.repository import among
from crm_core.rehearsal.lead_pasts import LeadPasts
from crm_core.rehearsal.material import RULED_CAUSES, Actual, Arrival, Window
from crm_core.rehearsal.pasts import Pasts, Values, changes_since

_CUSTOMER_NAMES = ("region_id", "industry", "size", "city", "owner_id")


def load_arrivals(session: Session, window: Window, pasts: LeadPasts) -> list[Arrival]:
    """In the order of their coming; each lead once, at the first thing that happened to it in the window."""
    decisions = _first_decisions(session, window)
    came = [lead_id for lead_id in pasts.ids if window.holds(pasts.at(lead_id, window.end)["received_at"])]
    wanted = dict.fromkeys((*came, *(lead_id for lead_id in decisions if lead_id in pasts)))
    context = _Context(session, window, pasts, list(wanted))
    arrivals = [context.arrival(lead_id, decisions.get(lead_id)) for lead_id in wanted]
    return sorted(arrivals, key=lambda arrival: (arrival.instant, arrival.lead_id))


class _Context:
    """Customers as they were, and regions by their codes."""

    def __init__(self, session: Session, window: Window, pasts: LeadPasts, lead_ids: list[UUID]) -> None:
        self._window = window
        self._pasts = pasts
        self._regions = {row.id: row.code for row in session.execute(select(Region.id, Region.code))}
        customer_ids = {pasts.at(lead_id, window.end)["customer_id"] for lead_id in lead_ids}
        self._customers = _customer_pasts(session, window, customer_ids)

    def arrival(self, lead_id: UUID, decision: Mapping[str, Any] | None) -> Arrival:
        received_at = self._pasts.at(lead_id, self._window.end)["received_at"]
        came_now = self._window.holds(received_at)
        instant = received_at if came_now or decision is None else decision["decided_at"]
        facts = self._recorded_facts(decision) or self._facts(lead_id, instant, received_at)
        return Arrival(lead_id, instant, facts, self._actual(lead_id, decision))

    def _recorded_facts(self, decision: Mapping[str, Any] | None) -> LeadFacts | None:
        """The very facts of a decision of the rules, where they decided."""
        known = decision["facts"] if decision and decision["cause"] in RULED_CAUSES else None
        return LeadFacts.from_json(known) if known else None

    def _facts(self, lead_id: UUID, instant: Any, received_at: Any) -> LeadFacts:
        lead = self._pasts.at(lead_id, instant)
        customer = self._customers.at(lead["customer_id"], instant)
        region_id = lead["region_id"] or customer["region_id"]
        return LeadFacts(
            received_at=received_at,
            region=self._regions.get(region_id) if region_id else None,
            industry=customer["industry"],
            size=customer["size"],
            city=customer["city"],
            source=lead["source"],
            product=lead["product"],
            language=lead["language"],
            amount=lead["amount"],
            account_owner_id=customer["owner_id"],
        )

    def _actual(self, lead_id: UUID, decision: Mapping[str, Any] | None) -> Actual:
        if decision is not None:
            is_decided = decision["cause"] in RULED_CAUSES
            return Actual(decision["outcome"], decision["owner_id"], decision["pool"], is_decided)
        owner_id = next((owner for owner in self._owners(lead_id) if owner is not None), None)
        return Actual("assigned", owner_id) if owner_id else Actual("unassigned")

    def _owners(self, lead_id: UUID) -> Iterator[UUID | None]:
        """The first it was made with, then those that followed until the end of the window."""
        yield self._pasts.at(lead_id, self._window.start)["owner_id"]
        for _, values in self._pasts.walk(lead_id, self._window.start, self._window.end):
            yield values["owner_id"]


def _customer_pasts(session: Session, window: Window, customer_ids: set[UUID]) -> Pasts:
    columns = [getattr(Customer, name) for name in _CUSTOMER_NAMES]
    statement = select(Customer.id, *columns).where(among(Customer.id, customer_ids))
    current: dict[UUID, Values] = {
        row[0]: dict(zip(_CUSTOMER_NAMES, row[1:], strict=True)) for row in session.execute(statement)
    }
    return Pasts(current, changes_since(session, "customers", _CUSTOMER_NAMES, window.start))


def _first_decisions(session: Session, window: Window) -> dict[UUID, Mapping[str, Any]]:
    """The first decision about each lead in the window."""
    decision = AssignmentDecision
    statement = (
        select(
            decision.lead_id,
            decision.decided_at,
            decision.cause,
            decision.outcome,
            decision.owner_id,
            decision.pool,
            decision.record["facts"].label("facts"),
        )
        .where(decision.decided_at >= window.start, decision.decided_at < window.end)
        .order_by(decision.lead_id, decision.decided_at, decision.id)
        .ext(distinct_on(decision.lead_id))
    )
    return {row["lead_id"]: dict(row) for row in session.execute(statement).mappings()}
