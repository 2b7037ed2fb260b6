"""Of those whom a pool asks for a lead: who may have it now, and in which order."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from crm_core.people.snapshots import RosterMember
from crm_core.pipeline.assignment.facts import Conversion, LeadFacts, Loads
from crm_core.process.assignment_rules import Pool, Strategy

#: why somebody who is asked does not get the lead now
ExclusionReason = Literal["barred", "away", "off_hours", "at_capacity", "daily_limit", "no_weight"]
#: reasons that pass by themselves: whoever has one keeps step with the rotation and does not catch up afterwards
_PASSING = frozenset({"away", "off_hours", "at_capacity", "daily_limit"})
#: reasons that yield when the lead would reach nobody at all
_YIELDING = frozenset({"off_hours", "at_capacity", "daily_limit"})
#: with fewer closed leads like this one in the whole pool, past conversion says nothing
MINIMUM_CLOSED = 30
#: how many closed leads the pool's own rate weighs beside a person's
_PRIOR_CLOSED = 10


class Standing(NamedTuple):
    """Somebody who is asked, with the numbers that decide."""

    member: RosterMember
    #: place in the rotation; None before the first turn
    turns: int | None
    open_leads: int
    given_today: int
    limit: int | None
    weight: int
    conversion: Conversion

    @property
    def person_id(self) -> UUID:
        return self.member.person_id


class Exclusion(NamedTuple):
    """Somebody who is asked and does not get the lead now."""

    standing: Standing
    reason: ExclusionReason


class Ranked(NamedTuple):
    """A candidate with the place in the rotation that counts, and the expected conversion where that ranks."""

    standing: Standing
    turns: int
    rate: float | None = None


class Ranking(NamedTuple):
    """Candidates, best first, by the strategy that was used in the end."""

    candidates: tuple[Ranked, ...]
    strategy: Strategy
    #: best_fit gave way to round_robin: so few closed leads like this one
    closed_known: int | None = None


def standing_of(pool: Pool, member: RosterMember, facts: LeadFacts, loads: Loads) -> Standing:
    """The numbers of somebody who is asked."""
    person_id = member.person_id
    return Standing(
        member=member,
        turns=loads.turns.get((pool.code, person_id)),
        open_leads=loads.open_leads.get(person_id, 0),
        given_today=loads.given_today.get((pool.code, person_id), 0) if loads.given_today else 0,
        limit=member.open_leads_limit if member.open_leads_limit is not None else pool.open_leads_limit,
        weight=weight_of(pool, member),
        conversion=loads.conversions.get((person_id, facts.facet), _NONE_CLOSED) if loads.conversions else _NONE_CLOSED,
    )


def exclusion_reason(
    pool: Pool, standing: Standing, facts: LeadFacts, day: date, *, is_working: bool
) -> ExclusionReason | None:
    """Why this person does not get the lead now; the first reason that holds."""
    member = standing.member
    reason: ExclusionReason | None = None
    if facts.barred_ids and member.person_id in facts.barred_ids:
        reason = "barred"
    elif standing.weight == 0:
        reason = "no_weight"
    elif member.away_until is not None and day < member.away_until:
        reason = "away"
    elif pool.only_in_working_hours and not is_working:
        reason = "off_hours"
    elif standing.limit is not None and standing.open_leads >= standing.limit:
        reason = "at_capacity"
    elif pool.daily_limit is not None and standing.given_today >= pool.daily_limit:
        reason = "daily_limit"
    return reason


def yields(reason: ExclusionReason) -> bool:
    """Whether a reason is given up rather than leave a lead with nobody."""
    return reason in _YIELDING


def rank(strategy: Strategy, eligible: list[Standing]) -> Ranking:
    """Best first. Ties go to the fewest turns, then to the order of the roster: employee number and id."""
    started = _started(eligible)
    if strategy == "least_loaded":
        # a share of the limit compares people of different capacity, when everybody has one
        shares = all(standing.limit for standing in eligible)
        started.sort(key=lambda one: (one.standing.open_leads / (one.standing.limit or 1 if shares else 1), one.turns))
        return Ranking(tuple(started), strategy)
    closed_known = None
    if strategy == "best_fit":
        closed_known = sum(standing.conversion.closed for standing in eligible)
        if closed_known >= MINIMUM_CLOSED:
            return Ranking(_by_fit(started), strategy, closed_known)
        strategy = "round_robin"
    started.sort(key=lambda one: (2 * one.turns + 1) / one.standing.weight)
    return Ranking(tuple(started), strategy, closed_known)


def turns_after(ranking: Ranking, chosen: UUID, excluded: tuple[Exclusion, ...]) -> Mapping[UUID, int]:
    """The rotation after the choice: one more turn for the chosen, everybody else at least at the lowest place.

    Whoever comes new or back from an absence starts beside those who have had fewest, and catches nothing up.
    """
    after = [(one.standing, one.turns + (one.standing.person_id == chosen)) for one in ranking.candidates]
    lowest = min(turns / standing.weight for standing, turns in after)
    changed = {standing.person_id: turns for standing, turns in after if turns != standing.turns}
    for exclusion in excluded:
        standing = exclusion.standing
        floor = int(lowest * standing.weight)
        if exclusion.reason in _PASSING and (standing.turns is None or standing.turns < floor):
            changed[standing.person_id] = floor
    return changed


def _started(eligible: list[Standing]) -> list[Ranked]:
    """Newcomers take the lowest place in the rotation."""
    known = [standing.turns / standing.weight for standing in eligible if standing.turns is not None]
    lowest = min(known, default=0.0)
    return [
        Ranked(standing, standing.turns if standing.turns is not None else int(lowest * standing.weight))
        for standing in eligible
    ]


def _by_fit(started: list[Ranked]) -> tuple[Ranked, ...]:
    """By expected conversion: past results drawn towards those of the whole pool.

    Whoever is no further below the best than chance explains (one standard deviation of the difference) is as good;
    among them the least loaded goes first, so that a small lead in luck does not draw every lead to one person.
    """
    won = sum(one.standing.conversion.won for one in started)
    closed = sum(one.standing.conversion.closed for one in started)
    prior_won = _PRIOR_CLOSED * (won + 1) / (closed + 2)
    beliefs = {one.standing.person_id: _belief(one.standing.conversion, prior_won) for one in started}
    best_mean, best_variance = max(beliefs.values())

    def key(one: Ranked) -> tuple[bool, float, int, int]:
        mean, variance = beliefs[one.standing.person_id]
        is_behind = (best_mean - mean) ** 2 > best_variance + variance
        return is_behind, -mean if is_behind else 0.0, one.standing.open_leads, one.turns

    ranked = (Ranked(one.standing, one.turns, round(beliefs[one.standing.person_id][0], 6)) for one in started)
    return tuple(sorted(ranked, key=key))


def _belief(conversion: Conversion, prior_won: float) -> tuple[float, float]:
    """Mean and variance of the Beta posterior of somebody's conversion."""
    wins = conversion.won + prior_won
    losses = conversion.closed - conversion.won + _PRIOR_CLOSED - prior_won
    total = wins + losses
    return wins / total, wins * losses / (total * total * (total + 1))


def weight_of(pool: Pool, member: RosterMember) -> int:
    """The share of a weighted pool; 1 for whoever is not named, and in every other pool."""
    if pool.strategy != "weighted" or member.employee_number is None:
        return 1
    return pool.weights.get(member.employee_number, 1)


_NONE_CLOSED = Conversion()
