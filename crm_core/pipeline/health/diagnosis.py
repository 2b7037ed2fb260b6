"""Why leads wait: since when, which rules come to nothing, and what was changed shortly before. All on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.health.assignment_break import (
    LOOKBACK,
    Break,
    RuleFinding,
    find_break,
    findings,
    first_runs,
)
from crm_core.pipeline.health.assignment_health import is_waiting, judged_span
from crm_core.pipeline.health.changes import Change, changes_between
from crm_core.pipeline.health.tables import AssignmentIncident
from crm_core.pipeline.tables import Lead
from crm_core.process.health_rules import AssignmentHealth

#: changes from so long before the break on, and until shortly after it, can have caused it
_BEFORE, _AFTER = timedelta(days=7), timedelta(hours=1)
#: which exclusions a change of the roster can explain; None: any
_EXPLAINS: dict[str, frozenset[str] | None] = {
    "rep_without_region": frozenset({"onboarding_incomplete", "not_in_lead_region", "not_in_pool_regions"}),
    "region_emptied": frozenset({"onboarding_incomplete", "not_in_lead_region", "not_in_pool_regions"}),
    "team_region_changed": frozenset({"onboarding_incomplete", "not_in_lead_region", "not_in_pool_regions"}),
    "position_ended": None,
    "position_changed": None,
    "person_left": None,
    "person_away": frozenset({"away"}),
    "limit_changed": frozenset({"at_capacity"}),
    "skills_changed": frozenset({"lacks_skill", "lacks_language"}),
}
_OF_RULES = frozenset({"playbook_published", "playbook_patched", "fallback_switched_off"})
#: what can be done about an exclusion itself, whatever brought it about
_REPAIRED_REASONS = ("at_capacity", "daily_limit", "away", "off_hours", "lead_without_region", "lacks_skill")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A change near the break; it is suspected when it can explain what the rules say."""

    change: Change
    #: how far from the break, before or after
    distance: timedelta
    is_suspected: bool


@dataclass(frozen=True, slots=True)
class Repair:
    """What to do, by code."""

    code: str
    people: tuple[UUID, ...] = ()
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is known of an incident, or of now."""

    until: datetime
    found: Break | None
    findings: Sequence[RuleFinding]
    #: the suspected ones first, each kind by closeness to the break
    suspects: Sequence[Suspect]
    repairs: Sequence[Repair]
    #: leads that wait although the rules never looked at them: nobody runs them
    undecided: int

    @property
    def causes(self) -> list[Suspect]:
        """The suspected changes in the order of time: the story of the break."""
        return sorted((one for one in self.suspects if one.is_suspected), key=lambda one: one.change.at)


def diagnose(session: Session, rules: AssignmentHealth, incident: AssignmentIncident | None) -> Diagnosis:
    """Of an incident, up to its end; of none, up to now."""
    until = (incident.closed_at if incident else None) or clock.now()
    begins = (incident.opened_at if incident else until) - LOOKBACK
    runs = first_runs(session, begins, until)
    found = find_break(runs)
    undecided = _undecided(session, rules)
    if found is None:
        return Diagnosis(until, None, (), (), _repairs((), [], undecided), undecided)
    said = findings(session, [run for run in runs if run.decided_at >= found.first_empty.decided_at])
    at = found.first_empty.decided_at
    changes = changes_between(session, at - _BEFORE, at + _AFTER)
    reasons = {reason for one in said for reason, _ in one.reasons}
    # where results have been empty all along, no change has brought it about
    suspects = _suspects(changes, at, reasons if found.is_sudden else None)
    return Diagnosis(until, found, said, suspects, _repairs(suspects, said, undecided), undecided)


def _undecided(session: Session, rules: AssignmentHealth) -> int:
    """Waiting leads of the window that no decision tells of."""
    since, until = judged_span(rules, clock.now())
    decided = select(AssignmentDecision.id).where(AssignmentDecision.lead_id == Lead.id).exists()
    waiting = select(Lead.id).where(is_waiting(), Lead.received_at.between(since, until), ~decided)
    return len(session.scalars(waiting).all())


def _suspects(changes: Sequence[Change], at: datetime, reasons: set[str] | None) -> list[Suspect]:
    suspects = [
        Suspect(change, abs(change.at - at), reasons is not None and _explains(change, at, reasons))
        for change in changes
    ]
    return sorted(suspects, key=lambda one: (not one.is_suspected, one.distance))


def _explains(change: Change, at: datetime, reasons: set[str]) -> bool:
    if change.at > at:
        return False
    if change.code in _OF_RULES:
        return bool(change.paths)
    if change.code == "deployment":
        return at - change.at <= timedelta(days=1)
    explained = _EXPLAINS.get(change.code, frozenset())
    return explained is None or bool(explained & reasons)


def _repairs(suspects: Sequence[Suspect], said: Sequence[RuleFinding], undecided: int) -> list[Repair]:
    """In the order in which they help: first somewhere for leads to go, then people who may have them."""
    causes = [one.change for one in suspects if one.is_suspected]
    repairs: list[Repair] = []
    if undecided:
        repairs.append(Repair("worker_absent"))
    if any(one.rule is None and one.result == "disabled" for one in said):
        repairs.append(Repair("switch_fallback_on"))
    patched = next((change for change in causes if change.parameters.get("is_patch")), None)
    if patched is not None:
        repairs.append(Repair("publish_anew", version=patched.parameters["version"]))
    without_region = _people_lacking(said, causes)
    if without_region:
        repairs.append(Repair("give_region", tuple(without_region)))
    repairs.extend(_of_reasons(said))
    return repairs


def _people_lacking(said: Sequence[RuleFinding], causes: Sequence[Change]) -> list[UUID]:
    """Whose region is unknown: those the rules left out for it, and those who came without one."""
    found: dict[UUID, None] = {}
    for change in causes:
        if change.code in {"rep_without_region", "region_emptied"}:
            found.update(dict.fromkeys(change.people))
    for one in said:
        for (reason, lacks), people in one.people.items():
            if reason == "onboarding_incomplete" and "region" in lacks:
                found.update(dict.fromkeys(sorted(people)))
    return list(found)


def _of_reasons(said: Sequence[RuleFinding]) -> list[Repair]:
    people: dict[str, set[UUID]] = {}
    for one in said:
        for (reason, lacks), concerned in one.people.items():
            wanted = "lead_without_region" if (reason, lacks) == ("condition_failed", ("region",)) else reason
            people.setdefault(wanted, set()).update(concerned)
    return [
        Repair(f"reason_{reason}", tuple(sorted(people[reason]))) for reason in _REPAIRED_REASONS if reason in people
    ]
