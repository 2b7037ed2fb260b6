"""Leads: the list, the stage board, fields, and moves through the gate."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.contracts.customers import FieldHistory
from api.contracts.leads import (
    BoardStage,
    BoardView,
    ChainRequest,
    GateView,
    LeadChange,
    LeadDetail,
    LeadMove,
    LeadQuery,
    Leads,
    MissingThing,
    MoveFacts,
    Moves,
    NewLead,
)
from api.contracts.tasks import TaskFacts
from api.dependencies import LocaleDep
from api.lead_requests import made_move, wanted_search
from api.presenting import Presenter
from api.routes.customers import history_of
from crm_core.customers.acting import Acting
from crm_core.customers.repository import find_customer
from crm_core.foundation.translations import Locale
from crm_core.pipeline.field_values import COLUMN_TYPES
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.leads import create_lead, update_lead
from crm_core.pipeline.repository import find_lead
from crm_core.pipeline.search import moves_of, search_leads, stage_board
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.pipeline.task_people import start_chain

router = APIRouter(prefix="/api/leads", tags=["leads"])


@router.get("", response_model_exclude_unset=True)
def list_leads(wanted: Annotated[LeadQuery, Query()], acting: ActingDep, locale: LocaleDep) -> Leads:
    """Leads within reach, with search in titles and customer names."""
    search = replace(
        wanted_search(wanted),
        sort=wanted.sort,
        is_descending=wanted.order == "descending",
        limit=wanted.limit,
        offset=wanted.offset,
    )
    leads, total = search_leads(acting, search)
    return Leads(items=Presenter(acting, locale).leads(leads), total=total)


@router.get("/board", response_model_exclude_unset=True)
def show_board(acting: ActingDep, locale: LocaleDep) -> BoardView:
    """Open leads by stage, closed ones by outcome, won ones by how far the money is."""
    board, presenter = stage_board(acting), Presenter(acting, locale)
    stages = [
        BoardStage.model_validate(
            {
                "stage": row.stage,
                "name": presenter.stage_name(row.stage),
                "count": row.count,
                "overdue": row.overdue,
                **({} if row.amount is None else {"amount": row.amount}),
            }
        )
        for row in board.stages
    ]
    payments = {} if board.payments is None else {"payments": dict(board.payments)}
    return BoardView.model_validate({"stages": stages, "outcomes": dict(board.outcomes), **payments})


@router.post("", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def add_lead(new: NewLead, acting: ActingDep, locale: LocaleDep) -> LeadDetail:
    """A new lead, in the first stage."""
    customer = find_customer(acting.session, acting.viewer, acting.policy, new.customer_id)
    return _detail(acting, locale, create_lead(acting, customer, {**new.values, "title": new.title}))


@router.get("/{lead_id}", response_model_exclude_unset=True)
def show_lead(lead_id: UUID, acting: ActingDep, locale: LocaleDep) -> LeadDetail:
    """A lead, and which of its fields the viewer may change."""
    return _detail(acting, locale, _found(acting, lead_id))


@router.patch("/{lead_id}", response_model_exclude_unset=True)
def change_lead(lead_id: UUID, change: LeadChange, acting: ActingDep, locale: LocaleDep) -> LeadDetail:
    """Write fields by code; stage, outcome and payment state move through the gate alone."""
    lead = _found(acting, lead_id)
    update_lead(acting, lead, change.changes, expected_version=change.expected_version)
    return _detail(acting, locale, lead)


@router.get("/{lead_id}/gate", response_model_exclude_unset=True)
def show_gate(lead_id: UUID, acting: ActingDep, locale: LocaleDep) -> GateView:
    """Everything that is missing for the next stage, with how to supply it."""
    lead = _found(acting, lead_id)
    acting.policy.require_readable(acting.viewer, "lead", ["stage"])
    gate = Gate(acting)
    missing = [
        MissingThing(
            kind=item.kind,
            code=item.code,
            stage=item.stage,
            label=item.label.spoken(locale),
            how=item.how.spoken(locale),
            reasons=list(item.reasons),
        )
        for item in gate.missing_for_next(lead)
    ]
    return GateView(
        stage=lead.stage,
        next_stage=gate.next_stage(lead),
        is_open=lead.outcome == "open" and not missing,
        missing=missing,
    )


@router.get("/{lead_id}/moves", response_model_exclude_unset=True)
def list_moves(lead_id: UUID, acting: ActingDep, locale: LocaleDep) -> Moves:
    """Every move of a lead, oldest first, with overrides marked."""
    lead = _found(acting, lead_id)
    acting.policy.require_readable(acting.viewer, "lead", ["stage", "outcome"])
    items = _moves(acting, locale, moves_of(acting, lead))
    return Moves(items=items, total=len(items))


@router.post("/{lead_id}/moves", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def move_lead(lead_id: UUID, wanted: LeadMove, acting: ActingDep, locale: LocaleDep) -> MoveFacts:
    """One move through the gate; a refused one names everything that is missing."""
    lead = _found(acting, lead_id)
    return _moves(acting, locale, [made_move(Gate(acting), lead, wanted.move)])[0]


@router.post("/{lead_id}/task-chains", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def request_chain(lead_id: UUID, wanted: ChainRequest, acting: ActingDep, locale: LocaleDep) -> TaskFacts:
    """Start a chain of tasks, such as the presales demo; one that still runs is returned."""
    task = start_chain(acting, _found(acting, lead_id), wanted.chain, presales_id=wanted.presales_id)
    return Presenter(acting, locale).tasks([task])[0]


@router.get("/{lead_id}/history", response_model_exclude_unset=True)
def lead_history(lead_id: UUID, acting: ActingDep, locale: LocaleDep) -> FieldHistory:
    """Every change of every field that the viewer may read, latest first."""
    _found(acting, lead_id)
    return history_of(acting, locale, "lead", lead_id)


def _found(acting: Acting, lead_id: UUID) -> Lead:
    return find_lead(acting.session, acting.viewer, acting.policy, lead_id)


def _moves(acting: Acting, locale: Locale, moves: Sequence[StageMove]) -> list[MoveFacts]:
    presenter = Presenter(acting, locale)
    names = presenter.people_names(move.moved_by for move in moves)
    shows_reason = presenter.reads("lead", "outcome_reason")
    shows_payment = presenter.reads("lead", "payment_state")
    return [
        MoveFacts.model_validate(
            {
                "id": move.id,
                "kind": move.kind,
                "from_stage": move.from_stage,
                "to_stage": move.to_stage,
                "moved_at": move.moved_at,
                "moved_by": move.moved_by,
                "moved_by_name": names.get(move.moved_by) if move.moved_by else None,
                "is_override": move.is_override,
                "dwell_seconds": move.dwell_seconds,
                **({"reason": move.reason} if shows_reason else {}),
            }
        )
        for move in moves
        if shows_payment or move.kind not in {"invoiced", "paid"}
    ]


def _detail(acting: Acting, locale: Locale, lead: Lead) -> LeadDetail:
    """What may be changed by hand: not the stage, the outcome or the payment state."""
    asked = [required.code for stage in acting.playbook.stages for required in stage.fields]
    editable = acting.policy.editable(acting.viewer, "lead", dict.fromkeys([*COLUMN_TYPES, *asked]))
    facts = Presenter(acting, locale).leads([lead])[0]
    return LeadDetail(**facts.model_dump(exclude_unset=True), editable=editable)
