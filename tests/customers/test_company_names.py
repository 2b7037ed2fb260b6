"""Which company names are the same company."""

import pytest

from crm_core.customers.company_names import company_pinyin, core_name, is_near


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("阳澄光伏电站运营有限公司", "阳澄光伏电站运营"),
        ("阳澄光伏电站运营股份有限公司", "阳澄光伏电站运营"),
        ("阳澄集团", "阳澄"),
        ("阳澄集团有限公司", "阳澄"),
        ("上海（阳澄）科技有限责任公司", "上海阳澄科技"),
        ("上海(阳澄)科技公司", "上海阳澄科技"),
        ("Acme Co., Ltd.", "acme"),
        ("ＡＣＭＥ Inc.", "acme"),
        ("公司", "公司"),
        ("", ""),
    ],
)
def test_the_core_of_a_name_is_without_its_legal_form(name: str, core: str) -> None:
    assert core_name(name) == core


@pytest.mark.parametrize(
    ("name", "other", "near"),
    [
        ("阳澄光伏电站运营有限公司", "阳橙光伏电站运营有限公司", True),
        ("阳澄光伏电站运营有限公司", "阳澄光伏电站运营股份有限公司", True),
        ("江苏省苏州工业园区光伏运营公司", "江苏苏州工业园区光伏运营公司", True),
        ("甲光电", "乙光电", False),
        ("上海绿能科技有限公司", "上海绿源科技有限公司", False),
        ("华东电力有限公司", "华北电力有限公司", False),
    ],
)
def test_names_are_near_when_they_differ_by_a_slip(name: str, other: str, near: bool) -> None:
    assert is_near(name, other) is near
    assert is_near(other, name) is near


def test_pinyin_sorts_and_keeps_other_letters() -> None:
    assert company_pinyin("长城 ABC") == "chang cheng  abc"
