"""Recognised Chinese is written as a reader expects it."""

import pytest

from asr.script import bare_form, written_form


@pytest.mark.parametrize(
    ("recognised", "written"),
    [
        (" 這個設備經常停機", "这个设备经常停机"),
        ("价格太高了,能不能便宜?", "价格太高了，能不能便宜？"),
        ("预算 80 万,下周 签 合同.", "预算 80 万，下周签合同。"),
        ("响应时间小于1,000毫秒", "响应时间小于1,000毫秒"),
        ("误差不超过0.5%", "误差不超过0.5%"),
        ("时间是10:30", "时间是10:30"),
        ("We need it by June, please.", "We need it by June, please."),
        ("用HX-200 和 HX-300 对比", "用HX-200 和 HX-300 对比"),
        ("乾淨的軟體", "干净的软体"),
    ],
)
def test_script_punctuation_and_spaces(recognised: str, written: str) -> None:
    assert written_form(recognised) == written


def test_the_bare_form_ignores_all_but_what_was_said() -> None:
    assert bare_form("謝謝 觀看！") == bare_form("谢谢观看。") == "谢谢观看"
