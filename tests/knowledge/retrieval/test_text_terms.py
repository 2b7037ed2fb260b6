"""How text becomes countable terms."""

from collections import Counter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.retrieval.concepts import VOCABULARY_FILES, ConceptBank, business_concepts
from knowledge.retrieval.facts import counted_size, province, sizes_alike
from knowledge.retrieval.lexical_index import LexicalIndex
from knowledge.retrieval.tokens import WordCutter, bigrams, normalise, product_codes, stem, syllable_pairs


@pytest.mark.parametrize(
    ("spoken", "meant"),
    [("店费", "电费"), ("招表", "招标"), ("冲电桩", "充电桩"), ("客互", "客户")],
)
def test_homophones_sound_alike(spoken: str, meant: str) -> None:
    assert syllable_pairs(spoken) == syllable_pairs(meant)


@pytest.mark.parametrize("written", ["DC-240", "dc240", "ＤＣ－２４０"])
def test_a_product_code_is_one_however_it_is_typed(written: str) -> None:
    assert product_codes(f"{written} 给车队用") == ["dc240"]


@pytest.mark.parametrize(
    ("first", "second"), [("batteries", "battery"), ("charging", "charge"), ("queues", "queue"), ("leased", "leasing")]
)
def test_forms_of_an_english_word_share_a_stem(first: str, second: str) -> None:
    assert stem(first) == stem(second)


def test_company_words_are_cut_as_words() -> None:
    assert "液冷储能柜" in WordCutter(["HX-100液冷储能柜"]).words("想看液冷储能柜")


def test_stop_words_carry_nothing() -> None:
    assert WordCutter().words("怎么办呢 what can we do") == []


@given(st.text(max_size=200))
def test_any_text_can_be_cut(text: str) -> None:
    for terms in (bigrams(text), syllable_pairs(text), product_codes(text)):
        assert all(terms)
    assert normalise(normalise(text)) == normalise(text) or len(normalise(text)) > 0


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("这电费吓人", "energy_cost"),
        ("店费吓人", "energy_cost"),
        ("the electricity bills are huge", "energy_cost"),
        ("老板嫌贵", "price_high"),
        ("以前上过当", "past_failure"),
        ("lease instead of buying", "rent_instead"),
    ],
)
def test_different_wordings_lead_to_one_concept(text: str, concept: str) -> None:
    assert concept in business_concepts().find(text)


def test_a_concept_heard_counts_less_than_one_read() -> None:
    bank = ConceptBank({"bill": ["电费"]})
    assert bank.find("电费")["bill"] > bank.find("店费")["bill"] > 0
    assert bank.find("天气") == {}


def test_the_longest_expression_wins() -> None:
    assert ConceptBank({"short": ["储能"], "long": ["储能柜"]}).find("买储能柜") == {"long": 1.0}


def test_the_shipped_vocabulary_is_well_formed() -> None:
    from importlib import resources

    for name in VOCABULARY_FILES:
        content = yaml.safe_load(resources.files("knowledge.retrieval.vocabulary").joinpath(name).read_text("utf-8"))
        for code, wordings in content.items():
            chinese, _, english = wordings.partition("|")
            assert chinese.split(), code
            assert english.strip(), code
            assert all(len(word) > 1 for word in chinese.split()), code
        written = resources.files("knowledge.retrieval.vocabulary").joinpath(name).read_text("utf-8")
        codes = Counter(line.partition(":")[0] for line in written.splitlines() if not line.startswith("#"))
        assert max(codes.values()) == 1, "a second line of one code would silently replace the first"


def test_rare_terms_weigh_more_and_unknown_terms_lower_the_share() -> None:
    index = LexicalIndex.of([{"common": 1.0, "rare": 1.0}, {"common": 1.0}, {"common": 1.0, "other": 1.0}])
    scores = index.scores({"common": 1.0, "rare": 1.0})
    assert scores[0] == max(scores)
    assert index.scores({"rare": 1.0})[0] > index.scores({"rare": 1.0, "never seen": 1.0})[0] > 0
    assert not index.scores({"never seen": 1.0}).any()
    assert not index.scores({}).any()


def test_bm25_agrees_with_the_formula_on_a_worked_example() -> None:
    import math

    index = LexicalIndex.of([{"a": 2.0, "b": 1.0}, {"b": 1.0}])
    idf = math.log(1 + (100 - 1 + 0.5) / (1 + 0.5))  # a small collection counts as one of a hundred
    penalty = 1.2 * (0.5 + 0.5 * 3.0 / 2.0)
    assert index.scores({"a": 1.0})[0] == pytest.approx(2.0 / (2.0 + penalty), rel=1e-5)
    assert index.idf("a") == pytest.approx(idf, rel=1e-5)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("门店67家", ("家", 67.0)),
        ("员工约500人，三班倒", ("人", 500.0)),
        ("仓库6万平米", ("平米", 60_000.0)),
        ("三甲", None),
        ("1,200台", ("台", 1200.0)),
    ],
)
def test_sizes_are_read_with_their_unit(size: str, expected: tuple[str, float] | None) -> None:
    assert counted_size(size) == expected


def test_sizes_are_alike_within_a_factor_of_three_of_the_same_unit() -> None:
    assert sizes_alike(("家", 50), ("家", 140))
    assert not sizes_alike(("家", 50), ("家", 151))
    assert not sizes_alike(("家", 50), ("人", 50))
    assert not sizes_alike(None, ("人", 50))


def test_a_region_is_reduced_to_its_province() -> None:
    assert province("广东佛山顺德") == province("广东省深圳市") == "广东"
    assert province("华东大区") == "华东大区"
