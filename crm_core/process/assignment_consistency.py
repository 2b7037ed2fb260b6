"""Checks of the assignment rules: conditions that exclude each other, rules that never win, pools that cannot work."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from crm_core.process.assignment_rules import AssignmentRule, Condition, Pool
from crm_core.process.problems import ContentProblem, Place

if TYPE_CHECKING:
    from crm_core.process.playbook import Playbook


def assignment_contradictions(playbook: "Playbook") -> list[ContentProblem]:
    return [
        *_impossible_conditions(playbook),
        *_shadowed_rules(playbook),
        *_unworkable_pools(playbook),
        *_unknown_values(playbook),
    ]


def implies(given: Sequence[Condition], wanted: Condition) -> bool:
    """Whether a lead for which all given conditions hold meets the wanted one; False where that is not certain."""
    return any(_implies_one(condition, wanted) for condition in given if condition.fact == wanted.fact)


def _implies_one(given: Condition, wanted: Condition) -> bool:
    if given.test == wanted.test:
        return _IMPLIED_BY_SAME_TEST[given.test](given, wanted)
    if wanted.test == "present":
        return given.test in _HOLDS_OF_SOMETHING
    if given.test != "one_of":
        return False
    if wanted.test == "none_of":
        return not set(given.values) & set(wanted.values)
    return wanted.test == "contains" and _contain(given.values, wanted.values)


def _contain(values: Iterable[str], words: Sequence[str]) -> bool:
    """Whether each of the values contains one of the words."""
    return all(any(word in value for word in words) for value in values)


_HOLDS_OF_SOMETHING = frozenset({"one_of", "contains", "at_least", "at_most", "present"})
_IMPLIED_BY_SAME_TEST: Mapping[str, Callable[[Condition, Condition], bool]] = {
    "one_of": lambda given, wanted: set(given.values) <= set(wanted.values),
    "none_of": lambda given, wanted: set(given.values) >= set(wanted.values),
    "contains": lambda given, wanted: _contain(given.values, wanted.values),
    "at_least": lambda given, wanted: (given.number or 0) >= (wanted.number or 0),
    "at_most": lambda given, wanted: (given.number or 0) <= (wanted.number or 0),
    "present": lambda _given, _wanted: True,
    "absent": lambda _given, _wanted: True,
}


def _impossible_conditions(playbook: "Playbook") -> Iterator[ContentProblem]:
    for index, rule in enumerate(playbook.assignment.rules):
        for (_, first), (at, second) in combinations(enumerate(rule.conditions), 2):
            if first.fact == second.fact and (_exclude(first, second) or _exclude(second, first)):
                place: Place = ("assignment", "rules", index, "conditions", at)
                yield ContentProblem(place, "conditions_exclude", {"rule": rule.code, "fact": first.fact})


def _exclude(first: Condition, second: Condition) -> bool:
    tests = (first.test, second.test)
    ours, theirs = set(first.values), set(second.values)
    if tests == ("one_of", "one_of"):
        return not ours & theirs
    if tests == ("one_of", "none_of"):
        return ours <= theirs
    if tests == ("one_of", "contains"):
        return not any(_contain([value], second.values) for value in ours)
    if tests == ("at_least", "at_most"):
        return (first.number or 0) > (second.number or 0)
    return first.test == "absent" and second.test in _HOLDS_OF_SOMETHING


def _shadowed_rules(playbook: "Playbook") -> Iterator[ContentProblem]:
    """A later rule that can never win.

    Under the same conditions a second rule with another assigned pool is the overflow of the first, for when nobody
    there may have the lead. It never wins when the first one's pool is the same, or one in which leads wait.
    """
    kinds = {pool.code: pool.kind for pool in playbook.assignment.pools}
    rules = playbook.assignment.rules
    for (_, earlier), (at, later) in combinations(enumerate(rules), 2):
        if (earlier.pool == later.pool or kinds[earlier.pool] == "claimed") and _covers(earlier, later):
            parameters = {"rule": later.code, "earlier": earlier.code}
            yield ContentProblem(("assignment", "rules", at), "rule_shadowed", parameters)


def _covers(earlier: AssignmentRule, later: AssignmentRule) -> bool:
    return all(implies(later.conditions, condition) for condition in earlier.conditions)


def _unworkable_pools(playbook: "Playbook") -> Iterator[ContentProblem]:
    for index, pool in enumerate(playbook.assignment.pools):
        place: Place = ("assignment", "pools", index)
        if not pool.members.roles:
            yield ContentProblem((*place, "members", "roles"), "pool_without_roles", {"pool": pool.code})
        for name in _foreign_settings(pool):
            yield ContentProblem((*place, name), f"only_{_other_kind(pool)}", {"pool": pool.code, "setting": name})
        yield from _unsound_weights(pool, place)


def _other_kind(pool: Pool) -> str:
    return "claimed" if pool.kind == "assigned" else "assigned"


def _foreign_settings(pool: Pool) -> list[str]:
    """Settings of the other kind of pool that somebody has given this one."""
    if pool.kind == "assigned":
        return ["cooling_off_days"] if pool.cooling_off_days else []
    given = {
        "strategy": pool.strategy != "round_robin",
        "weights": bool(pool.weights),
        "open_leads_limit": pool.open_leads_limit is not None,
        "only_in_working_hours": pool.only_in_working_hours,
    }
    return [name for name, is_given in given.items() if is_given]


def _unsound_weights(pool: Pool, place: Place) -> Iterator[ContentProblem]:
    where = (*place, "weights")
    if pool.weights and pool.kind == "assigned" and pool.strategy != "weighted":
        yield ContentProblem(where, "weights_unused", {"pool": pool.code, "strategy": pool.strategy})
    for person, weight in pool.weights.items():
        if weight < 0:
            yield ContentProblem((*where, person), "weight_negative", {"person": person})
        if pool.members.people and person not in pool.members.people:
            yield ContentProblem((*where, person), "weight_for_stranger", {"person": person, "pool": pool.code})
    members = pool.members.people
    if members and pool.strategy == "weighted" and not any(pool.weights.get(person, 1) for person in members):
        yield ContentProblem(where, "weights_sum_to_zero", {"pool": pool.code})


def _unknown_values(playbook: "Playbook") -> Iterator[ContentProblem]:
    """Closed lists of the playbook itself; regions, industries and cities are data and may come later."""
    source = playbook.required_field("source")
    known = {
        "size": {choice.code for choice in playbook.customer_sizes},
        "arrival": {"working_hours", "off_hours"},
        "source": playbook.choice_codes(source) if source and source.type == "choice" else set(),
    }
    for index, rule in enumerate(playbook.assignment.rules):
        for at, condition in enumerate(rule.conditions):
            allowed = known.get(condition.fact)
            if not allowed or condition.test not in {"one_of", "none_of"}:
                continue
            for position, value in enumerate(condition.values):
                if value not in allowed:
                    place: Place = ("assignment", "rules", index, "conditions", at, "values", position)
                    parameters = {"value": value, "fact": condition.fact, "allowed": ", ".join(sorted(allowed))}
                    yield ContentProblem(place, "value_unknown", parameters)
