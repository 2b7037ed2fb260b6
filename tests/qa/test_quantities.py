"""The quantity grammar, on what product sheets contain."""

from __future__ import annotations

import pytest

from qa.quantities import are_equal, find_grade, find_quantities
from qa.units import are_compatible, parse_unit


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5,000人", "5000", "人"),
        ("９８．７％", "98.7", "%"),
        ("1.2万", "12000", None),
        ("10亿行", "1000000000", "行"),
        ("130 万像素", "1300000", "像素"),
        ("1-3 万元", "10000-30000", "元"),
        ("六千次", "6000", "次"),
        ("一个半月", "1.5", "月"),
        ("半小时", "0.5", "h"),
        ("百分之九十五", "95", "%"),
        ("寿命为五年", "5", "年"),
        ("不低于 180 包/分钟*", "≥180", "包/min"),
        ("约 2.8 千瓦", "≈2.8", "kW"),
        ("两小时以内", "≤2", "h"),
        ("超过 500 家", ">500", "家"),
        ("16000+", "≥16000", None),
        ("-400~+200 km/h", "-400-200", "km/h"),
        ("-40℃～+85℃", "-40-85", "℃"),
        ("200－1000V", "200-1000", "V"),
        ("±10 ppm/℃", "±10", "ppm/℃"),
        ("100±5 mm", "100±5", "mm"),
        ("20:1", "20:1", None),
        ("3920×720×1450 mm", "3920×720×1450", "mm"),
        ("9/12/15 mm", "9/12/15", "mm"),
        ("≤2.4E-4", "≤2.4E-4", None),
        ("AC 1500 V 1 min", "1500", "V"),
        ("15 个工作日", "15", "工作日"),
        ("2.5 元/次", "2.5", "元/次"),
        ("≤0.06 % RSD", "≤0.06", "% RSD"),
    ],
)
def test_a_quantity_is_read_as_written(text: str, value: str, unit: str | None) -> None:
    quantity = find_quantities(text)[0]
    assert (quantity.value, quantity.symbol) == (value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "XL-S5248",
        "详见附件 3",
        "2024 年 3 月实测",
        "百万级",
        "三级",
        "一键",
        "7×24 小时原厂支持",
        "IP67",
        "GB/T 19001-2016",
    ],
)
def test_names_dates_and_grades_are_not_quantities(text: str) -> None:
    assert find_quantities(text) == ()


@pytest.mark.parametrize(
    ("text", "grade"), [("外壳 IP6K9K", "IP6K9K"), ("防护等级：IP 54", "IP54"), ("A级", "A级"), ("XIP67B", None)]
)
def test_grades_are_kept_as_they_are(text: str, grade: str | None) -> None:
    assert find_grade(text) == grade


@pytest.mark.parametrize(
    ("first", "second", "compatible"),
    [
        ("s", "ms", True),
        ("kW", "千瓦", True),
        ("年", "个月", True),
        ("包/min", "包/小时", True),
        ("m³/h", "L/min", True),
        ("kW", "kVA", False),
        ("lm", "cd/m²", False),
        ("天", "工作日", False),
        ("W", "A", False),
        ("N·m", "J", False),
    ],
)
def test_units_agree_by_what_they_measure(first: str, second: str, compatible: bool) -> None:
    left, right = parse_unit(first), parse_unit(second)
    assert left is not None
    assert right is not None
    assert are_compatible(left, right) is compatible


def test_equal_values_in_different_units_are_equal() -> None:
    assert are_equal(find_quantities("0.5 h")[0], find_quantities("30 min")[0])
    assert not are_equal(find_quantities("10 s")[0], find_quantities("12 s")[0])
    assert are_equal(find_quantities("约 3 h")[0], find_quantities("2.9 h")[0])
