"""Two replays of the same arrivals side by side: lead by lead, and as loads, flows and rules."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_core.rehearsal.assignment_replay import Placement
from crm_core.rehearsal.material import Actual, Arrival, day_of
from crm_core.rehearsal.rows import Row

#: so many people and flows are kept in the result; the list of leads has all of them
_MOST_PEOPLE = 300
_MOST_FLOWS = 60


def change_of(old: Placement, new: Placement) -> str:
    """What the draft changes for one lead."""
    if (old.outcome, old.owner_id) == (new.outcome, new.owner_id) and (old.pool == new.pool or new.owner_id):
        return "same"
    if new.outcome == "unassigned":
        return "newly_unassigned"
    if new.outcome == "pooled":
        return "other_pool" if old.outcome == "pooled" else "newly_pooled"
    return "other_owner" if old.outcome == "assigned" else "newly_assigned"


def assignment_rows(arrivals: Sequence[Arrival], old: Sequence[Placement], new: Sequence[Placement]) -> list[Row]:
    """One row for each lead."""
    return [
        Row(
            kind="assignment",
            change=change_of(before, after),
            lead_id=arrival.lead_id,
            happened_at=arrival.instant,
            old_owner_id=before.owner_id,
            new_owner_id=after.owner_id,
            codes=(
                *_codes("old", before),
                *_codes("new", after),
                f"actual_outcome:{arrival.actual.outcome}",
                *([f"actual_owner:{arrival.actual.owner_id}"] if arrival.actual.owner_id else []),
            ),
            details={
                "region": arrival.facts.region,
                "actual": _actual_json(arrival.actual),
                "old": _json(before),
                "new": _json(after),
            },
        )
        for arrival, before, after in zip(arrivals, old, new, strict=True)
    ]


def assignment_figures(
    arrivals: Sequence[Arrival], old: Sequence[Placement], new: Sequence[Placement]
) -> dict[str, Any]:
    """What changes, outcomes and rules of both sides, who gets how many, and from whom to whom leads go."""
    changes = Counter(change_of(before, after) for before, after in zip(old, new, strict=True))
    decided = [
        (arrival.actual, before) for arrival, before in zip(arrivals, old, strict=True) if arrival.actual.is_decided
    ]
    return {
        "leads": len(arrivals),
        "lead_days": len({day_of(arrival.instant) for arrival in arrivals}),
        "decided": len(decided),
        "replayed_alike": sum(
            (actual.outcome, actual.owner_id) == (before.outcome, before.owner_id) for actual, before in decided
        ),
        "changes": dict(sorted(changes.items())),
        "outcomes": _two_sided([one.outcome for one in old], [one.outcome for one in new], "outcome"),
        "actual_outcomes": dict(sorted(Counter(arrival.actual.outcome for arrival in arrivals).items())),
        "rules": _two_sided([one.rule or _FALLBACK for one in old], [one.rule or _FALLBACK for one in new], "rule"),
        "people": _people(arrivals, old, new),
        "people_total": len({one.owner_id for one in (*old, *new) if one.owner_id}),
        "flows": _flows(old, new),
    }


def load_growth(old: Sequence[Placement], new: Sequence[Placement]) -> tuple[float | None, UUID | None]:
    """The largest growth of what one person gets, and whose it is; None where nobody got a lead before.

    Somebody who got fewer than the average is measured by the average: a newcomer who draws level burdens nobody.
    """
    before = Counter(one.owner_id for one in old if one.owner_id is not None)
    after = Counter(one.owner_id for one in new if one.owner_id is not None)
    if not before:
        return None, None
    average = sum(before.values()) / len(before)
    growths = {
        person_id: (count - max(before[person_id], average)) / max(before[person_id], average)
        for person_id, count in after.items()
    }
    most = max(sorted(growths), key=lambda person_id: growths[person_id], default=None)
    if most is None or growths[most] <= 0:
        return 0.0, None
    return growths[most], most


_FALLBACK = "fallback"


def _people(arrivals: Sequence[Arrival], old: Sequence[Placement], new: Sequence[Placement]) -> list[dict[str, Any]]:
    """Those with the largest difference first."""
    actual = Counter(arrival.actual.owner_id for arrival in arrivals)
    before, after = Counter(one.owner_id for one in old), Counter(one.owner_id for one in new)
    everybody = sorted(
        {person_id for person_id in (*before, *after) if person_id is not None},
        key=lambda person_id: (-abs(after[person_id] - before[person_id]), -after[person_id], person_id),
    )
    return [
        {
            "person_id": str(person_id),
            "actual": actual[person_id],
            "old": before[person_id],
            "new": after[person_id],
        }
        for person_id in everybody[:_MOST_PEOPLE]
    ]


def _flows(old: Sequence[Placement], new: Sequence[Placement]) -> list[dict[str, Any]]:
    """From whom or what to whom or what, the widest first; only what changes."""
    flows = Counter(
        (_place(before), _place(after))
        for before, after in zip(old, new, strict=True)
        if change_of(before, after) != "same"
    )
    widest = sorted(flows.items(), key=lambda flow: (-flow[1], flow[0]))
    return [{"from": origin, "to": target, "leads": count} for (origin, target), count in widest[:_MOST_FLOWS]]


def _place(placement: Placement) -> str:
    if placement.owner_id is not None:
        return f"person:{placement.owner_id}"
    return f"pool:{placement.pool}" if placement.outcome == "pooled" else "nobody"


def _two_sided(old: Sequence[str], new: Sequence[str], name: str) -> list[dict[str, Any]]:
    before, after = Counter(old), Counter(new)
    return [{name: code, "old": before[code], "new": after[code]} for code in sorted(before.keys() | after.keys())]


def _codes(side: str, placement: Placement) -> list[str]:
    codes = [f"{side}_outcome:{placement.outcome}", f"{side}_rule:{placement.rule or _FALLBACK}"]
    return [*codes, f"{side}_pool:{placement.pool}"] if placement.pool else codes


def _json(placement: Placement) -> dict[str, Any]:
    return {
        "outcome": placement.outcome,
        "rule": placement.rule,
        "pool": placement.pool,
        "reason": placement.reason,
    }


def _actual_json(actual: Actual) -> dict[str, Any]:
    return {
        "outcome": actual.outcome,
        "owner_id": str(actual.owner_id) if actual.owner_id else None,
        "pool": actual.pool,
        "is_decided": actual.is_decided,
    }
