"""Every kind of attempt to bring a lead somewhere that its gate would not let it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

STAGES = ("lead_assignment", "first_contact", "needs_diagnosis", "proposal_quote", "signing_payment")
_REASON = "绕过阶段"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A move or a change of fields that must be refused; `right`: unless one has it."""

    kind: str
    lead: str
    move: dict[str, Any] | None = None
    changes: dict[str, Any] | None = None
    right: str | None = None


def attempts() -> Iterator[Attempt]:
    """All of them, each by itself."""
    yield from _skips()
    yield from _lacks()
    yield from _wrong_outcomes()
    yield from _overrides()
    yield from _forged_bodies()
    yield from _written_fields()


def _forward(to_stage: str, **more: Any) -> dict[str, Any]:
    return {"kind": "forward", "to_stage": to_stage, **more}


def _skips() -> Iterator[Attempt]:
    for stage in STAGES[2:]:
        yield Attempt("jump", "complete", _forward(stage))
    for stage in ("vip_stage", "won", "", "lead_assignment\u200b"):
        yield Attempt("invented stage", "complete", _forward(stage))
    yield Attempt("same stage", "complete", _forward("lead_assignment"))
    yield Attempt("stale version", "complete", _forward("first_contact", expected_version=0))
    for stage in STAGES[1:]:
        yield Attempt("back to a later stage", "complete", {"kind": "back", "to_stage": stage, "reason": _REASON})
    yield Attempt("win from the middle", "complete", {"kind": "won"})


def _lacks() -> Iterator[Attempt]:
    yield Attempt("missing field", "bare", _forward("first_contact"))
    yield Attempt("missing document", "no_documents", _forward("signing_payment"))
    yield Attempt("failed document", "failed_document", _forward("signing_payment"))
    yield Attempt("document without a verdict", "unjudged_document", _forward("signing_payment"))
    yield Attempt("document of another customer", "foreign_documents", _forward("signing_payment"))
    yield Attempt("win without the contract number", "unsigned", {"kind": "won"})


def _wrong_outcomes() -> Iterator[Attempt]:
    for lead in ("lost", "parked", "won"):
        yield Attempt("move a closed lead", lead, _forward("first_contact"))
        yield Attempt("win a closed lead", lead, {"kind": "won"})
    yield Attempt("move a closed lead", "won", {"kind": "back", "to_stage": "first_contact", "reason": _REASON})
    yield Attempt("reopen a signed deal", "won", {"kind": "reopened", "reason": _REASON})
    yield Attempt("lose a signed deal", "won", {"kind": "lost", "reason": "price"})
    yield Attempt("park a signed deal", "won", {"kind": "parked", "reason": "budget_next_year"})
    yield Attempt("paid before the invoice", "won", {"kind": "paid"})
    for kind in ("invoiced", "paid"):
        yield Attempt("money before the contract", "complete", {"kind": kind})
        yield Attempt("money before the contract", "lost", {"kind": kind})
    yield Attempt("invoiced again", "invoiced", {"kind": "invoiced"})
    yield Attempt("withdraw after the invoice", "invoiced", {"kind": "withdrawn", "reason": _REASON})
    yield Attempt("lose for an invented reason", "complete", {"kind": "lost", "reason": "because"})
    yield Attempt("lose for no reason", "complete", {"kind": "lost", "reason": ""})


def _overrides() -> Iterator[Attempt]:
    through = {"override_reason": _REASON}
    yield Attempt("override without the right", "bare", _forward("first_contact", **through), right="gate.override")
    yield Attempt("override without the right", "unsigned", {"kind": "won", **through}, right="gate.override")
    yield Attempt("override without a reason", "bare", _forward("first_contact", override_reason="  "))
    yield Attempt("override that skips", "bare", _forward("needs_diagnosis", **through))
    yield Attempt("override that skips", "complete", {"kind": "won", **through})
    withdrawn = {"kind": "withdrawn", "reason": _REASON}
    yield Attempt("withdraw without the right", "won", withdrawn, right="gate.withdraw_win")
    yield Attempt("withdraw without a reason", "won", {"kind": "withdrawn", "reason": " "})


def _forged_bodies() -> Iterator[Attempt]:
    for name, value in (("stage", "signing_payment"), ("outcome", "won"), ("is_override", True), ("from_stage", "x")):
        yield Attempt("more than a move", "complete", _forward("first_contact", **{name: value}))
    yield Attempt(
        "reopen into a later stage", "lost", {"kind": "reopened", "reason": _REASON, "to_stage": "signing_payment"}
    )
    for kind in ("created", "mapped", "adopted", "won\u0000"):
        yield Attempt("a kind that is the product's own", "complete", {"kind": kind, "to_stage": "signing_payment"})


def _written_fields() -> Iterator[Attempt]:
    forged: dict[str, Any] = {
        "stage": "signing_payment",
        "outcome": "won",
        "payment_state": "paid",
        "outcome_at": "2026-03-20T08:00:00Z",
        "stage_entered_at": "2020-01-01T00:00:00Z",
        "back_moves": 0,
        "version": 1,
        "fields": {"stage": "signing_payment"},
        "alarm_at": None,
        "id": "01936f2e-8d5b-7c1a-9b1e-0a2b3c4d5e6f",
    }
    for name, value in forged.items():
        yield Attempt("written directly", "complete", changes={name: value})
    yield Attempt("written directly", "won", changes={"payment_state": "paid"})
    yield Attempt("written directly", "lost", changes={"outcome": "open"})
