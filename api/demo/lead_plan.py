"""Who gets which lead when, how far it goes and how long it takes: the planted effects are decided here.

Outcomes are dealt by exact quota within groups of equal true chance, not drawn one by one, so that a figure planted
as 31 % is 31 % with every seed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Literal, TypeVar

from api.demo import planted
from api.demo.catalogue import Content, Industry
from api.demo.records import CustomerSize, Outcome, Person
from api.demo.roster import Roster
from api.demo.working_days import in_office_hours, moment, working_days

Key = TypeVar("Key", str, float)
Stop = Literal["lead_assignment", "first_contact", "needs_diagnosis", "proposal_quote"]
STAGES = ("lead_assignment", "first_contact", "needs_diagnosis", "proposal_quote", "signing_payment")
#: share of leads that end in each stage before a quote is decided
_ENDS: dict[Stop, float] = {"lead_assignment": 0.02, "first_contact": 0.10, "needs_diagnosis": 0.10}
#: share of customers, factor on the cycle
_SIZES: dict[CustomerSize, tuple[float, float]] = {
    "small": (0.35, 0.85),
    "medium": (0.40, 1.0),
    "large": (0.18, 1.2),
    "group": (0.07, 1.4),
}
#: share of leads that come from a customer who has asked before
_REPEAT_SHARE = 0.2
#: share of the cycle between the accepted quote and the signature
_SIGNING_SHARE = 0.06
#: median days in first contact and in needs diagnosis; the quote takes the rest of the cycle
_EARLY_STAGE_DAYS = (1.5, 2.4)


@dataclass(slots=True)
class LeadDraft:
    """A lead before its words: plain facts that the other modules dress."""

    number: int
    rep: Person
    team: str
    region: str
    industry: Industry
    size: CustomerSize
    created_at: datetime
    #: the first lead of the same customer; itself for a new customer
    first: "LeadDraft | None" = None
    #: end of each stage, in the order of STAGES; later than today means still to come
    stage_ends: list[datetime] = field(default_factory=list)
    stop: Stop = "proposal_quote"
    methods: frozenset[str] = frozenset()
    outcome: Outcome = "open"
    #: signed, and no money has come since
    never_pays: bool = False
    margin: float = 0.0
    amount: int = 0

    @property
    def quote_decided_at(self) -> datetime | None:
        return self.stage_ends[3] if len(self.stage_ends) > 3 else None

    @property
    def signed_at(self) -> datetime | None:
        return self.stage_ends[4] if self.outcome == "won" else None


class LeadPlanner:
    """Draws the leads of one block."""

    def __init__(self, content: Content, roster: Roster, rng: Random, today: date, share: float) -> None:
        self._content = content
        self._roster = roster
        self._rng = rng
        self._today = today
        self._share = share
        self._now = datetime.combine(today, datetime.min.time(), moment(today, rng).tzinfo)
        self._adopted = self._adoption_days()
        self._repertoires = {rep.code: self._repertoire() for rep in roster.reps}

    def draw(self) -> list[LeadDraft]:
        """All leads of the block in order of creation."""
        total = round(planted.LEADS_PER_BLOCK * self._share)
        drafts = [draft for rep, count in self._lead_counts(total) for draft in self._drafts_of(rep, count)]
        drafts.sort(key=lambda draft: draft.created_at)
        for number, draft in enumerate(drafts, start=1):
            draft.number = number
        self._deal_stops(drafts)
        for draft in drafts:
            self._time(draft)
        self._deal_outcomes(drafts)
        return drafts

    def _adoption_days(self) -> dict[str, date]:
        """When reps learned the bill analysis: its inventor always knew, some took it up, most never did."""
        experienced = [rep for rep in self._roster.active_reps if rep.tier != "new"]
        adopters = self._rng.sample(experienced, round(planted.BILL_ANALYSIS_ADOPTERS * len(experienced)))
        # the rep of the demo log-in is one of them, so that the manager sees a title in the making
        adopters += [rep for rep in experienced if rep.login_name == "rep" and rep not in adopters]
        days = {rep.code: self._today - timedelta(days=self._rng.randrange(150, 240)) for rep in adopters}
        inventors = [rep.code for rep in self._roster.reps if rep.left_on is not None]
        return days | dict.fromkeys(inventors, date.min)

    def _repertoire(self) -> frozenset[str]:
        """The methods that a rep knows and uses from the first month on: the two of the combination and some others."""
        others = [m.code for m in self._content.methods.values() if m.weight and m.code not in planted.COMBINATION]
        return frozenset((*planted.COMBINATION, *self._rng.sample(others, planted.REPERTOIRE_SIZE)))

    def _lead_counts(self, total: int) -> Iterable[tuple[Person, int]]:
        """Leads in proportion to the hours a rep has for new business, and to the months worked."""
        new_business = 1 - planted.RENEWAL_SHARE_OTHERS
        weights = {}
        for rep in self._roster.reps:
            weight = self._tenure(rep)
            if rep.memberships[-1].region_code == planted.BURDENED_REGION:
                weight *= (1 - planted.RENEWAL_SHARE_BURDENED) / new_business
            if rep.memberships[-1].team_code.endswith(planted.UNPAID_TEAM):
                weight *= 0.95
            weights[rep.code] = weight
        unit = total / sum(weights.values())
        return [(rep, max(2, round(unit * weights[rep.code]))) for rep in self._roster.reps]

    def _span(self, rep: Person) -> tuple[date, date]:
        first = max(self._today - timedelta(days=365), rep.hired_on + timedelta(days=3))
        last = min(self._today - timedelta(days=1), rep.left_on or self._today)
        return first, last

    def _tenure(self, rep: Person) -> float:
        first, last = self._span(rep)
        return (last - first).days / 364

    def _drafts_of(self, rep: Person, count: int) -> list[LeadDraft]:
        days = working_days(*self._span(rep))
        drafts = []
        for _ in range(count):
            created = moment(self._rng.choice(days), self._rng)
            membership = rep.membership_on(created.date())
            team = next(team for team in self._roster.teams if team.code == membership.team_code)
            industry = self._content.industries[self._rng.choice(team.industries)]
            size = self._rng.choices(list(_SIZES), [share for share, _ in _SIZES.values()])[0]
            drafts.append(LeadDraft(0, rep, team.code, membership.region_code or "", industry, size, created))
        drafts.sort(key=lambda draft: draft.created_at)
        self._repeat_customers(drafts)
        return drafts

    def _repeat_customers(self, drafts: list[LeadDraft]) -> None:
        known: dict[tuple[str, str], list[LeadDraft]] = defaultdict(list)
        for draft in drafts:
            earlier = known[draft.team, draft.industry.code]
            draft.first = draft
            if earlier and self._rng.random() < _REPEAT_SHARE:
                draft.first = self._rng.choice(earlier)
                draft.size = draft.first.size
            else:
                earlier.append(draft)

    def _deal_stops(self, drafts: list[LeadDraft]) -> None:
        for group in grouped(drafts, lambda draft: draft.region):
            self._rng.shuffle(group)
            position = 0
            for stop, share in _ENDS.items():
                count = round(share * len(group))
                for draft in group[position : position + count]:
                    draft.stop = stop
                position += count

    def _time(self, draft: LeadDraft) -> None:
        """Methods first, because they change how long the deal takes."""
        rng = self._rng
        if draft.stop == "proposal_quote":
            draft.methods = self._methods(draft)
        effect = planted.effect_of(draft.methods)
        top = draft.rep.tier == "top"
        size_factor = _SIZES[draft.size][1]
        days = draft.industry.base_cycle_days * size_factor * effect.cycle_factor * rng.lognormvariate(0, 0.2)
        days *= planted.TOP_CYCLE_FACTOR if top else 1.0
        at = in_office_hours(draft.created_at + timedelta(hours=rng.uniform(0.2, 5)), rng)
        draft.stage_ends = [at]
        early = [min(days * 0.2, median * rng.lognormvariate(0, 0.4)) for median in _EARLY_STAGE_DAYS]
        stages = (*early, days * (1 - _SIGNING_SHARE) - sum(early), days * _SIGNING_SHARE)
        for stage_days in stages[: STAGES.index(draft.stop)] if draft.stop != "proposal_quote" else stages:
            at = in_office_hours(at + timedelta(days=stage_days), rng)
            draft.stage_ends.append(at)
        margin = draft.industry.base_margin + rng.gauss(0, 0.03) + effect.margin_shift
        draft.margin = round(min(0.75, max(0.05, margin + (planted.TOP_MARGIN_SHIFT if top else 0.0))), 4)
        draft.amount = int(draft.industry.base_amount * size_factor**2 * rng.lognormvariate(0, 0.35)) // 1000 * 1000

    def _methods(self, draft: LeadDraft) -> frozenset[str]:
        """What the rep tries; apart from the confounded method it does not depend on how good the rep is."""
        rng = self._rng
        chosen: set[str] = set()
        candidates = [
            method
            for method in self._content.methods.values()
            if method.code in self._repertoires[draft.rep.code]
            and (not method.industries or draft.industry.code in method.industries)
        ]
        if rng.random() < planted.COMBINATION_SHARE:
            chosen.update(planted.COMBINATION)
        else:
            for _ in range(rng.choice((1, 1, 2))):
                chosen.add(rng.choices(candidates, [method.weight for method in candidates])[0].code)
        if self._knows_bill_analysis(draft) and rng.random() < planted.BILL_ANALYSIS_SHARE:
            chosen.add("bill_analysis")
        top = draft.rep.tier == "top"
        if rng.random() < (planted.CONFOUNDED_SHARE_TOP if top else planted.CONFOUNDED_SHARE_OTHERS):
            chosen.add(planted.CONFOUNDED_METHOD)
        return frozenset(chosen)

    def _knows_bill_analysis(self, draft: LeadDraft) -> bool:
        adopted = self._adopted.get(draft.rep.code)
        return adopted is not None and draft.created_at.date() >= adopted

    def _deal_outcomes(self, drafts: list[LeadDraft]) -> None:
        decided = [draft for draft in drafts if draft.quote_decided_at and draft.quote_decided_at < self._now]
        signable = [d for d in decided if d.team.endswith(planted.UNPAID_TEAM) and d.stage_ends[4] < self._now]
        bottleneck = [d for d in decided if d.region == planted.BOTTLENECK_REGION]
        dealt = {id(draft) for draft in (*signable, *bottleneck)}
        rest = [draft for draft in decided if id(draft) not in dealt]
        self._deal_wins(signable, round(planted.UNPAID_TEAM_SIGNED * self._share))
        self._deal_payments([draft for draft in signable if draft.outcome == "won"])
        self._deal_wins(bottleneck, round(planted.BOTTLENECK_RATE * len(bottleneck)))
        self._deal_wins(rest, round(sum(win_chance(draft) for draft in rest)))
        for draft in drafts:
            if draft.stop != "proposal_quote" and draft.stage_ends[-1] < self._now:
                draft.outcome = "lost" if self._rng.random() < 0.7 else "parked"

    def _deal_payments(self, signed: list[LeadDraft]) -> None:
        """All but a few of the unpaid team's signatures stay without money; the few are old enough to be paid."""
        signed.sort(key=lambda draft: draft.stage_ends[4])
        payers = self._rng.sample(signed[: len(signed) // 2], round(planted.UNPAID_TEAM_PAID * self._share))
        paid = {id(draft) for draft in payers}
        for draft in signed:
            draft.never_pays = id(draft) not in paid

    def _deal_wins(self, drafts: list[LeadDraft], wins: int) -> None:
        """Deal exactly `wins` signatures, each group of equal chance getting its share."""
        expected = sum(win_chance(draft) for draft in drafts) or 1.0
        owed = 0.0
        for group in grouped(drafts, win_chance):
            self._rng.shuffle(group)
            owed += win_chance(group[0]) * wins / expected * len(group)
            count = min(len(group), round(owed))
            owed -= count
            for position, draft in enumerate(group):
                draft.outcome = "won" if position < count else "lost"


def win_chance(draft: LeadDraft) -> float:
    """The true chance that a decided quote is signed, before a region's own quota."""
    top = planted.TOP_WIN_SHIFT if draft.rep.tier == "top" else 0.0
    return round(planted.WIN_RATE + top + planted.effect_of(draft.methods).win_shift, 4)


def grouped(drafts: Iterable[LeadDraft], key: Callable[[LeadDraft], Key]) -> list[list[LeadDraft]]:
    """Drafts by key, groups in the order of their keys."""
    groups: dict[Key, list[LeadDraft]] = defaultdict(list)
    for draft in drafts:
        groups[key(draft)].append(draft)
    return [groups[value] for value in sorted(groups)]
