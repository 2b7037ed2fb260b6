"""One draft becomes a lead with its moves, papers and diary."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from api.demo.catalogue import Content
from api.demo.diary import Diarist
from api.demo.journeys import Journey, JourneyWriter
from api.demo.lead_plan import LeadDraft
from api.demo.paperwork import Clerk, payment_moves, payment_state
from api.demo.records import Activity, Contact, Diagnosis, Lead, Product
from api.demo.roster import Roster
from api.demo.stories import Scene, Storyteller

_CONTACT_CHANNELS = ("phone", "phone", "wecom", "wechat", "visit", "email")


class LeadWriter:
    """Writes the leads of one block."""

    def __init__(self, content: Content, roster: Roster, teller: Storyteller, rng: Random, now: datetime) -> None:
        self._roster = roster
        self._teller = teller
        self._rng = rng
        self._now = now
        self._journeys = JourneyWriter(roster, teller, rng, now)
        self._clerk = Clerk(content, teller, rng, now)
        self._diary = Diarist(teller, rng, now)

    def write(
        self, draft: LeadDraft, code: str, brand: str, scene: Scene, *, product: Product, contacts: Sequence[Contact]
    ) -> tuple[Lead, list[Activity]]:
        """The lead as it stands now, and what was logged on the way. A draft that never pays stays at its contract."""
        journey = self._journeys.write(draft)
        activities = self._diary.of_lead(journey, scene, code)
        contract = self._clerk.contract(journey, code)
        if contract:
            journey.moves += payment_moves(journey, contract, self._roster.with_role("finance")[0].code)
        decided = journey.outcome_move
        diagnosis = self._clerk.diagnosis(journey, scene, product)
        quoted = journey.reached_at("proposal_quote") is not None
        lead = Lead(
            code=code,
            title=f"{brand}{product.name}项目",
            product_code=product.code,
            source=self._teller.pick("sources"),
            region_code=draft.region,
            owner_code=journey.owner_at(self._now),
            presales_code=self._rng.choice(self._roster.with_role("presales")).code if quoted else None,
            stage=journey.stage,
            stage_entered_at=journey.stage_entered_at,
            outcome=draft.outcome if decided else "open",
            outcome_at=decided.moved_at if decided else None,
            outcome_reason=decided.reason if decided else None,
            payment_state=payment_state(journey.moves),
            expected_sign_on=self._expected_sign_on(draft) if quoted else None,
            amount=draft.amount,
            margin=draft.margin,
            created_at=draft.created_at,
            moves=tuple(journey.moves),
            fields=self._fields(journey, scene, contacts, diagnosis),
            owner_changes=tuple(journey.owner_changes),
            methods=self._clerk.method_uses(journey),
            diagnosis=diagnosis,
            quotes=self._clerk.quotes(journey),
            contract=contract,
            case=None if draft.never_pays else self._clerk.won_case(journey, scene, brand, code),
        )
        return lead, activities

    def _expected_sign_on(self, draft: LeadDraft) -> date:
        """What the rep hoped for: about right, more often too early."""
        return draft.stage_ends[-1].date() + timedelta(days=round(self._rng.gauss(-4, 6)))

    def _fields(
        self, journey: Journey, scene: Scene, contacts: Sequence[Contact], diagnosis: Diagnosis | None
    ) -> dict[str, dict[str, Any]]:
        """What the gate of each stage left behind asked for."""
        decider = contacts[0]
        fields: dict[str, dict[str, Any]] = {
            "first_contact": {
                "contact_channel": self._rng.choice(_CONTACT_CHANNELS),
                "contact_result": self._teller.log("first_result", scene),
            },
            "proposal_quote": {"competitor_comparison": self._teller.log("comparison", scene)},
        }
        if diagnosis:
            fields["needs_diagnosis"] = {
                "pain_points": list(diagnosis.pain_points),
                "decision_maker": f"{decider.name}，{decider.title}",
            }
        return {stage: values for stage, values in fields.items() if journey.left_at(stage) is not None}
