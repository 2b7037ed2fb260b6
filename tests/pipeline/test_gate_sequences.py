"""No sequence of calls reaches a stage without what the stages before it ask for."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from crm_core.customers.acting import Acting
from crm_core.customers.tables import Document
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.access import RightMissing
from crm_core.people.tables import Person
from crm_core.pipeline.errors import GateClosed, MoveImpossible
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.leads import update_lead
from crm_core.pipeline.requirements import missing_items
from crm_core.pipeline.tables import Lead, StageMove
from tests.factories.leads import EVERY_FIELD, acting_as, make_document, make_lead
from tests.factories.people import make_person, make_team

STAGES = ["lead_assignment", "first_contact", "needs_diagnosis", "proposal_quote", "signing_payment"]
Step = tuple[str, Any]
SUPPLIED: list[Step] = [("supply all", None), ("upload", "solution_deck"), ("upload", "cost_sheet")]

#: what can be tried, each with the values that it may be tried with
ATTEMPTS: dict[str, list[Any]] = {
    "next": [None],
    "forward": STAGES,
    "back": STAGES,
    "won": [None],
    "lost": ["price"],
    "reopened": ["又有预算"],
    "invoiced": [None],
    "paid": [None],
    "supply": sorted(EVERY_FIELD),
    "supply all": [None],
    "clear": sorted(EVERY_FIELD),
    "upload": ["solution_deck", "cost_sheet"],
    "upload unjudged": ["solution_deck", "cost_sheet"],
    "remove documents": [None],
}
steps = st.sampled_from(sorted(ATTEMPTS)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(ATTEMPTS[name]))
)


@pytest.fixture
def acting(resources: Resources) -> Iterator[Acting]:
    with resources.database.transaction(Origin(channel="test")) as session:
        yield acting_as(session, make_person(session, "rep", team=make_team(session)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=30))
@example(SUPPLIED + [("next", None)] * 4 + [("won", None), ("invoiced", None), ("paid", None)])
@example(SUPPLIED + [("next", None)] * 3 + [("upload unjudged", "cost_sheet"), ("next", None), ("won", None)])
def test_no_sequence_goes_round_the_gate(acting: Acting, sequence: list[Step]) -> None:
    owner = acting.session.get_one(Person, acting.person_id)
    lead = make_lead(acting.session, owner)
    for name, value in sequence:
        before = (STAGES.index(lead.stage), lead.outcome, lead.payment_state)
        _attempt(acting, lead, name, value)
        after = (STAGES.index(lead.stage), lead.outcome, lead.payment_state)
        if after[0] > before[0]:
            assert after[0] == before[0] + 1
            assert not missing_items(acting.session, lead, acting.playbook, acting.playbook.stages[: after[0]])
        if after[1] == "won" != before[1]:
            assert before[0] == len(STAGES) - 1
            assert not missing_items(acting.session, lead, acting.playbook, acting.playbook.stages)
        if after[2] != before[2]:
            assert (before[2], after[2]) in {(None, "contract"), ("contract", "invoiced"), ("invoiced", "paid")}
    backs = acting.session.query(StageMove).filter_by(lead_id=lead.id, kind="back").count()
    assert lead.back_moves == backs


def _attempt(acting: Acting, lead: Lead, name: str, value: Any) -> None:
    with suppress(GateClosed, MoveImpossible, RightMissing):
        if name in {"invoiced", "paid"}:
            _record_payment(Gate(_as_finance(acting)), lead, name)
        elif name in {"next", "forward", "back", "won", "lost", "reopened"}:
            _move(Gate(acting), lead, name, value)
        else:
            _supply(acting, lead, name, value)


def _move(gate: Gate, lead: Lead, name: str, value: Any) -> None:
    match name:
        case "next":
            gate.advance(lead, STAGES[min(STAGES.index(lead.stage) + 1, len(STAGES) - 1)])
        case "forward":
            gate.advance(lead, value)
        case "back":
            gate.move_back(lead, value, "退回")
        case "won":
            gate.win(lead)
        case "lost":
            gate.lose(lead, value)
        case _:
            gate.reopen(lead, value)


def _record_payment(gate: Gate, lead: Lead, name: str) -> None:
    if name == "paid":
        gate.record_paid(lead)
    else:
        gate.record_invoiced(lead)


def _supply(acting: Acting, lead: Lead, name: str, value: Any) -> None:
    match name:
        case "supply":
            update_lead(acting, lead, {value: EVERY_FIELD[value]})
        case "supply all":
            update_lead(acting, lead, EVERY_FIELD)
        case "clear":
            update_lead(acting, lead, {value: None})
        case "upload":
            make_document(acting.session, lead, value)
        case "upload unjudged":
            make_document(acting.session, lead, value, verdict=None)
        case _:
            acting.session.execute(delete(Document).where(Document.lead_id == lead.id))


def _as_finance(acting: Acting) -> Acting:
    return replace(acting, viewer=replace(acting.viewer, roles=frozenset({"finance"})))


def test_with_everything_supplied_a_lead_comes_to_its_money(acting: Acting) -> None:
    lead = make_lead(acting.session, acting.session.get_one(Person, acting.person_id))
    for name, value in [*SUPPLIED, *[("next", None)] * 4, ("won", None), ("invoiced", None), ("paid", None)]:
        _attempt(acting, lead, name, value)
    assert (lead.stage, lead.outcome, lead.payment_state) == ("signing_payment", "won", "paid")
    kinds = [move.kind for move in acting.session.query(StageMove).filter_by(lead_id=lead.id).order_by(StageMove.id)]
    assert kinds == ["created", "forward", "forward", "forward", "forward", "won", "invoiced", "paid"]
