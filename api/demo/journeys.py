"""From a draft to a lead with its moves: what the record looks like today, and how it came to that."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from api.demo.lead_plan import STAGES, LeadDraft
from api.demo.records import OwnerChange, Person, StageMove
from api.demo.roster import REP_SEAT, Roster
from api.demo.stories import Storyteller
from api.demo.working_days import in_office_hours, moment, next_working_day

#: share of leads sent back from the quote to the diagnosis once
_BACK_SHARE = 0.08
_LEAVING = {"forward", "won", "lost", "parked"}


@dataclass(slots=True)
class Journey:
    """The moves of one lead up to today, and who owned it when."""

    draft: LeadDraft
    moves: list[StageMove] = field(default_factory=list)
    owner_changes: list[OwnerChange] = field(default_factory=list)

    @property
    def stage(self) -> str:
        return self.moves[-1].to_stage

    @property
    def stage_entered_at(self) -> datetime:
        return next(move.moved_at for move in reversed(self.moves) if move.from_stage != move.to_stage)

    @property
    def outcome_move(self) -> StageMove | None:
        """The move that decided the lead, if any."""
        return next((move for move in self.moves if move.kind in {"won", "lost", "parked"}), None)

    def owner_at(self, instant: datetime) -> str:
        """Who was responsible at an instant."""
        owner = self.draft.rep.code
        for change in self.owner_changes:
            if change.changed_at <= instant:
                owner = change.to_code
        return owner

    def reached_at(self, stage: str) -> datetime | None:
        """When the lead first came to a stage."""
        return next((move.moved_at for move in self.moves if move.to_stage == stage), None)

    def left_at(self, stage: str) -> datetime | None:
        """When the lead left a stage for good, forwards or by an outcome."""
        leaving = [m.moved_at for m in self.moves if m.from_stage == stage and m.kind in _LEAVING]
        return leaving[-1] if leaving else None


class JourneyWriter:
    """Replays drafts up to now."""

    def __init__(self, roster: Roster, teller: Storyteller, rng: Random, now: datetime) -> None:
        self._roster = roster
        self._teller = teller
        self._rng = rng
        self._now = now
        self._people = {person.code: person for person in roster.people}

    def write(self, draft: LeadDraft) -> Journey:
        """All that happened to the lead before now."""
        journey = Journey(draft)
        self._hand_over(journey)
        self._move(journey, STAGES[0], draft.created_at)
        for stage, ended_at in zip(STAGES, draft.stage_ends, strict=False):
            if ended_at >= self._now:
                break
            if stage == "proposal_quote" and self._rng.random() < _BACK_SHARE:
                self._detour(journey, ended_at)
            if self._ends_here(draft, stage):
                self._close(journey, ended_at)
                break
            self._move(journey, STAGES[STAGES.index(stage) + 1], ended_at)
        return journey

    def _ends_here(self, draft: LeadDraft, stage: str) -> bool:
        if draft.outcome == "won":
            return stage == "signing_payment"
        return stage == draft.stop

    def _hand_over(self, journey: Journey) -> None:
        """Leads of a rep who left go to a colleague on that day."""
        rep, draft = journey.draft.rep, journey.draft
        ended_at = (
            draft.stage_ends[4] if draft.outcome == "won" else draft.stage_ends[min(3, len(draft.stage_ends) - 1)]
        )
        if rep.left_on is None:
            return
        left_at = moment(next_working_day(rep.left_on), self._rng)
        if draft.created_at < left_at < ended_at:
            heir = self._heir(rep)
            journey.owner_changes.append(OwnerChange(rep.code, heir.code, left_at, f"{rep.name}离职交接"))

    def _heir(self, rep: Person) -> Person:
        team = rep.memberships[-1].team_code
        colleagues = [person for person in self._roster.active_reps if person.memberships[-1].team_code == team]
        return colleagues[REP_SEAT[1]] if len(colleagues) > 1 else self._roster.active_reps[0]

    def _move(self, journey: Journey, to_stage: str, at: datetime, *, reason: str | None = None) -> None:
        previous = journey.moves[-1] if journey.moves else None
        journey.moves.append(
            StageMove(
                from_stage=previous.to_stage if previous else None,
                to_stage=to_stage,
                moved_at=at,
                moved_by=journey.owner_at(at),
                dwell_seconds=(at - previous.moved_at).total_seconds() if previous else None,
                kind="back" if reason else "forward" if previous else "created",
                reason=reason,
            )
        )

    def _detour(self, journey: Journey, ended_at: datetime) -> None:
        """Back to the diagnosis for a day or two, half way through the quote."""
        entered_at = journey.moves[-1].moved_at
        back_at = in_office_hours(entered_at + (ended_at - entered_at) * 0.4, self._rng)
        again_at = in_office_hours(back_at + timedelta(days=self._rng.uniform(1, 2.5)), self._rng)
        if entered_at < back_at < again_at < ended_at:
            self._move(journey, "needs_diagnosis", back_at, reason=self._teller.pick("back_reasons"))
            self._move(journey, "proposal_quote", again_at)

    def _close(self, journey: Journey, at: datetime) -> None:
        last, outcome = journey.moves[-1], journey.draft.outcome
        assert outcome != "open"
        reasons = {"lost": "lost_reasons", "parked": "parked_reasons"}
        journey.moves.append(
            StageMove(
                from_stage=last.to_stage,
                to_stage=last.to_stage,
                moved_at=at,
                moved_by=journey.owner_at(at),
                dwell_seconds=(at - last.moved_at).total_seconds(),
                kind=outcome,
                reason=self._teller.pick(reasons[outcome]) if outcome in reasons else None,
            )
        )
