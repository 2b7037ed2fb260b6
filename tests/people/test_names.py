"""Pinyin of people's names."""

import pytest

from crm_core.people.names import pinyin


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张伟", "zhang wei"),
        ("曾国藩", "zeng guo fan"),
        ("单雄信", "shan xiong xin"),
        ("仇英", "qiu ying"),
        ("解晓东", "xie xiao dong"),
        ("欧阳修", "ou yang xiu"),
        ("尉迟恭", "yu chi gong"),
        ("王Tom", "wang tom"),
        ("Li Wei", "li wei"),
        ("  李娜 ", "li na"),
        ("", ""),
    ],
)
def test_names_are_read_as_people_say_them(name: str, expected: str) -> None:
    assert pinyin(name) == expected
