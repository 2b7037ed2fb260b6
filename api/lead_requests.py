"""What callers want of leads, in the words of the floors below."""

from api.contracts.leads import AnyMove, Back, Forward, GiveUp, LeadFilter, Reopen, Win, Withdraw
from crm_core.pipeline.gate import Gate, Override
from crm_core.pipeline.search import LeadSearch
from crm_core.pipeline.tables import Lead, StageMove

_FILTERS = ("stage", "outcome", "payment_state", "owner_id", "region_id", "customer_id", "source")


def wanted_search(wanted: LeadFilter) -> LeadSearch:
    """The same filter for a list and for what is done with all of it."""
    return LeadSearch(
        words=wanted.search,
        filters={name: getattr(wanted, name) for name in _FILTERS if getattr(wanted, name) is not None},
        only_mine=wanted.mine,
        is_overdue=wanted.overdue,
    )


def made_move(gate: Gate, lead: Lead, move: AnyMove) -> StageMove:
    """Ask the gate for what somebody wants; a refusal is raised."""
    version = move.expected_version
    match move:
        case Forward():
            override = Override(move.override_reason) if move.override_reason else None
            return gate.advance(lead, move.to_stage, expected_version=version, override=override)
        case Back():
            return gate.move_back(lead, move.to_stage, move.reason, expected_version=version)
        case Win():
            override = Override(move.override_reason) if move.override_reason else None
            return gate.win(lead, expected_version=version, override=override)
        case GiveUp():
            give_up = gate.lose if move.kind == "lost" else gate.park
            return give_up(lead, move.reason, move.note, expected_version=version)
        case Reopen() | Withdraw():
            open_again = gate.reopen if move.kind == "reopened" else gate.withdraw_win
            return open_again(lead, move.reason, expected_version=version)
        case _:
            record = gate.record_invoiced if move.kind == "invoiced" else gate.record_paid
            return record(lead, expected_version=version)
