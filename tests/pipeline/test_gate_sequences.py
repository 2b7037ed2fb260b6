"""No sequence of calls reaches a stage without what the stages before it ask for."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from crm_core.customers.acting import Acting
from crm_core.customers.tables import Document
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.errors import ProductError
from crm_core.foundation.identifiers import new_id
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from crm_core.people.viewer import Role
from crm_core.pipeline.adoption import Adoption
from crm_core.pipeline.bulk_edit import edit_many
from crm_core.pipeline.errors import LeadHasOwnMoves
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.leads import update_lead
from crm_core.pipeline.past import ENDS, PastEvent, standing_after
from crm_core.pipeline.requirements import MissingItem, missing_items
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.process.playbook import Playbook
from crm_core.process.playbook_files import default_playbook
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
    "parked": ["budget_next_year"],
    "reopened": ["又有预算"],
    "withdrawn": ["签错了"],
    "bulk": STAGES,
    "import": [None],
    "adopt": [["proposal_quote"], ["first_contact", "lost"], ["won", "paid"], ["needs_diagnosis", "lead_assignment"]],
    "playbook": ["as published", "asks for more", "without a stage"],
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
@example(
    [("adopt", ["proposal_quote"]), ("next", None), *SUPPLIED, ("next", None), ("won", None), ("withdrawn", "签错了")]
)
@example([*SUPPLIED, ("next", None), ("next", None), ("playbook", "without a stage"), ("playbook", "asks for more")])
@example([("import", None), ("bulk", "first_contact"), ("adopt", ["won", "paid"]), ("adopt", ["proposal_quote"])])
def test_no_sequence_goes_round_the_gate(acting: Acting, sequence: list[Step]) -> None:
    walk = Walk(acting, make_lead(acting.session, acting.session.get_one(Person, acting.person_id)))
    for name, value in sequence:
        before = walk.place()
        with suppress(ProductError):
            walk.attempt(name, value)
        if name not in _NO_STEPS:
            walk.judge(before)
    moves = walk.moves()
    told = [move.to_stage for move in moves]
    assert [move.from_stage for move in moves if not move.is_imported][1:] == (
        [stage for stage, move in zip(told, moves[1:], strict=False) if not move.is_imported]
    )
    assert walk.lead.back_moves == sum(move.kind == "back" for move in moves)


#: what puts a lead elsewhere without being a step of it: another lead, a past, another playbook
_NO_STEPS = {"import", "adopt", "playbook"}


@dataclass
class Walk:
    """A lead, the playbook of the hour, and what somebody tries with them."""

    acting: Acting
    lead: Lead

    def place(self) -> tuple[int, str, str | None]:
        position = self.acting.playbook.stage_position(self.lead.stage)
        return position, self.lead.outcome, self.lead.payment_state

    def moves(self) -> list[StageMove]:
        of_lead = select(StageMove).where(StageMove.lead_id == self.lead.id).order_by(StageMove.number)
        return list(self.acting.session.scalars(of_lead))

    def judge(self, before: tuple[int, str, str | None]) -> None:
        """One stage at a time, with everything that the stages up to there ask for."""
        after, stages = self.place(), self.acting.playbook.stages
        if after[0] > before[0]:
            assert after[0] == before[0] + 1
            assert not self._missing(after[0])
        if after[1] == "won" != before[1]:
            assert before[0] == len(stages) - 1
            assert not self._missing(len(stages))
        if after[2] != before[2]:
            forwards = {(None, "contract"), ("contract", "invoiced"), ("invoiced", "paid")}
            assert (before[2], after[2]) in forwards | {("contract", None)}

    def attempt(self, name: str, value: Any) -> None:
        match name:
            case "invoiced" | "paid":
                _record_payment(Gate(_with_role(self.acting, "finance")), self.lead, name)
            case "withdrawn":
                Gate(_with_role(self.acting, "manager")).withdraw_win(self.lead, value)
            case "bulk":
                edit_many(self.acting, [self.lead.id], lambda lead: Gate(self.acting).advance(lead, value))
            case "import":
                self._import()
            case "adopt":
                self._adopt(value)
            case "playbook":
                self._publish(value)
            case "next" | "forward" | "back" | "won" | "lost" | "parked" | "reopened":
                _move(Gate(self.acting), self.lead, name, value)
            case _:
                _supply(self.acting, self.lead, name, value)

    def _missing(self, stages: int) -> list[MissingItem]:
        playbook = self.acting.playbook
        return missing_items(self.acting.session, self.lead, playbook, playbook.stages[:stages])

    def _import(self) -> None:
        """Another lead, from a table that could claim anything."""
        owner_id = self.acting.person_id
        claim = {"stage": "signing_payment", "outcome": "won"}
        row = {"id": new_id(), "customer_id": self.lead.customer_id, "title": "x", "owner_id": owner_id, **claim}
        Gate(self.acting).enter_many([row])
        self.lead = self.acting.session.get_one(Lead, row["id"])
        assert self.place() == (0, "open", None)

    def _adopt(self, told: list[str]) -> None:
        before, had_moved = self.place(), len(self.moves()) > 1
        known = {*(stage.code for stage in self.acting.playbook.stages), *ENDS, "paid"}
        dated = [(event, clock.now() - timedelta(days=9 - day)) for day, event in enumerate(told) if event in known]
        events = [PastEvent(event, happened_at) for event, happened_at in dated]
        standing = standing_after(self.acting.playbook, events)
        if standing is None:
            return
        lead = self.lead
        adoption = Adoption(lead.id, lead.customer_id, lead.title, lead.owner_id, standing)
        try:
            Gate(_with_role(self.acting, "operations")).adopt([adoption])
        except LeadHasOwnMoves:
            assert had_moved
            assert self.place() == before
        else:
            assert not had_moved
            assert all(move.is_imported for move in self.moves()[1:])

    def _publish(self, variant: str) -> None:
        """As publishing does: leads of stages that are gone are mapped, all others stay where they are."""
        playbook = _variant(self.acting.playbook, variant)
        self.acting = replace(self.acting, playbook=playbook)
        if self.lead.stage not in {stage.code for stage in playbook.stages}:
            if self.lead.outcome in {"open", "parked"}:
                Gate(self.acting).map_stage(self.lead, "first_contact")
            else:
                # a closed lead stays in its stage; this walk goes on with a new one
                self._import()


@cache
def _content(variant: str) -> Playbook:
    content = default_playbook().content()
    if variant == "asks for more":
        area = {"code": "site_area", "label": _LABEL, "type": "number", "how": _LABEL}
        content["stages"][0]["fields"].append(area)
    if variant == "without a stage":
        content["stages"] = [stage for stage in content["stages"] if stage["code"] != "needs_diagnosis"]
        content["health"]["reviews"] = []
    return Playbook.model_validate(content)


_LABEL = {"zh": "场地面积", "en": "Site area"}


def _variant(playbook: Playbook, variant: str) -> Playbook:
    return _content(variant).model_copy(update={"version": playbook.version})


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
        case "parked":
            gate.park(lead, value)
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


def _with_role(acting: Acting, role: Role) -> Acting:
    return replace(acting, viewer=replace(acting.viewer, roles=frozenset({role})))


def test_with_everything_supplied_a_lead_comes_to_its_money(acting: Acting) -> None:
    lead = make_lead(acting.session, acting.session.get_one(Person, acting.person_id))
    walk = Walk(acting, lead)
    for name, value in [*SUPPLIED, *[("next", None)] * 4, ("won", None), ("invoiced", None), ("paid", None)]:
        walk.attempt(name, value)
    assert (lead.stage, lead.outcome, lead.payment_state) == ("signing_payment", "won", "paid")
    assert [move.kind for move in walk.moves()] == [
        "created",
        "forward",
        "forward",
        "forward",
        "forward",
        "won",
        "invoiced",
        "paid",
    ]
