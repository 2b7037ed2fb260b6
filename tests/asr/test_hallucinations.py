"""Lines that a model invents are dropped; what a person said stays."""

import pytest

from asr.hallucinations import HallucinationFilter, collapse_loops
from asr.recogniser import Segment

PROMPT = "以下是普通话的句子，请使用简体中文和标点。"


def _cleaned(*texts: str) -> list[str]:
    segments = [Segment(float(place), place + 1.0, text, 0.9, "zh") for place, text in enumerate(texts)]
    return [segment.text for segment in HallucinationFilter(PROMPT).clean(segments)]


@pytest.mark.parametrize(
    "invented",
    [
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "請不吝點贊訂閱轉發打賞支持明鏡與點點欄目",
        "字幕由 Amara.org 社群提供",
        "谢谢观看",
        "Thank you for watching!",
        "以下是普通话的句子,请使用简体中文和标点",
        "……",
        "",
    ],
)
def test_an_invented_line_is_dropped(invented: str) -> None:
    assert _cleaned("客户要求三年质保。", invented) == ["客户要求三年质保。"]


def test_credits_are_cut_out_of_a_line_that_also_says_something() -> None:
    assert _cleaned("下周三演示。请不吝点赞、订阅、转发、打赏支持明镜与点点栏目") == ["下周三演示。"]


@pytest.mark.parametrize(
    "said",
    [
        "客户说谢谢大家的支持，下周签约。",
        "对对对，就是这个意思。",
        "他们想订阅我们的云服务。",
        "字幕机的型号要确认一下。",
        "一台一台一台地试。",
        "好的好的，没问题。",
    ],
)
def test_what_a_person_says_stays(said: str) -> None:
    assert _cleaned(said) == [said]


def test_a_line_that_keeps_coming_back_is_kept_thrice() -> None:
    assert _cleaned(*["嗯，好的。"] * 8, "那就这样。") == ["嗯，好的。"] * 3 + ["那就这样。"]


@pytest.mark.parametrize(
    ("looped", "once"),
    [
        ("我们的价格" * 20, "我们的价格"),
        ("客户说，" + "响应时间要短，" * 6 + "就这样。", "客户说，响应时间要短，就这样。"),
        ("啊" * 30, "啊"),
        ("号码是8888 8888。", "号码是8888 8888。"),
        ("金额一千万零一十元。", "金额一千万零一十元。"),
    ],
)
def test_loops_are_collapsed(looped: str, once: str) -> None:
    assert collapse_loops(looped) == once
