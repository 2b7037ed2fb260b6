"""What a rep asks, and which won case must come first."""

import json
from pathlib import Path

import pytest

from knowledge.retrieval.case_index import CaseIndex
from knowledge.retrieval.case_search import CaseSearch
from knowledge.retrieval.diversity import choose_diverse
from knowledge.retrieval.library import Library, SearchQuery
from knowledge.retrieval.results import ReasonCode


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("冷柜电费太高怎么办", "supermarket"),
        ("窗口前面队伍老长", "hall"),
        ("招表参数被人写死", "ventilator"),  # 招标, mistyped by sound
        ("milk spoiled because the cold chain broke during loading", "dairy"),
        ("rigged tender specification", "ventilator"),
        ("hx100 有谁用过", "moulding"),
        ("VT9", "ventilator"),
    ],
)
def test_the_fitting_case_comes_first(search: CaseSearch, asked: str, expected: str) -> None:
    assert search.search(SearchQuery(asked)).hits[0].case_id == expected


def test_a_customer_is_matched_by_facts_though_the_trade_has_another_name(search: CaseSearch) -> None:
    customer = SearchQuery(
        "一年电费八百多万", industry="塑料制品", size="员工420人", region="江苏苏州", pain_points=("energy",)
    )
    best = search.search(customer).hits[0]
    assert best.case_id == "moulding"
    reasons = {reason.code: reason.parameters for reason in best.reasons}
    assert reasons[ReasonCode.SAME_PAIN_POINTS] == {"pain_points": ["energy"]}
    assert reasons[ReasonCode.SIMILAR_SIZE] == {"size": "员工500人"}
    assert reasons[ReasonCode.SAME_REGION] == {"region": "江苏"}


def test_passages_are_quoted_with_their_place(search: CaseSearch) -> None:
    best = search.search(SearchQuery("账单拆开算给老板看")).hits[0]
    case = search.index.cases[search.index.row_by_id[best.case_id]]
    assert best.passages
    for passage in best.passages:
        assert getattr(case, passage.part)[passage.start : passage.end] == passage.text
    assert "账单" in best.passages[0].text


def test_a_case_that_is_not_allowed_takes_no_part(search: CaseSearch) -> None:
    allowed = frozenset({"moulding", "hall", "dairy"})
    with_filter = search.search(SearchQuery("冷柜电费太高"), allowed=allowed)
    assert {hit.case_id for hit in with_filter.hits} <= allowed
    alone = search.search(SearchQuery("冷柜电费太高"), allowed=frozenset({"moulding"}))
    assert [hit.case_id for hit in alone.hits] == ["moulding"]
    assert not search.search(SearchQuery("冷柜电费太高"), allowed=frozenset()).hits


def test_it_is_less_sure_of_a_question_that_nothing_answers(search: CaseSearch) -> None:
    fitting = search.search(SearchQuery("冷柜电费占毛利太多"))
    strange = search.search(SearchQuery("年会抽奖流程谁来主持"))
    assert fitting.confidence > strange.confidence
    assert strange.abstained
    assert not fitting.abstained


@pytest.mark.parametrize(
    "asked", ["", "   ", "，。！", "的", "'; DROP TABLE cases; --", "<script>alert(1)</script>", "电" * 10_000, "\x00"]
)
def test_odd_questions_are_answered_or_declined_but_never_fail(search: CaseSearch, asked: str) -> None:
    result = search.search(SearchQuery(asked))
    assert 0.0 <= result.confidence <= 1.0
    if not asked.strip():
        assert result.abstained


def test_an_empty_library_keeps_silent() -> None:
    result = CaseSearch(CaseIndex(Library(()))).search(SearchQuery("电费高"))
    assert result.abstained
    assert not result.hits


def test_methods_of_the_best_cases_are_named(search: CaseSearch) -> None:
    assert search.search(SearchQuery("招标参数写死了")).methods[0] == "clause"


def test_three_to_show_differ_in_rep_when_they_fit_alike(library: Library) -> None:
    twins = [
        *library.cases,
        *(
            type(case)(
                **{**{name: getattr(case, name) for name in case.__slots__}, "case_id": f"twin{number}", "rep_id": rep}
            )
            for case in library.cases
            if case.case_id == "moulding"
            for number, rep in enumerate(["R1", "R1", "R8"])
        ),
    ]
    search = CaseSearch(CaseIndex(Library(twins, library.methods, library.pain_points)))
    shown = search.search(SearchQuery("注塑厂电费"), limit=3, choose=choose_diverse).hits
    assert "twin2" in {hit.case_id for hit in shown}


def test_a_rebuilt_index_reuses_what_did_not_change_and_finds_what_is_new(library: Library, index: CaseIndex) -> None:
    new = type(library.cases[0])(
        case_id="new", title="石材厂粉尘", industry="建材", story="打磨车间矽肺赔偿，上了水磨机。"
    )
    rebuilt = CaseIndex(Library((*library.cases, new), library.methods, library.pain_points), earlier=index)
    first = library.cases[0]
    assert rebuilt.analysed.rows[first] is index.analysed.rows[first]
    assert CaseSearch(index).search(SearchQuery("石材厂粉尘")).hits, "the earlier index goes on answering"
    assert CaseSearch(rebuilt).search(SearchQuery("工人得了职业病")).hits[0].case_id == "new"


def test_results_can_be_written_down(search: CaseSearch, tmp_path: Path) -> None:
    hit = search.search(SearchQuery("电费")).hits[0]
    written = json.dumps([[reason.code, dict(reason.parameters)] for reason in hit.reasons], ensure_ascii=False)
    assert json.loads(written)
