"""The one gate: nobody else changes a lead's stage, outcome or payment state.

Forwards a lead goes one stage at a time, and only with everything that the stages up to there require. Signed is not
paid: a lead is won when its contract is signed, and its payment state (contract, invoiced, paid) says how far the money
is; lists and counts show the three apart. Losing and parking are possible from any open stage and need a reason of the
playbook; a lost or parked lead can be reopened where it stood. Two people who move one lead at once cannot both win:
the row's version decides, and the later one gets a conflict.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crm_core.customers.acting import Acting
from crm_core.customers.errors import ChangedMeanwhile
from crm_core.customers.timeline import append
from crm_core.foundation import clock
from crm_core.foundation.events import publish
from crm_core.pipeline.adoption import Adoption, adopt_leads
from crm_core.pipeline.arrivals import NewLead, enter_leads
from crm_core.pipeline.dwell.alarms import set_alarm
from crm_core.pipeline.errors import GateClosed, MoveImpossible, MoveReasonMissing, OutcomeReasonUnknown, StageUnknown
from crm_core.pipeline.events import LeadCreated, LeadLost, LeadMoved, LeadWon
from crm_core.pipeline.move_entries import move_happening
from crm_core.pipeline.requirements import MissingItem, missing_items
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.pipeline.task_people import make_tasks
from crm_core.process.sections import Label

MoveKind = Literal["created", "forward", "back", "won", "lost", "parked", "reopened", "invoiced", "paid", "mapped"]


@dataclass(frozen=True, slots=True)
class Override:
    """Go through a closed gate: needs the right gate.override, and a reason that everyone sees."""

    reason: str


class Gate:
    """Moves leads for one person, who has found them through the row scope."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._session = acting.session
        self._playbook = acting.playbook

    def enter(self, lead: Lead) -> StageMove:
        """A new lead stands in the first stage."""
        first = self._playbook.stages[0].code
        lead.stage, lead.stage_entered_at, lead.outcome = first, clock.now(), "open"
        set_alarm(self._session, self._playbook, lead)
        self._session.add(lead)
        self._session.flush()
        move = self._move(lead, "created", first, None)
        move.from_stage, move.dwell_seconds = None, None
        publish(self._session, LeadCreated(lead.id, lead.customer_id))
        return self._finish(lead, move)

    def enter_many(self, leads: Sequence[NewLead]) -> None:
        """New leads, by their columns, stand in the first stage: thousands at once."""
        enter_leads(self._acting, leads)

    def adopt(self, adoptions: Sequence[Adoption]) -> None:
        """Leads that came from elsewhere stand where they stood there. Raises RightMissing, LeadHasOwnMoves."""
        adopt_leads(self._acting, adoptions)

    def next_stage(self, lead: Lead) -> str | None:
        """Where the next step leads; None: to the contract. Raises StageUnknown."""
        following = self._position(lead.stage) + 1
        return self._playbook.stages[following].code if following < len(self._playbook.stages) else None

    def missing_for_next(self, lead: Lead) -> list[MissingItem]:
        """What the lead lacks for the next stage, or in the last stage for the contract. Raises StageUnknown."""
        position = self._position(lead.stage)
        return missing_items(self._session, lead, self._playbook, self._playbook.stages[: position + 1])

    def advance(
        self, lead: Lead, to_stage: str, *, expected_version: int | None = None, override: Override | None = None
    ) -> StageMove:
        """One stage forwards. Raises GateClosed with everything that is missing, MoveImpossible, ChangedMeanwhile."""
        self._admit(lead, "stage", expected_version)
        self._require_outcome(lead, "forward", "open")
        here, target = self._position(lead.stage), self._position(to_stage)
        if target <= here:
            raise MoveImpossible(move="forward", stage=lead.stage, outcome=lead.outcome, payment_state=None)
        missing = missing_items(self._session, lead, self._playbook, self._playbook.stages[:target])
        is_override = self._pass_or_refuse(to_stage, self._skipped(here, target), missing, override)
        move = self._move(
            lead, "forward", to_stage, override.reason if override and is_override else None, is_override=is_override
        )
        lead.stage, lead.stage_entered_at = to_stage, move.moved_at
        self._finish(lead, move)
        make_tasks(self._acting, lead, self._playbook.stage(to_stage).entry_tasks)
        return move

    def move_back(self, lead: Lead, to_stage: str, reason: str, *, expected_version: int | None = None) -> StageMove:
        """To any earlier stage, with a reason; counted."""
        self._admit(lead, "stage", expected_version)
        self._require_outcome(lead, "back", "open")
        if self._position(to_stage) >= self._position(lead.stage):
            raise MoveImpossible(move="back", stage=lead.stage, outcome=lead.outcome, payment_state=None)
        move = self._move(lead, "back", to_stage, _require_reason(reason))
        lead.stage, lead.stage_entered_at = to_stage, move.moved_at
        lead.back_moves += 1
        return self._finish(lead, move)

    def win(self, lead: Lead, *, expected_version: int | None = None, override: Override | None = None) -> StageMove:
        """The contract is signed: from the last stage, with everything that any stage requires."""
        self._admit(lead, "stage", expected_version)
        self._require_outcome(lead, "won", "open")
        last = self._playbook.stages[-1].code
        here, end = self._position(lead.stage), len(self._playbook.stages)
        missing = missing_items(self._session, lead, self._playbook, self._playbook.stages)
        is_override = self._pass_or_refuse(last, self._skipped(here, end), missing, override)
        move = self._move(
            lead, "won", lead.stage, override.reason if override and is_override else None, is_override=is_override
        )
        lead.outcome, lead.outcome_at, lead.payment_state = "won", move.moved_at, "contract"
        publish(self._session, LeadWon(lead.id, lead.customer_id, lead.owner_id))
        return self._finish(lead, move)

    def lose(
        self, lead: Lead, reason: str, note: str | None = None, *, expected_version: int | None = None
    ) -> StageMove:
        """Given up, from open or parked; the reason is a code of the playbook."""
        self._admit(lead, "stage", expected_version)
        self._require_outcome(lead, "lost", "open", "parked")
        move = self._end(lead, "lost", reason, note)
        publish(self._session, LeadLost(lead.id, lead.customer_id, reason))
        return move

    def park(
        self, lead: Lead, reason: str, note: str | None = None, *, expected_version: int | None = None
    ) -> StageMove:
        """Put aside for later; the reason is a code of the playbook."""
        self._admit(lead, "stage", expected_version)
        self._require_outcome(lead, "parked", "open")
        return self._end(lead, "parked", reason, note)

    def reopen(self, lead: Lead, reason: str, *, expected_version: int | None = None) -> StageMove:
        """A lost or parked lead goes on where it stood; its time in the stage starts anew."""
        self._admit(lead, "stage", expected_version)
        self._require_outcome(lead, "reopened", "lost", "parked")
        return self._open_again(lead, reason)

    def withdraw_win(self, lead: Lead, reason: str, *, expected_version: int | None = None) -> StageMove:
        """The contract was not signed after all: the lead is open again in the last stage, until the invoice is out."""
        self._acting.policy.require_right(self._acting.viewer, "gate.withdraw_win")
        self._admit(lead, "stage", expected_version)
        if lead.outcome != "won" or lead.payment_state != "contract":
            raise MoveImpossible(
                move="withdrawn", stage=lead.stage, outcome=lead.outcome, payment_state=lead.payment_state
            )
        return self._open_again(lead, reason)

    def map_stage(self, lead: Lead, to_stage: str) -> StageMove:
        """A stage is gone from the playbook: an open or parked lead goes on in another; its time there starts anew."""
        self._require_outcome(lead, "mapped", "open", "parked")
        self._position(to_stage)
        if any(stage.code == lead.stage for stage in self._playbook.stages):
            raise MoveImpossible(move="mapped", stage=lead.stage, outcome=lead.outcome, payment_state=None)
        move = self._move(lead, "mapped", to_stage, None)
        lead.stage, lead.stage_entered_at = to_stage, move.moved_at
        return self._finish(lead, move)

    def record_invoiced(self, lead: Lead, *, expected_version: int | None = None) -> StageMove:
        """The invoice is out: contract → invoiced."""
        return self._record_payment(lead, "invoiced", "contract", expected_version)

    def record_paid(self, lead: Lead, *, expected_version: int | None = None) -> StageMove:
        """The money is in: invoiced → paid."""
        return self._record_payment(lead, "paid", "invoiced", expected_version)

    def _record_payment(
        self, lead: Lead, kind: Literal["invoiced", "paid"], before: str, expected_version: int | None
    ) -> StageMove:
        self._admit(lead, "payment_state", expected_version)
        if lead.outcome != "won" or lead.payment_state != before:
            raise MoveImpossible(move=kind, stage=lead.stage, outcome=lead.outcome, payment_state=lead.payment_state)
        move = self._move(lead, kind, lead.stage, None)
        lead.payment_state = kind
        return self._finish(lead, move)

    def _admit(self, lead: Lead, field: str, expected_version: int | None) -> None:
        self._acting.policy.require_editable(self._acting.viewer, "lead", [field])
        self._session.flush()
        if expected_version is not None and lead.version != expected_version:
            raise ChangedMeanwhile(fields=["version"])

    def _require_outcome(self, lead: Lead, kind: MoveKind, *outcomes: str) -> None:
        if lead.outcome not in outcomes:
            raise MoveImpossible(move=kind, stage=lead.stage, outcome=lead.outcome, payment_state=lead.payment_state)

    def _position(self, stage: str) -> int:
        try:
            return self._playbook.stage_position(stage)
        except KeyError:
            allowed = ", ".join(known.code for known in self._playbook.stages)
            raise StageUnknown(stage=stage, allowed=allowed) from None

    def _skipped(self, here: int, target: int) -> list[MissingItem]:
        """The stages between, which a lead must go through one by one."""
        return [
            MissingItem("stage_order", stage.code, stage.code, stage.name, _STEP_BY_STEP)
            for stage in self._playbook.stages[here + 1 : target]
        ]

    def _pass_or_refuse(
        self, to_stage: str, skipped: list[MissingItem], missing: list[MissingItem], override: Override | None
    ) -> bool:
        """Whether an override was needed; no override skips a stage."""
        if override is not None and missing and not skipped:
            self._acting.policy.require_right(self._acting.viewer, "gate.override")
            _require_reason(override.reason)
            return True
        if skipped or missing:
            raise _closed(self._playbook.stage(to_stage).name, to_stage, [*skipped, *missing])
        return False

    def _open_again(self, lead: Lead, reason: str) -> StageMove:
        """Where it stood, or from the beginning when that stage is gone from the playbook."""
        stages = [stage.code for stage in self._playbook.stages]
        to_stage = lead.stage if lead.stage in stages else stages[0]
        move = self._move(lead, "reopened", to_stage, _require_reason(reason))
        lead.stage, lead.outcome, lead.outcome_at, lead.outcome_reason, lead.payment_state = (
            to_stage,
            "open",
            None,
            None,
            None,
        )
        lead.stage_entered_at = move.moved_at
        return self._finish(lead, move)

    def _end(self, lead: Lead, outcome: Literal["lost", "parked"], reason: str, note: str | None) -> StageMove:
        reasons = self._playbook.outcome_reasons
        allowed = [choice.code for choice in (reasons.lost if outcome == "lost" else reasons.parked)]
        if reason not in allowed:
            raise OutcomeReasonUnknown(reason=reason, allowed=", ".join(allowed))
        move = self._move(lead, outcome, lead.stage, (note or "").strip() or reason)
        lead.outcome, lead.outcome_at, lead.outcome_reason = outcome, move.moved_at, reason
        return self._finish(lead, move)

    def _move(
        self, lead: Lead, kind: MoveKind, to_stage: str, reason: str | None, *, is_override: bool = False
    ) -> StageMove:
        moved_at = clock.now()
        move = StageMove(
            lead_id=lead.id,
            from_stage=lead.stage,
            to_stage=to_stage,
            kind=kind,
            reason=reason,
            is_override=is_override,
            moved_at=moved_at,
            moved_by=self._acting.person_id,
            dwell_seconds=(moved_at - lead.stage_entered_at).total_seconds(),
            owner_id=lead.owner_id,
            playbook_version=self._playbook.version,
        )
        self._session.add(move)
        return move

    def _finish(self, lead: Lead, move: StageMove) -> StageMove:
        """Write it with the alarms of the new stay, so that a conflict shows here, and tell everyone."""
        set_alarm(self._session, self._playbook, lead)
        self._session.flush()
        append(self._session, move_happening(self._acting, lead, move))
        told = LeadMoved(
            lead.id,
            lead.customer_id,
            move.kind,
            move.from_stage or move.to_stage,
            move.to_stage,
            self._acting.person_id,
        )
        publish(self._session, told)
        return move


_STEP_BY_STEP = Label(zh="阶段不能跳过，请逐个推进", en="Stages cannot be skipped; go through them one by one")


def _closed(stage: Label, code: str, missing: list[MissingItem]) -> GateClosed:
    return GateClosed(
        stage=code,
        stage_zh=stage.zh,
        stage_en=stage.en,
        count=len(missing),
        names_zh="、".join(item.label.zh for item in missing),
        names_en=", ".join(item.label.en for item in missing),
        missing=[item.as_json() for item in missing],
    )


def _require_reason(reason: str) -> str:
    if not reason.strip():
        raise MoveReasonMissing
    return reason.strip()
