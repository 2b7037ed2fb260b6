"""Decides who gets a lead: rules in order, then the fallback. Pure: the same input always gives the same decision.

The first rule whose conditions hold and whose pool has somebody who may have the lead wins. A claim pool takes the lead
itself. A lead that no rule places goes to the fallback; there limits of hours, day and capacity yield, because the
alternative is nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal
from uuid import UUID

from crm_core.people.snapshots import Roster, RosterMember
from crm_core.pipeline.assignment.candidates import (
    Exclusion,
    ExclusionReason,
    Ranking,
    Standing,
    exclusion_reason,
    rank,
    standing_of,
    turns_after,
    yields,
)
from crm_core.pipeline.assignment.conditions import Arrival, FailedCondition, arrival_of, first_failed
from crm_core.pipeline.assignment.facts import LeadFacts, Loads
from crm_core.pipeline.assignment.membership import Circle, OutsideReason, circle_of
from crm_core.process.assignment_rules import AssignmentRule, Pool
from crm_core.process.playbook import Playbook
from crm_core.process.working_time import WorkingTime, working_time

Outcome = Literal["assigned", "pooled", "unassigned"]
#: what came of one rule, or of the fallback, which has no rule
Result = Literal["condition_failed", "pool_empty", "nobody", "assigned", "pooled", "disabled"]
#: whether the account's owner goes first, and why not; who has left is on the roster no more
OwnerVerdict = Literal["kept", "left"] | ExclusionReason | OutsideReason


@dataclass(frozen=True, slots=True)
class Trial:
    """One rule that was tried, or the fallback."""

    rule: str | None
    pool: str
    result: Result
    failed: FailedCondition | None = None
    circle: Circle | None = None
    ranking: Ranking | None = None
    excluded: tuple[Exclusion, ...] = ()
    account_owner: OwnerVerdict | None = None
    #: the fallback gave up limits that left nobody
    limits_lifted: bool = False
    chosen: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Who gets the lead, and every step to it."""

    outcome: Outcome
    trials: tuple[Trial, ...]
    arrival: Arrival | None
    instant: datetime
    facts: LeadFacts
    #: places in the pool's rotation that change
    turns: Mapping[UUID, int] = field(default_factory=dict)

    @property
    def last(self) -> Trial:
        return self.trials[-1]

    @property
    def rule(self) -> str | None:
        """The rule that won; None when the fallback did, or nothing."""
        return None if self.outcome == "unassigned" else self.last.rule

    @property
    def pool(self) -> str | None:
        return None if self.outcome == "unassigned" else self.last.pool

    @property
    def person_id(self) -> UUID | None:
        return self.last.chosen

    @property
    def reason(self) -> str | None:
        """Why no rule placed the lead, as a code; None when one did."""
        if self.outcome != "unassigned" and self.last.rule is not None:
            return None
        if self.last.result == "disabled":
            return "fallback_disabled"
        if self.outcome == "unassigned":
            return "fallback_empty"
        matched = any(trial.result != "condition_failed" for trial in self.trials[:-1])
        return "nobody_eligible" if matched else "no_rule_matched"


@dataclass(frozen=True, slots=True)
class _Question:
    """One lead to place: what it says, how loaded everybody is, and when."""

    facts: LeadFacts
    loads: Loads
    instant: datetime
    arrival: Arrival | None


class Assigner:
    """The rules of one playbook on the roster of one day; decide many leads with the same one."""

    def __init__(self, playbook: Playbook, roster: Roster) -> None:
        self.playbook = playbook
        self.roster = roster
        self._pools = {pool.code: pool for pool in playbook.assignment.pools}
        self._circles: dict[tuple[str, str | None, str | None], Circle] = {}
        self._times: dict[str | None, WorkingTime] = {}
        self._asks_arrival = any(
            condition.fact == "arrival" for rule in playbook.assignment.rules for condition in rule.conditions
        )

    @cached_property
    def required(self) -> tuple[str, ...]:
        """What the roster must know of a person before leads reach them."""
        return tuple(self.playbook.onboarding.required)

    def decide(self, facts: LeadFacts, loads: Loads, instant: datetime) -> Decision:
        """Who gets this lead now; `loads` is not changed: add the decision to it before the next one."""
        arrival = arrival_of(facts, self._time(None)) if self._asks_arrival else None
        question = _Question(facts, loads, instant, arrival)
        trials: list[Trial] = []
        for rule in self.playbook.assignment.rules:
            trials.append(self._try_rule(rule, question))
            if trials[-1].result in {"assigned", "pooled"}:
                return _decision(question, trials)
        trials.append(self._try_fallback(question))
        return _decision(question, trials)

    def circle(self, pool: Pool, facts: LeadFacts) -> Circle:
        """Whom a pool asks for such a lead; the same for all leads of one region and language."""
        region = facts.region if pool.members.same_region else None
        language = facts.language if pool.members.same_language else None
        key = (pool.code, region, language)
        if key not in self._circles:
            self._circles[key] = circle_of(pool, self.roster, self.required, facts)
        return self._circles[key]

    def _try_rule(self, rule: AssignmentRule, question: _Question) -> Trial:
        failed = first_failed(rule.conditions, question.facts, question.arrival or "working_hours")
        if failed is not None:
            return Trial(rule.code, rule.pool, "condition_failed", failed)
        pool = self._pools[rule.pool]
        circle = self.circle(pool, question.facts)
        if not circle.asked:
            return Trial(rule.code, pool.code, "pool_empty", circle=circle)
        if pool.kind == "claimed":
            return Trial(rule.code, pool.code, "pooled", circle=circle)
        return self._choose(rule.code, pool, circle, question)

    def _try_fallback(self, question: _Question) -> Trial:
        fallback = self.playbook.assignment.fallback
        if not fallback.is_enabled:
            return Trial(None, fallback.pool, "disabled")
        pool = self._pools[fallback.pool]
        circle = self.circle(pool, question.facts)
        if pool.kind == "claimed":
            return Trial(None, pool.code, "pooled", circle=circle)
        if not circle.asked:
            return Trial(None, pool.code, "pool_empty", circle=circle)
        return self._choose(None, pool, circle, question)

    def _choose(self, rule: str | None, pool: Pool, circle: Circle, question: _Question) -> Trial:
        """One of those whom the pool asks; without a rule it is the fallback."""
        eligible, excluded = self._sifted(pool, circle, question)
        limits_lifted = False
        if rule is None and not eligible:
            eligible = [exclusion.standing for exclusion in excluded if yields(exclusion.reason)]
            excluded = [exclusion for exclusion in excluded if not yields(exclusion.reason)]
            limits_lifted = bool(eligible)
        verdict = _owner_verdict(pool, circle, question.facts, excluded)
        if not eligible:
            return Trial(rule, pool.code, "nobody", None, circle, None, tuple(excluded), verdict)
        ranking = rank(pool.strategy, eligible)
        first = ranking.candidates[0].standing.person_id
        return Trial(
            rule=rule,
            pool=pool.code,
            result="assigned",
            circle=circle,
            ranking=ranking,
            excluded=tuple(excluded),
            account_owner=verdict,
            limits_lifted=limits_lifted,
            chosen=question.facts.account_owner_id if verdict == "kept" else first,
        )

    def _sifted(self, pool: Pool, circle: Circle, question: _Question) -> tuple[list[Standing], list[Exclusion]]:
        eligible: list[Standing] = []
        excluded: list[Exclusion] = []
        for member in circle.asked:
            standing = standing_of(pool, member, question.facts, question.loads)
            is_working = not pool.only_in_working_hours or self._works(member, question.instant)
            reason = exclusion_reason(pool, standing, question.facts, self.roster.day, is_working=is_working)
            if reason is None:
                eligible.append(standing)
            else:
                excluded.append(Exclusion(standing, reason))
        return eligible, excluded

    def _works(self, member: RosterMember, instant: datetime) -> bool:
        return self._time(member.calendar).is_open(instant)

    def _time(self, calendar: str | None) -> WorkingTime:
        if calendar not in self._times:
            self._times[calendar] = working_time(self.playbook.calendar(calendar))
        return self._times[calendar]


def decide(playbook: Playbook, roster: Roster, facts: LeadFacts, loads: Loads, instant: datetime) -> Decision:
    """Who gets one lead now."""
    return Assigner(playbook, roster).decide(facts, loads, instant)


def _decision(question: _Question, trials: list[Trial]) -> Decision:
    last = trials[-1]
    outcome: Outcome = "unassigned"
    turns: Mapping[UUID, int] = {}
    if last.result == "pooled":
        outcome = "pooled"
    elif last.ranking is not None and last.chosen is not None:
        outcome = "assigned"
        # an account that stays with its owner takes nobody's turn
        if last.account_owner != "kept":
            turns = turns_after(last.ranking, last.chosen, last.excluded)
    return Decision(outcome, tuple(trials), question.arrival, question.instant, question.facts, turns)


def _owner_verdict(pool: Pool, circle: Circle, facts: LeadFacts, excluded: list[Exclusion]) -> OwnerVerdict | None:
    """Whether the account's owner goes first; None where the pool does not ask, or the account has none."""
    owner_id = facts.account_owner_id
    if not pool.keeps_account_owner or owner_id is None:
        return None
    for exclusion in excluded:
        if exclusion.standing.person_id == owner_id:
            return exclusion.reason
    if any(member.person_id == owner_id for member in circle.asked):
        return "kept"
    return next((outsider.reason for outsider in circle.outside if outsider.member.person_id == owner_id), "left")
