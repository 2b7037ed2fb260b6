"""What a customer says becomes suggestions, each with its words, place and second; small talk becomes nothing."""

import numpy as np
import pytest

from knowledge.diagnosis.lexicon import Lexicon, PainPoint
from knowledge.diagnosis.pain_points import PainPointFinder
from knowledge.diagnosis.precedents import Precedent
from knowledge.diagnosis.spoken_text import SpokenSegment, SpokenText
from knowledge.text_encoder import Vectors

LEXICON = Lexicon.of(
    [
        PainPoint("budget", "采购预算不足", ("预算不够",)),
        PainPoint("price", "报价高于竞品", ("嫌贵",)),
        PainPoint("downtime", "设备停机频繁", ("老停机",)),
        PainPoint("interfaces", "系统对接困难", ("接口不通",)),
        PainPoint("demand", "用电负荷波动大", ("需量电费高",)),
        PainPoint("spare", "备件供应难", ("等配件",)),
        PainPoint("mould", "霉变结块", ("受潮",), ("仓里|筒仓 + 结块|发霉",)),
    ]
)


def suggested(text: str, **parts: object) -> list[str]:
    finder = PainPointFinder(LEXICON, **parts)  # type: ignore[arg-type]
    return [suggestion.code for suggestion in finder.suggest(SpokenText.of(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("科里没钱了，今年的预算已经砍掉一半", ["budget"]),
        ("同行便宜两成，他们老板嫌我们贵", ["price"]),
        ("灌装线三天两头停机，一停就等配件", ["downtime", "spare"]),
        ("筒仓里的料又发霉了", ["mould"]),
    ],
)
def test_customers_own_words_name_the_pain_point(text: str, expected: list[str]) -> None:
    assert sorted(suggested(text)) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        "今天送了份月饼，聊了聊孩子上学的事",
        "价格不贵，我们能接受",
        "预算不是问题，钱早就批下来了",
        "设备没有停机，运行得很好",
        "接口不通的事已经解决了",
        "",
        "？！。",
    ],
)
def test_small_talk_and_denials_support_nothing(text: str) -> None:
    assert suggested(text) == []


def test_a_misheard_word_is_heard_by_its_sound() -> None:
    assert suggested("虚量电费一个月二十多万") == ["demand"]


def test_evidence_gives_words_span_and_seconds() -> None:
    segments = (SpokenSegment("我们聊了交付", 0.0, 4.0), SpokenSegment("机器老停机没人管", 10.0, 14.0))
    spoken = SpokenText.of(segments)
    quote = PainPointFinder(LEXICON).suggest(spoken)[0].quotes[0]
    assert spoken.text[quote.start : quote.end] == quote.text
    assert "停机" in quote.text
    assert quote.start_seconds is not None
    assert quote.end_seconds is not None
    assert 10.0 <= quote.start_seconds < quote.end_seconds <= 14.0


def test_typed_text_has_no_seconds() -> None:
    quote = PainPointFinder(LEXICON).suggest(SpokenText.of("机器老停机"))[0].quotes[0]
    assert (quote.start_seconds, quote.end_seconds) == (None, None)


def test_never_more_than_three_and_best_first() -> None:
    text = "预算不够，嫌贵，机器老停机，接口不通，等配件要三个月"
    finder = PainPointFinder(LEXICON)
    suggestions = finder.suggest(SpokenText.of(text))
    assert len(suggestions) == 3
    assert [s.score for s in suggestions] == sorted((s.score for s in suggestions), reverse=True)
    assert finder.support(SpokenText.of(text), "mould") is None


def test_a_won_case_explains_words_that_no_cue_knows() -> None:
    precedent = Precedent("case-7", "榨季一到糖厂压榨机断链", ("downtime",))
    text = "榨季一到他那个压榨机就断链"
    assert suggested(text) == []
    suggestion = PainPointFinder(LEXICON, [precedent]).suggest(SpokenText.of(text))[0]
    assert (suggestion.code, suggestion.precedents) == ("downtime", ("case-7",))
    assert "榨季" in suggestion.quotes[0].text


class OneWordEncoder:
    """Puts texts about moisture on one axis and each other text on an axis of its own."""

    name = "one-word"
    dimension = 64

    def encode(self, texts: list[str], *, query: bool = False) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for number, text in enumerate(texts):
            rows[number, 0 if "潮" in text else 1 + sum(map(ord, text)) % 63] = 1.0
        return rows


def test_an_encoder_lifts_a_hint_but_never_speaks_alone() -> None:
    lexicon = Lexicon.of([*LEXICON.entries, *(PainPoint(f"other{n}", f"甲{n}") for n in range(8))])
    spoken = SpokenText.of("梅雨天回潮")
    assert PainPointFinder(lexicon, encoder=OneWordEncoder()).suggest(spoken) == ()
    support = PainPointFinder(lexicon, encoder=OneWordEncoder()).support(spoken, "mould")
    assert support is not None
    assert 0 < support.score < 0.5


def test_broken_expressions_are_refused() -> None:
    lexicon = Lexicon.of([PainPoint("x", "甲", (), ("一|| + 二",))])
    with pytest.raises(ValueError, match="empty alternative"):
        PainPointFinder(lexicon)
