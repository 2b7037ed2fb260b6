"""A decision as the JSON that is kept, and the proof of it: decide again from the record and compare bit for bit."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from crm_core.people.snapshots import Roster
from crm_core.pipeline.assignment.candidates import Exclusion, Ranked, Standing
from crm_core.pipeline.assignment.engine import Assigner, Decision, Trial
from crm_core.pipeline.assignment.facts import Conversion, LeadFacts, Loads
from crm_core.pipeline.assignment.membership import Circle, Outsider
from crm_core.process.playbook import Playbook

#: of those outside a pool, so many are named for each reason; the roster names the rest
NAMED_OUTSIDE = 20
#: how equal candidates were put in order
_TIE_BREAK = {
    "round_robin": "turns_then_employee_number",
    "weighted": "turns_by_weight_then_employee_number",
    "least_loaded": "load_then_turns_then_employee_number",
    "best_fit": "conversion_then_load_then_turns_then_employee_number",
}
_FORMAT = 1


def rules_digest(playbook: Playbook) -> str:
    """SHA-256 of everything in a playbook that decides; a version changed behind its number shows here."""
    parts = playbook.content()
    deciding = {name: parts[name] for name in ("assignment", "onboarding", "calendars")}
    return hashlib.sha256(json.dumps(deciding, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


class Recorder:
    """Writes decisions of one assigner down; what repeats from lead to lead is worked out once."""

    def __init__(self, assigner: Assigner) -> None:
        self._assigner = assigner
        self._rules_sha256 = rules_digest(assigner.playbook)
        #: by identity: the assigner keeps its circles as long as it lives
        self._outside: dict[int, list[dict[str, Any]]] = {}

    def record(self, decision: Decision) -> dict[str, Any]:
        """Everything needed to understand the decision and to take it again, in plain JSON values."""
        roster = self._assigner.roster
        return {
            "format": _FORMAT,
            "instant": decision.instant.isoformat(),
            "playbook_version": self._assigner.playbook.version,
            "rules_sha256": self._rules_sha256,
            "roster_day": roster.day.isoformat(),
            "roster_sha256": roster.digest,
            "facts": decision.facts.as_json() | ({"arrival": decision.arrival} if decision.arrival else {}),
            "trials": [self._trial(trial) for trial in decision.trials],
            "outcome": decision.outcome,
            "reason": decision.reason,
            "rule": decision.rule,
            "pool": decision.pool,
            "person": _text(decision.person_id),
            "turns_after": {str(person_id): turns for person_id, turns in sorted(decision.turns.items())},
        }

    def _trial(self, trial: Trial) -> dict[str, Any]:
        told: dict[str, Any] = {"rule": trial.rule, "pool": trial.pool, "result": trial.result}
        if trial.failed is not None:
            told["failed"] = trial.failed.as_json()
        if trial.circle is not None:
            told["asked"] = len(trial.circle.asked)
            told["outside"] = self._told_outside(trial.circle)
        if trial.account_owner is not None:
            told["account_owner"] = trial.account_owner
        if trial.limits_lifted:
            told["limits_lifted"] = True
        if trial.ranking is not None:
            told["strategy"] = trial.ranking.strategy
            told["tie_break"] = _TIE_BREAK[trial.ranking.strategy]
            told["candidates"] = [_ranked_json(one) for one in trial.ranking.candidates]
            if trial.ranking.closed_known is not None:
                told["closed_known"] = trial.ranking.closed_known
        if trial.excluded:
            told["excluded"] = [_exclusion_json(exclusion) for exclusion in trial.excluded]
        if trial.chosen is not None:
            told["chosen"] = str(trial.chosen)
        return told

    def _told_outside(self, circle: Circle) -> list[dict[str, Any]]:
        if id(circle) not in self._outside:
            self._outside[id(circle)] = _outside_json(circle.outside)
        return self._outside[id(circle)]


def replay(record: Mapping[str, Any], playbook: Playbook, roster: Roster) -> dict[str, Any]:
    """Take the recorded decision again; with the same rules and roster the result equals the record."""
    facts = LeadFacts.from_json(record["facts"])
    assigner = Assigner(playbook, roster)
    decision = assigner.decide(facts, _loads_of(record, facts), datetime.fromisoformat(record["instant"]))
    return Recorder(assigner).record(decision)


def _outside_json(outside: Iterable[Outsider]) -> list[dict[str, Any]]:
    """By reason and what is lacking, the most frequent first; the first ones by name."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for outsider in outside:
        groups.setdefault((outsider.reason, outsider.lacks), []).append(str(outsider.member.person_id))
    return [
        {
            "reason": reason,
            **({"lacks": list(lacks)} if lacks else {}),
            "count": len(people),
            "people": people[:NAMED_OUTSIDE],
        }
        for (reason, lacks), people in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    ]


def _standing_json(standing: Standing) -> dict[str, Any]:
    told: dict[str, Any] = {
        "person": _spelled(standing.person_id),
        "number": standing.member.employee_number,
        "turns": standing.turns,
        "open_leads": standing.open_leads,
        "given_today": standing.given_today,
    }
    if standing.limit is not None:
        told["limit"] = standing.limit
    if standing.weight != 1:
        told["weight"] = standing.weight
    if standing.conversion.closed:
        told["won"], told["closed"] = standing.conversion.won, standing.conversion.closed
    return told


def _ranked_json(one: Ranked) -> dict[str, Any]:
    told = _standing_json(one.standing)
    if one.turns != one.standing.turns:
        told["starts_at"] = one.turns
    return told if one.rate is None else {**told, "rate": one.rate}


def _exclusion_json(exclusion: Exclusion) -> dict[str, Any]:
    told = {**_standing_json(exclusion.standing), "reason": exclusion.reason}
    if exclusion.reason == "away":
        told["until"] = str(exclusion.standing.member.away_until)
    return told


def _loads_of(record: Mapping[str, Any], facts: LeadFacts) -> Loads:
    """How loaded the people of a record were."""
    loads = Loads()
    for trial in record["trials"]:
        for told in (*trial.get("candidates", ()), *trial.get("excluded", ())):
            person_id = UUID(told["person"])
            if told["turns"] is not None:
                loads.turns[trial["pool"], person_id] = told["turns"]
            loads.open_leads[person_id] = told["open_leads"]
            loads.given_today[trial["pool"], person_id] = told["given_today"]
            if "closed" in told:
                loads.conversions[person_id, facts.facet] = Conversion(told["won"], told["closed"])
    return loads


@lru_cache(maxsize=100_000)
def _spelled(person_id: UUID) -> str:
    """The same people stand in every record of a run."""
    return str(person_id)


def _text(person_id: UUID | None) -> str | None:
    return str(person_id) if person_id else None
