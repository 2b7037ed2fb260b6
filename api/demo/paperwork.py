"""What a lead leaves on paper: diagnosis, quotes, contract and payments, the won case."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from api.demo import planted
from api.demo.catalogue import Content
from api.demo.chance import seeded
from api.demo.journeys import Journey
from api.demo.lead_plan import LeadDraft
from api.demo.records import (
    Contract,
    Diagnosis,
    MethodUse,
    MoveKind,
    Payment,
    PaymentState,
    Product,
    Quote,
    StageMove,
    WonCase,
)
from api.demo.stories import Scene, Storyteller
from api.demo.working_days import in_office_hours, moment, next_working_day

#: label, share of the amount, days after signature
_PAYMENT_PLAN = (("预付款", 0.3, 7), ("到货款", 0.6, 40), ("验收款", 0.1, 75))


class Clerk:
    """Writes the papers of one block's leads."""

    def __init__(self, content: Content, teller: Storyteller, rng: Random, now: datetime) -> None:
        self._content = content
        self._teller = teller
        self._rng = rng
        self._now = now
        self._today = now.date()

    def method_uses(self, journey: Journey) -> tuple[MethodUse, ...]:
        """Each method is registered when first used, before anybody knows how the deal ends."""
        draft = journey.draft
        start = journey.reached_at("proposal_quote")
        if start is None:
            return ()
        days = (draft.stage_ends[3] - start).total_seconds() / 86400
        uses = []
        for method in sorted(draft.methods):
            used_at = in_office_hours(start + timedelta(days=days * self._rng.uniform(0.02, 0.35)), self._rng)
            if used_at < self._now:
                uses.append(MethodUse(method, journey.owner_at(used_at), used_at))
        return tuple(sorted(uses, key=lambda use: use.used_at))

    def diagnosis(self, journey: Journey, scene: Scene, product: Product) -> Diagnosis | None:
        """The report that closed the diagnosis stage; a pain point that nobody spoke of has no quote."""
        at = journey.left_at("needs_diagnosis")
        if at is None or journey.reached_at("proposal_quote") is None:
            return None
        said = {scene.obstacle.pain: scene.obstacle_words}
        said |= dict.fromkeys(scene.situation.pains, scene.situation_words)
        usual = (other.pain for other in scene.industry.obstacles)
        first, second, third = list(dict.fromkeys([*scene.situation.pains, scene.obstacle.pain, *usual]))[:3]
        codes = self._content.pain_codes
        return Diagnosis(
            submitted_at=at - timedelta(minutes=self._rng.randrange(3, 50)),
            submitted_by=journey.owner_at(at),
            pain_points=(codes[first], codes[second], codes[third]),
            quotes=(said.get(first), said.get(second), said.get(third)),
            voice_summary=self._teller.voice_summary(scene, product.parameters),
            parameters=product.parameters,
            fit_score=self._fit_score(journey.draft, at.date()),
        )

    def _fit_score(self, draft: LeadDraft, on: date) -> int:
        months_ago = (self._today.year - on.year) * 12 + self._today.month - on.month
        weak = draft.region == planted.WEAK_FIT_REGION and months_ago in {1, 2}
        mean = planted.WEAK_FIT_SCORE if weak else planted.USUAL_FIT_SCORE
        return round(min(99, max(40, self._rng.gauss(mean, 5))))

    def quotes(self, journey: Journey) -> tuple[Quote, ...]:
        """The first quote and, for most, a revised one a little lower."""
        draft, start = journey.draft, journey.reached_at("proposal_quote")
        if start is None:
            return ()
        span = draft.stage_ends[3] - start
        first_at = in_office_hours(start + span * 0.12, self._rng)
        quotes = [Quote(1, first_at, draft.amount, draft.margin)]
        if self._rng.random() < 0.7:
            higher = int(draft.amount * 1.08) // 1000 * 1000
            revised_at = in_office_hours(start + span * 0.6, self._rng)
            quotes = [
                Quote(1, first_at, higher, round(draft.margin + 0.03, 4)),
                Quote(2, revised_at, draft.amount, draft.margin),
            ]
        return tuple(quote for quote in quotes if quote.quoted_at < self._now)

    def contract(self, journey: Journey, number: str) -> Contract | None:
        """The signed contract with its payment nodes; a draft that never pays leaves every node open."""
        signed_at = journey.draft.signed_at
        if signed_at is None or signed_at >= self._now:
            return None
        signed_on = signed_at.date()
        payments = tuple(self._payment(journey.draft, *node) for node in _PAYMENT_PLAN)
        starts_on = signed_on + timedelta(days=30)
        return Contract(
            number=f"HT{signed_on:%Y%m}-{number}",
            signed_on=signed_on,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=365),
            amount=journey.draft.amount,
            status="signed",
            payments=payments,
        )

    def _payment(self, draft: LeadDraft, label: str, share: float, days: int) -> Payment:
        due_on = draft.stage_ends[4].date() + timedelta(days=days)
        pays = not draft.never_pays
        invoiced_on = next_working_day(due_on - timedelta(days=self._rng.randrange(2, 7)))
        paid_on = next_working_day(due_on + timedelta(days=min(30, int(self._rng.expovariate(1 / 7)))))
        return Payment(
            label=label,
            due_on=due_on,
            amount=round(draft.amount * share),
            invoiced_on=invoiced_on if pays and invoiced_on < self._today else None,
            paid_on=paid_on if pays and paid_on < self._today else None,
        )

    def won_case(self, journey: Journey, scene: Scene, brand: str, lead_code: str) -> WonCase | None:
        """The story that the rep wrote a day or two after the signature."""
        draft, signed_at = journey.draft, journey.draft.signed_at
        if signed_at is None:
            return None
        captured_at = moment(next_working_day(signed_at.date() + timedelta(days=self._rng.randrange(1, 4))), self._rng)
        if captured_at >= self._now:
            return None
        pains = [*scene.situation.pains, scene.obstacle.pain]
        return WonCase(
            code=f"{lead_code}-W",
            title=f"{brand}：{scene.situation.title}",
            situation=scene.situation_words,
            story=self._teller.story(scene),
            key_actions=tuple(sorted({self._teller.pick("actions") for _ in range(3)})),
            methods=tuple(sorted(draft.methods)),
            pain_points=tuple(dict.fromkeys(self._content.pain_codes[pain] for pain in pains)),
            cycle_days=(signed_at.date() - draft.created_at.date()).days,
            margin=draft.margin,
            amount=draft.amount,
            captured_at=captured_at,
        )


def payment_moves(journey: Journey, contract: Contract, finance: str) -> list[StageMove]:
    """The moves invoiced and paid that follow a signature."""
    moves: list[StageMove] = []
    invoiced = [payment.invoiced_on for payment in contract.payments if payment.invoiced_on]
    paid = [payment.paid_on for payment in contract.payments]
    previous = journey.moves[-1]
    if invoiced:
        moves.append(_payment_move(previous, min(invoiced), "invoiced", finance))
    if moves and all(paid):
        moves.append(_payment_move(moves[-1], max(day for day in paid if day), "paid", finance))
    return moves


def _payment_move(previous: StageMove, on: date, kind: MoveKind, finance: str) -> StageMove:
    at = max(moment(on, seeded(on, finance, kind)), previous.moved_at + timedelta(hours=1))
    return replace(
        previous,
        from_stage=previous.to_stage,
        moved_at=at,
        moved_by=finance,
        dwell_seconds=None,
        kind=kind,
        reason=None,
    )


def payment_state(moves: Iterable[StageMove]) -> PaymentState | None:
    """contract, invoiced or paid for a signed lead, else None."""
    kinds = {move.kind for move in moves}
    if "won" not in kinds:
        return None
    return "paid" if "paid" in kinds else "invoiced" if "invoiced" in kinds else "contract"
