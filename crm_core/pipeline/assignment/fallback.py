"""Whether the fallback of a playbook reaches somebody: without that it is not published."""

from typing import Literal

from crm_core.people.snapshots import Roster
from crm_core.pipeline.assignment.candidates import weight_of
from crm_core.pipeline.assignment.membership import members_of
from crm_core.process.playbook import Playbook

#: depends_on_lead: the pool asks only people of the lead's region or language, so a lead without one reaches nobody
FallbackProblem = Literal["disabled", "pool_unknown", "depends_on_lead", "pool_empty", "no_weight"]


def fallback_problem(playbook: Playbook, roster: Roster) -> FallbackProblem | None:
    """Why a lead that no rule places would reach nobody on this roster; None when all is well."""
    fallback = playbook.assignment.fallback
    if not fallback.is_enabled:
        return "disabled"
    pool = next((pool for pool in playbook.assignment.pools if pool.code == fallback.pool), None)
    if pool is None:
        return "pool_unknown"
    if pool.members.same_region or pool.members.same_language:
        return "depends_on_lead"
    members = members_of(pool, roster, playbook.onboarding.required)
    if not members:
        return "pool_empty"
    is_weightless = pool.kind == "assigned" and not any(weight_of(pool, member) for member in members)
    return "no_weight" if is_weightless else None
