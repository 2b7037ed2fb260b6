"""Whether the conditions of a rule hold for a lead, and which one does not."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from crm_core.pipeline.assignment.facts import LeadFacts
from crm_core.process.assignment_rules import Condition
from crm_core.process.working_time import WorkingTime

Arrival = Literal["working_hours", "off_hours"]


@dataclass(frozen=True, slots=True)
class FailedCondition:
    """The first condition of a rule that does not hold, and what the lead says instead."""

    condition: Condition
    seen: str | None

    def as_json(self) -> dict[str, Any]:
        """Fact, test and what it wanted, beside what was seen."""
        wanted: dict[str, Any] = {"fact": self.condition.fact, "test": self.condition.test}
        if self.condition.values:
            wanted["values"] = list(self.condition.values)
        if self.condition.number is not None:
            wanted["number"] = str(self.condition.number)
        return {**wanted, "seen": self.seen}


def arrival_of(facts: LeadFacts, company_time: WorkingTime) -> Arrival:
    """Whether a lead came in working hours of the company's first calendar."""
    return "working_hours" if company_time.is_open(facts.received_at) else "off_hours"


def first_failed(conditions: Iterable[Condition], facts: LeadFacts, arrival: Arrival) -> FailedCondition | None:
    """None when all of them hold."""
    for condition in conditions:
        seen = arrival if condition.fact == "arrival" else getattr(facts, condition.fact)
        if not _holds(condition, seen):
            return FailedCondition(condition, None if seen is None else str(seen))
    return None


def _holds(condition: Condition, seen: str | Decimal | None) -> bool:
    known = seen is not None and str(seen).strip() != ""
    if condition.test in {"present", "absent"}:
        return known == (condition.test == "present")
    if condition.number is not None:
        return isinstance(seen, Decimal) and _compares(condition, seen)
    if condition.test == "contains":
        return known and any(_folded(part) in _folded(seen) for part in condition.values)
    is_listed = seen is not None and known and _is_listed(seen, condition.values)
    return is_listed == (condition.test == "one_of")


def _compares(condition: Condition, seen: Decimal) -> bool:
    assert condition.number is not None
    return seen >= condition.number if condition.test == "at_least" else seen <= condition.number


def _is_listed(seen: str | Decimal, values: Iterable[str]) -> bool:
    """Numbers are compared as such, words without regard to case and outer blanks."""
    if isinstance(seen, Decimal):
        return seen in {_number(value) for value in values}
    return _folded(seen) in map(_folded, values)


def _number(value: str) -> Decimal | None:
    try:
        return Decimal(value.strip())
    except InvalidOperation:
        return None


def _folded(value: object) -> str:
    return str(value).strip().casefold()
