"""Whether what a draft would have done stays within what the playbook in force allows.

The thresholds are those in force, never the draft's own: nobody loosens the lock with the key that it guards.
"""

from collections.abc import Mapping
from typing import Any

from crm_core.process.health_rules import RehearsalRules


def verdict_of(shares: Mapping[str, Any], days: int, rules: RehearsalRules) -> dict[str, Any]:
    """Each threshold with its figure; a figure that nothing is known of is within bounds."""
    checks = [
        _check("days", days, rules.days, is_met=days >= rules.days),
        _at_most("newly_unassigned", shares["newly_unassigned"], rules.most_newly_unassigned_share),
        _at_most("newly_blocked", shares["newly_blocked"], rules.most_newly_blocked_share),
        _at_most("load_growth", shares["load_growth"], rules.most_load_growth_share),
    ]
    return {"passed": all(check["is_met"] for check in checks), "checks": checks}


def _at_most(name: str, figure: float | None, limit: float) -> dict[str, Any]:
    return _check(name, figure, limit, is_met=figure is None or figure <= limit)


def _check(name: str, figure: float | None, limit: float, *, is_met: bool) -> dict[str, Any]:
    return {"check": name, "figure": figure, "limit": limit, "is_met": is_met}
