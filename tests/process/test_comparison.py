"""What differs between two playbooks: found whatever was changed, and said in plain words."""

import random
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.foundation.translations import has_sentence
from crm_core.process.comparison import Change, compare
from crm_core.process.comparison_words import ComparisonWords
from crm_core.process.edits import Edit, edited
from crm_core.process.errors import PathUnknown
from crm_core.process.playbook_files import default_playbook, playbook_of_content
from crm_core.process.schema import playbook_schema
from crm_core.process.templates import template_playbook, templates

Json = dict[str, Any]
HOW = {"zh": "问客户", "en": "Ask"}
BUDGET = {"code": "budget", "label": {"zh": "预算", "en": "Budget"}, "type": "number", "how": HOW}


def told(*edits: Edit, locale: Any = "zh") -> list[str]:
    old = default_playbook().content()
    new = playbook_of_content(edited(old, edits)).content()
    words = ComparisonWords(old, new, locale)
    return [words.sentence(change) for change in compare(old, new)]


@pytest.mark.parametrize(
    ("edit", "zh", "en"),
    [
        (
            Edit(("stages", "needs_diagnosis", "dwell_limit", "hours"), value=48),
            "阶段「需求诊断」的停留上限由 72 小时改为 48 小时",
            "stage 'Needs diagnosis', dwell limit: 72 hours becomes 48 hours",
        ),
        (
            Edit(("stages", "proposal_quote", "name"), value={"zh": "报价", "en": "Quote"}),
            "阶段「方案报价」改名为「报价」",
            "stage 'Proposal & quote' is now called 'Quote'",
        ),
        (
            Edit(("stages", "first_contact"), operation="remove"),
            "删除阶段「首次触达」",
            "Removed: stage 'First contact'",
        ),
        (
            Edit(("stages", "proposal_quote"), operation="move", position=2),
            "阶段「方案报价」由第 4 位移到第 2 位",
            "stage 'Proposal & quote' moves from place 4 to place 2",
        ),
        (
            Edit(("stages", "needs_diagnosis", "fields", "budget"), value=BUDGET),
            "新增阶段「需求诊断」的必填字段「预算」",
            "New: stage 'Needs diagnosis', required field 'Budget'",
        ),
        (
            Edit(("stages", "proposal_quote", "documents", "cost_sheet"), operation="remove"),
            "删除阶段「方案报价」的必交文档「《成本测算表》」",
            "Removed: stage 'Proposal & quote', required document 'Cost estimate'",
        ),
        (
            Edit(("field_matrix", "customer", "budget_range", "presales"), value="edit"),
            "售前对客户「预算范围」的字段权限由只读改为可编辑",
            "What presales may do with 'Budget range' of customers: read becomes edit",
        ),
        (
            Edit(("rights", "manager"), value=["lead.reassign", "gate.override"]),
            None,
            None,
        ),
        (Edit(("assignment", "fallback", "is_enabled"), value=False), "兜底的启用由是改为否", None),
        (Edit(("health", "assignment", "alert_share"), value=0.1), "分配健康的报警比例由 5% 改为 10%", None),
        (
            Edit(("assignment", "rules", "by_region", "pool"), value="headquarters"),
            "分配规则「按大区轮询」的去向线索池由大区销售池改为总部池",
            None,
        ),
    ],
)
def test_a_change_is_said_in_plain_words(edit: Edit, zh: str | None, en: str | None) -> None:
    sentences = told(edit)
    assert len(sentences) == 1
    assert zh is None or sentences == [zh]
    assert en is None or told(edit, locale="en") == [en]


def test_rights_are_told_as_gained_and_lost() -> None:
    (sentence,) = told(Edit(("rights", "presales"), value=["lead.reassign"]))
    assert sentence == "售前增加权限：转派线索；售前取消权限：发布案例"


def test_every_word_of_a_playbook_has_its_words() -> None:
    schema = playbook_schema()
    shapes = [schema, *schema["$defs"].values()]
    names = {name for shape in shapes for name in shape.get("properties", {})}
    for locale in ("zh", "en"):
        assert {name for name in names if not has_sentence(f"playbook_word.{name}", locale)} == set()  # type: ignore[arg-type]


def test_every_right_has_its_words() -> None:
    rights = {right.replace(".", "_") for held in default_playbook().rights.values() for right in held}
    for locale in ("zh", "en"):
        assert {right for right in rights if not has_sentence(f"playbook_right.{right}", locale)} == set()  # type: ignore[arg-type]


def test_equal_playbooks_do_not_differ() -> None:
    content = default_playbook().content()
    assert compare(content, deepcopy(content)) == []


@pytest.mark.parametrize("code", [template.code for template in templates()])
def test_every_difference_of_the_templates_has_a_sentence(code: str) -> None:
    old, new = default_playbook().content(), template_playbook(code).content()
    for locale in ("zh", "en"):
        words = ComparisonWords(old, new, locale)  # type: ignore[arg-type]
        for change in compare(old, new):
            sentence = words.sentence(change)
            assert sentence
            assert "playbook_" not in sentence
            assert "{" not in sentence


@given(st.permutations(range(7)))
def test_the_fewest_entries_are_said_to_have_moved(order: list[int]) -> None:
    old = {"stages": [{"code": f"stage_{number}"} for number in range(7)]}
    new = {"stages": [{"code": f"stage_{number}"} for number in order]}
    moved = {change.path[1] for change in compare(old, new)}
    kept = [number for number in order if f"stage_{number}" not in moved]
    assert kept == sorted(kept)
    longest = max(len(rising) for rising in _rising(order))
    assert len(kept) == longest


def _rising(order: list[int]) -> list[list[int]]:
    found: list[list[int]] = [[]]
    for number in order:
        found += [[*rising, number] for rising in found if not rising or rising[-1] < number]
    return found


@given(st.integers(0, 2**32))
def test_no_change_of_a_leaf_stays_unseen(seed: int) -> None:
    chosen = random.Random(seed)
    old = default_playbook().content()
    new = deepcopy(old)
    node: Any = new
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = chosen.choice(keys)
        if not isinstance(node[key], dict | list) or not node[key]:
            break
        node = node[key]
    node[key] = "something else"
    assert compare(old, new)
    assert isinstance(compare(old, new)[0], Change)


def test_edits_name_places_that_are_there() -> None:
    content = default_playbook().content()
    for path in ((), ("stages", "nowhere", "name"), ("stages", "needs_diagnosis", "fields", "9"), ("points", "x", "y")):
        with pytest.raises(PathUnknown):
            edited(content, [Edit(path, operation="remove")])
    with pytest.raises(PathUnknown):
        edited(content, [Edit(("stages", "other"), value={"code": "another"})])
    ladder = ("stages", "needs_diagnosis", "dwell_limit", "ladder")
    longer = edited(content, [Edit((*ladder, "3"), value={"after_hours": 96, "receivers": ["director"]})])
    assert [step["after_hours"] for step in longer["stages"][2]["dwell_limit"]["ladder"]] == [0, 48, 96]
    assert content == default_playbook().content()
