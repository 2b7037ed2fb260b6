"""A lead as it changed: one insert, then an update for each event, so that every past day can be looked up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from api.demo.catalogue import Content
from api.demo.loading.dated_rows import DatedRow, identity, optional_identity
from api.demo.records import Lead, OwnerChange, Quote, StageMove
from crm_core.customers.tables import Customer, TimelineEntry
from crm_core.people.tables import Person, Region
from crm_core.pipeline import tables as pipeline

#: the first quote hopes for an earlier signature than the last word
_EARLIER_HOPE = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    by: str
    change: Callable[[dict[str, Any]], None]


def lead_rows(lead: Lead, customer_code: str, content: Content) -> Iterator[DatedRow]:
    """The lead's insert and updates."""
    state = _first_state(lead, customer_code, content)
    created_by = identity(Person, lead.moves[0].moved_by)
    yield DatedRow(pipeline.Lead, dict(state), lead.created_at, created_by)
    for event in sorted(_events(lead), key=lambda event: event.at):
        event.change(state)
        state["version"] += 1
        yield DatedRow(pipeline.Lead, dict(state), event.at, identity(Person, event.by), "update")


def _first_state(lead: Lead, customer_code: str, content: Content) -> dict[str, Any]:
    first_owner = lead.owner_changes[0].from_code if lead.owner_changes else lead.owner_code
    return {
        "id": identity(pipeline.Lead, lead.code),
        "created_at": lead.created_at,
        "customer_id": identity(Customer, customer_code),
        "title": lead.title,
        "source": lead.source,
        "product": content.product(lead.product_code).name,
        "region_id": identity(Region, lead.region_code),
        "owner_id": identity(Person, first_owner),
        "owned_since": lead.created_at,
        "received_at": lead.created_at,
        "presales_id": None,
        "stage": lead.moves[0].to_stage,
        "stage_entered_at": lead.created_at,
        "outcome": "open",
        "outcome_at": None,
        "outcome_reason": None,
        "payment_state": None,
        "expected_sign_on": None,
        "amount": None,
        "margin": None,
        "fields": {},
        "back_moves": 0,
        "version": 1,
    }


def _events(lead: Lead) -> Iterator[_Event]:
    for move in lead.moves[1:]:
        yield _Event(move.moved_at, move.moved_by, _moved(lead, move))
    for change in lead.owner_changes:
        yield _Event(change.changed_at, change.to_code, _handed_over(change))
    for quote in lead.quotes:
        yield _Event(quote.quoted_at, lead.owner_code, _quoted(lead, quote))


def _moved(lead: Lead, move: StageMove) -> Callable[[dict[str, Any]], None]:
    def change(state: dict[str, Any]) -> None:
        if move.kind in {"forward", "back"}:
            state["stage"], state["stage_entered_at"] = move.to_stage, move.moved_at
            state["back_moves"] += move.kind == "back"
        elif move.kind in {"invoiced", "paid"}:
            state["payment_state"] = move.kind
        else:
            state["outcome"], state["outcome_at"], state["outcome_reason"] = move.kind, move.moved_at, move.reason
        if move.kind == "won":
            state["payment_state"] = "contract"
        if move.kind == "forward":
            state["presales_id"] = optional_identity(Person, lead.presales_code)
            state["fields"] = {**state["fields"], **lead.fields.get(move.from_stage or "", {})}
        elif move.kind == "won" and lead.contract:
            state["fields"] = {**state["fields"], "contract_number": lead.contract.number}

    return change


def _handed_over(change: OwnerChange) -> Callable[[dict[str, Any]], None]:
    owner_id = identity(Person, change.to_code)
    return lambda state: state.update(owner_id=owner_id, owned_since=change.changed_at)


def _quoted(lead: Lead, quote: Quote) -> Callable[[dict[str, Any]], None]:
    def change(state: dict[str, Any]) -> None:
        state["amount"], state["margin"] = Decimal(quote.amount), quote.margin
        if lead.expected_sign_on:
            hope = _EARLIER_HOPE if quote is not lead.quotes[-1] else timedelta()
            state["expected_sign_on"] = lead.expected_sign_on - hope

    return change


def move_rows(lead: Lead, playbook_version: int) -> Iterator[DatedRow]:
    """Every stage move, for dwell and back-flow."""
    for place, move in enumerate(lead.moves):
        by = identity(Person, move.moved_by)
        values = {
            "id": identity(pipeline.StageMove, f"{lead.code}-{place}"),
            "created_at": move.moved_at,
            "lead_id": identity(pipeline.Lead, lead.code),
            "from_stage": move.from_stage,
            "to_stage": move.to_stage,
            "kind": move.kind,
            "reason": move.reason,
            "is_override": False,
            "moved_at": move.moved_at,
            "moved_by": by,
            "dwell_seconds": move.dwell_seconds,
            "owner_id": identity(Person, _owner_at(lead, move.moved_at)),
            "playbook_version": playbook_version,
        }
        yield DatedRow(pipeline.StageMove, values, move.moved_at, by)


def _owner_at(lead: Lead, moment: datetime) -> str:
    """Whose lead it was: the owner before the first change that came later."""
    later = (change.from_code for change in lead.owner_changes if change.changed_at > moment)
    return next(later, lead.owner_code)


def move_entries(lead: Lead, customer_code: str) -> Iterator[DatedRow]:
    """The moves on the customer's timeline."""
    for place, move in enumerate(lead.moves):
        by = identity(Person, move.moved_by)
        field = "payment_state" if move.kind in {"invoiced", "paid"} else "outcome"
        details = {
            "record": "lead",
            "field": "stage" if move.kind in {"forward", "back"} else field,
            "title": lead.title,
            "from_stage": move.from_stage,
            "to_stage": move.to_stage,
            "is_override": False,
        }
        values = {
            "id": identity(TimelineEntry, f"{lead.code}-M{place}"),
            "created_at": move.moved_at,
            "customer_id": identity(Customer, customer_code),
            "lead_id": identity(pipeline.Lead, lead.code),
            "occurred_at": move.moved_at,
            "kind": "stage_move",
            "channel": "screen",
            "actor_id": by,
            "summary": None,
            "code": f"lead_{move.kind}",
            "details": details,
            "external_key": None,
        }
        yield DatedRow(TimelineEntry, values, move.moved_at, by)
