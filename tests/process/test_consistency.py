"""What parts of a playbook say of each other: contradictions are found, named by place, and said in both languages."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.foundation.translations import catalogue
from crm_core.process.assignment_consistency import implies
from crm_core.process.assignment_rules import Condition
from crm_core.process.errors import PlaybookInvalid
from crm_core.process.playbook_files import default_playbook, playbook_of_content
from crm_core.process.templates import template_playbook, templates

Json = dict[str, Any]
LABEL = {"zh": "甲", "en": "A"}
ONE_REGION = {"fact": "region", "test": "one_of", "values": ["east"]}


def problems(change: Callable[[Json], object]) -> list[tuple[str, str]]:
    content = deepcopy(default_playbook().content())
    change(content)
    with pytest.raises(PlaybookInvalid) as refusal:
        playbook_of_content(content)
    found = refusal.value.parameters["problems"]
    for problem in found:
        for locale in ("zh", "en"):
            for part in ("what", "remedy"):
                assert problem[part][locale], problem
                assert "playbook_problem." not in problem[part][locale]
                assert "{" not in problem[part][locale], problem
    return [(problem["code"], problem["field"]) for problem in found]


def rules(*given_rules: tuple[str, list[Json], str]) -> Callable[[Json], object]:
    def change(content: Json) -> None:
        content["assignment"]["rules"] = [
            {"code": code, "name": LABEL, "conditions": conditions, "pool": pool}
            for code, conditions, pool in given_rules
        ]

    return change


def pool(**values: Any) -> Callable[[Json], object]:
    """The first pool of the default, which is an assigned one, with other values."""
    return lambda content: content["assignment"]["pools"][0].update(values)


def claimed(**values: Any) -> Callable[[Json], object]:
    return lambda content: content["assignment"]["pools"][-1].update(values)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (lambda c: c["stages"][1].update(code="lead_assignment"), "code_repeated", "stages.2"),
        (lambda c: c["stages"][3]["documents"][0].update(kind="ppt"), "reference_unknown", "ppt.kind"),
        (lambda c: c["stages"][1]["dwell_limit"].update(calendar="lunar"), "reference_unknown", "dwell_limit.calendar"),
        (lambda c: c["assignment"]["fallback"].update(pool="sea"), "reference_unknown", "assignment.fallback.pool"),
        (lambda c: c["health"]["reviews"][0].update(stage="gone"), "reference_unknown", "low_closing.stage"),
        (lambda c: c["health"]["reviews"][0].update(below=40), "share_beyond_one", "low_closing.below"),
        (lambda c: c["stages"][0]["fields"][1].update(code="outcome"), "field_reserved", "outcome.code"),
        (lambda c: c["stages"][3]["fields"][1].update(type="text"), "field_type_fixed", "amount.type"),
        (lambda c: c["stages"][2]["fields"][0].update(count=900), "count_beyond_choices", "pain_points.count"),
        (lambda c: c["stages"][2]["fields"][1].update(count=2), "count_without_choices", "decision_maker.count"),
        (
            lambda c: c["stages"][2]["dwell_limit"]["ladder"][0]["task"].update(assignee="requester"),
            "nobody_requested",
            "ladder.1.task.assignee",
        ),
        (
            lambda c: c["stages"][2]["dwell_limit"]["ladder"][0].update(receivers=["owner", "owner"]),
            "receiver_repeated",
            "ladder.1.receivers",
        ),
        (lambda c: c["field_matrix"].update(leed={"*": {"rep": "read"}}), "record_unknown", "field_matrix.leed"),
        (
            lambda c: c["field_matrix"]["lead"].update(title={"reb": "read"}),
            "role_unknown",
            "field_matrix.lead.title.reb",
        ),
        (lambda c: c["row_scopes"]["rep"].update(leads="all"), "record_unknown", "row_scopes.rep.leads"),
        (lambda c: c["rights"]["presales"].append("gate.overide"), "right_unknown", "rights.presales.2"),
        (pool(members={"roles": []}), "pool_without_roles", "members.roles"),
        (pool(cooling_off_days=3), "only_claimed", "cooling_off_days"),
        (claimed(strategy="least_loaded"), "only_assigned", "strategy"),
        (pool(weights={"E1": 2}), "weights_unused", "weights"),
        (pool(strategy="weighted", weights={"E1": -1}), "weight_negative", "weights.E1"),
        (
            pool(strategy="weighted", weights={"E1": 0}, members={"people": ["E1"]}),
            "weights_sum_to_zero",
            "weights",
        ),
        (
            pool(strategy="weighted", weights={"E2": 1}, members={"people": ["E1"]}),
            "weight_for_stranger",
            "weights.E2",
        ),
        (
            rules(("one", [{"fact": "size", "test": "one_of", "values": ["huge"]}], "region_sales")),
            "value_unknown",
            "conditions.1.values.1",
        ),
        (lambda c: c["calendars"][0].update(exceptions=[{"day": "2026-02-30"}]), "date", "exceptions.2026-02-30.day"),
        (lambda c: c["calendars"][0].update(zone="Asia/Peking"), "zone_unknown", "office.zone"),
        (lambda c: c["calendars"][0].update(zone="Asia"), "zone_unknown", "office.zone"),
        (lambda c: c["calendars"][0].update(days=[1, 8]), "week_unsound", "calendars.office"),
        (lambda c: c["calendars"][0]["spans"][0].update(opens="25:00"), "time", "spans.1.opens"),
        (lambda c: c.update(stages=c["stages"][:1]), "too_short", "stages"),
        (lambda c: c.pop("points"), "missing", "points"),
    ],
)
def test_a_contradiction_is_named_by_place(change: Callable[[Json], object], code: str, field: str) -> None:
    found = problems(change)
    assert any(one == code and place.endswith(field) for one, place in found), found


@pytest.mark.parametrize(
    "conditions",
    [
        [ONE_REGION, {"fact": "region", "test": "one_of", "values": ["west"]}],
        [ONE_REGION, {"fact": "region", "test": "absent"}],
        [ONE_REGION, {"fact": "region", "test": "none_of", "values": ["east", "west"]}],
        [{"fact": "amount", "test": "at_least", "number": 10}, {"fact": "amount", "test": "at_most", "number": 9}],
    ],
)
def test_conditions_that_exclude_each_other_are_refused(conditions: list[Json]) -> None:
    assert ("conditions_exclude", "assignment.rules.one.conditions.2") in problems(
        rules(("one", conditions, "region_sales"))
    )


@pytest.mark.parametrize(
    ("earlier", "pool_code", "is_shadowed"),
    [
        ([], "region_sales", True),
        ([], "headquarters", True),
        ([{"fact": "region", "test": "present"}], "region_sales", True),
        ([{"fact": "region", "test": "one_of", "values": ["east", "west"]}], "region_sales", True),
        ([{"fact": "region", "test": "one_of", "values": ["west"]}], "region_sales", False),
        ([{"fact": "city", "test": "present"}], "region_sales", False),
    ],
)
def test_a_rule_that_never_has_its_turn_is_refused(earlier: list[Json], pool_code: str, is_shadowed: bool) -> None:
    content = deepcopy(default_playbook().content())
    rules(("wide", earlier, pool_code), ("narrow", [ONE_REGION], "region_sales"))(content)
    try:
        playbook_of_content(content)
        found = []
    except PlaybookInvalid as refusal:
        found = [problem["code"] for problem in refusal.parameters["problems"]]
    assert found == (["rule_shadowed"] if is_shadowed else [])


def test_the_same_conditions_with_another_assigned_pool_are_an_overflow() -> None:
    content = deepcopy(default_playbook().content())
    second = {**content["assignment"]["pools"][0], "code": "second_line"}
    content["assignment"]["pools"].append(second)
    rules(("first", [ONE_REGION], "region_sales"), ("overflow", [ONE_REGION], "second_line"))(content)
    assert [rule.code for rule in playbook_of_content(content).assignment.rules] == ["first", "overflow"]


_VALUES = st.lists(st.sampled_from(["a", "b", "ab", "c"]), min_size=1, max_size=3, unique=True)
_CONDITIONS = st.one_of(
    st.builds(
        lambda test, values: Condition(fact="city", test=test, values=tuple(values)),
        st.sampled_from(["one_of", "none_of", "contains"]),
        _VALUES,
    ),
    st.builds(lambda test: Condition(fact="city", test=test), st.sampled_from(["present", "absent"])),
)


def holds(condition: Condition, city: str | None) -> bool:
    """What the words of a condition mean, written down once more."""
    if condition.test in {"present", "absent"}:
        return (city is not None) == (condition.test == "present")
    if condition.test == "none_of":
        return city not in condition.values
    if city is None:
        return False
    return city in condition.values if condition.test == "one_of" else any(word in city for word in condition.values)


@given(given_conditions=st.lists(_CONDITIONS, max_size=2), wanted=_CONDITIONS)
def test_what_is_implied_holds_for_every_lead_that_meets_the_rest(
    given_conditions: list[Condition], wanted: Condition
) -> None:
    if implies(given_conditions, wanted):
        for city in (None, "a", "b", "ab", "c", "d", "cd"):
            if all(holds(condition, city) for condition in given_conditions):
                assert holds(wanted, city), (given_conditions, wanted, city)


def test_the_last_right_to_change_the_process_cannot_be_given_away() -> None:
    def nobody(content: Json) -> None:
        content["rights"] = {role: [] for role in content["rights"]}

    assert ("right_held_by_nobody", "rights") in problems(nobody)


@pytest.mark.parametrize("code", [template.code for template in templates()])
def test_every_template_is_sound_and_its_own(code: str) -> None:
    assert template_playbook(code).content() != default_playbook().content() or code == "sales_management"
    for template in templates():
        assert template.name.zh
        assert template.description.en
        assert template.suits.zh


def test_every_kind_of_mistake_is_said_in_both_languages() -> None:
    keys = {locale: {key for key in catalogue(locale) if key.startswith("playbook_")} for locale in ("zh", "en")}
    assert keys["zh"] == keys["en"]
