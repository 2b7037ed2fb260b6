"""A fallback that reaches nobody is found out before a playbook is published."""

from typing import Any

import pytest

from crm_core.pipeline.assignment.fallback import fallback_problem
from tests.pipeline.assignment.rosters import ANYBODY, member, playbook, roster


@pytest.mark.parametrize(
    ("pool", "fallback", "problem"),
    [
        ({}, {"pool": "headquarters"}, None),
        ({}, {"pool": "headquarters", "is_enabled": False}, "disabled"),
        ({}, {"pool": "anybody"}, None),
        ({"members": {"same_region": True}}, {"pool": "anybody"}, "depends_on_lead"),
        ({"members": {"same_language": True}}, {"pool": "anybody"}, "depends_on_lead"),
        ({"members": {"people": ["X9"]}}, {"pool": "anybody"}, "pool_empty"),
        ({"members": {"roles": ["manager"]}}, {"pool": "anybody"}, "pool_empty"),
        ({"strategy": "weighted", "weights": {"T001": 0}}, {"pool": "anybody"}, "no_weight"),
        ({}, {"pool": "gone"}, "pool_unknown"),
    ],
)
def test_a_fallback_reaches_somebody_or_the_problem_is_named(
    pool: dict[str, Any], fallback: dict[str, Any], problem: str | None
) -> None:
    assert fallback_problem(playbook({**ANYBODY, **pool}, fallback=fallback), roster(member(1))) == problem


def test_whoever_does_not_receive_leads_yet_is_nobody_to_fall_back_on() -> None:
    newcomers = roster(member(1, region=None, unknown=("region",)))
    book = playbook(ANYBODY, fallback={"pool": "headquarters"}, required=("region",))
    assert fallback_problem(book, newcomers) == "pool_empty"
