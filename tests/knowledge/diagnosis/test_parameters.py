"""Requirements with a value are heard in spoken and typed Chinese; facts, money and payback wishes are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.diagnosis.parameters import named_parameters
from knowledge.diagnosis.spoken_numbers import spoken_number
from knowledge.diagnosis.spoken_text import SpokenText

DIGITS = "零一二三四五六七八九"


def heard(text: str) -> list[tuple[str, object, str]]:
    return [(p.operator, p.value, p.unit) for p in named_parameters(SpokenText.of(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("响应时间不能超过三百毫秒", [("<=", 300, "ms")]),
        ("接口要在两百豪秒以内", [("<=", 200, "ms")]),
        ("响应时间小于200ms，质保不少于5年", [("<=", 200, "ms"), (">=", 5, "年")]),
        ("准确率要到九十九点五", [(">=", 99.5, "%")]),
        ("可用性要四个九", [(">=", 99.99, "%")]),
        ("良率要做到百分之九十八", [(">=", 98, "%")]),
        ("设备高度别超过两米二", [("<=", 2.2, "m")]),
        ("机房只剩二十平", [("<=", 20, "m²")]),
        ("库温控制在零下十八度", [("<=", -18, "°C")]),
        ("疫苗要二到八度冷藏", [("range", (2, 8), "°C")]),
        ("爬坡要能爬二十五度", [(">=", 25, "°")]),
        ("要求每分钟包六十袋", [(">=", 60, "袋/min")]),
        ("一天要出两百个样", [(">=", 200, "样/天")]),
        ("载重要一吨半", [(">=", 1.5, "t")]),
        ("九月底前必须装好", [("<=", "09-30", "日期")]),
        ("要求坏了当天修好", [("<=", 24, "h")]),
        ("要买三十台", [("=", 30, "台")]),
    ],
)
def test_requirements_are_heard(text: str, expected: list[tuple[str, object, str]]) -> None:
    assert heard(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "去年电费三百万，他想两年回本",
        "预算两百万以内",
        "我们是三十年的老厂",
        "账期一百二十天，还欠着尾款",
        "配件等了三个礼拜",
        "别家交期九十天",
        "第三个问题是他儿子上五年级",
        "开会开到晚上十点",
        "",
    ],
)
def test_facts_and_money_are_not_requirements(text: str) -> None:
    assert heard(text) == []


def test_a_list_of_requirements_shares_its_verb() -> None:
    assert heard("要求十五分钟响应，两小时到场，全年可用率九十九点九") == [
        ("<=", 15, "min"),
        ("<=", 2, "h"),
        (">=", 99.9, "%"),
    ]


def test_the_quote_points_into_the_text() -> None:
    spoken = SpokenText.of("先说别的。响应不能超过三百毫秒。")
    parameter = named_parameters(spoken)[0]
    assert spoken.text[parameter.quote.start : parameter.quote.end] == parameter.quote.text == "响应不能超过三百毫秒"
    assert parameter.name == "响应时间"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两百八", 280),
        ("一万五", 15_000),
        ("三百零五", 305),
        ("十", 10),
        ("二零二六", 2026),
        ("三百二十万", 3_200_000),
        ("零点零五", 0.05),
        ("1,200", 1200),
        ("1.5万", 15_000),
    ],
)
def test_spoken_numbers(text: str, value: float) -> None:
    assert spoken_number(text) == value


@given(st.integers(min_value=1, max_value=9999))
def test_every_number_below_ten_thousand_survives_being_spoken(number: int) -> None:
    assert spoken_number(_say(number)) == number


@given(st.text(alphabet="要求不超过至少百分之一二十百千万点半到个米年天分钟秒台度率，。 0123456789.-±", max_size=40))
def test_any_words_are_survived(text: str) -> None:
    for parameter in named_parameters(SpokenText.of(text)):
        assert parameter.unit
        assert 0 <= parameter.quote.start < parameter.quote.end <= len(text)


def _say(number: int) -> str:
    spoken, gap = "", False
    for scale, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            spoken += ("零" if gap else "") + DIGITS[digit] + word
            gap = False
        elif spoken:
            gap = True
    return spoken
