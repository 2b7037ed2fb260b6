"""Spreadsheets in the many shapes that sales teams give them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from tests.qa.sheets import check, save_sheet

ROWS = [
    ["参数", "单位", "我方", "竞品A"],
    ["功耗", "W", 15, 18],
    ["噪声", "dB", "≤55", "≤60"],
    ["启动时间", "s", "—", 20],
]


def test_values_take_their_unit_from_the_unit_column(tmp_path: Path) -> None:
    power, noise, start = check(
        save_sheet(tmp_path / "a.xlsx", ROWS), ("功耗", "W"), ("吵不吵", "dB"), ("多久开机", "s")
    )
    assert (power.verdict, power.value, power.unit) == ("covered", "15", "W")
    assert (noise.verdict, noise.value, noise.match) == ("covered", "≤55", "normalised")
    assert (start.verdict, start.locations[0]["cell"]) == ("missing", "C4")
    assert start.message_parameters["parameter"] == "多久开机"


def test_products_in_rows_with_a_row_of_units(tmp_path: Path) -> None:
    rows = [
        ["型号", "流量", "扬程", "功率"],
        ["", "m³/h", "m", "kW"],
        ["竞品A", 45, 30, 7.5],
        ["我方 WP-50", 50, 32, ""],
        ["竞品B", 48, 28, 7.5],
    ]
    flow, head, power = check(
        save_sheet(tmp_path / "a.xlsx", rows), ("流量", "m³/h"), ("能打多高", "m"), ("功率", "kW"), own="我方 WP-50"
    )
    assert (flow.value, flow.unit, flow.locations[0]["cell"]) == ("50", "m³/h", "B4")
    assert (head.value, head.unit) == ("32", "m")
    assert power.verdict == "missing"


def test_claimed_and_measured_columns_do_not_contradict_each_other(tmp_path: Path) -> None:
    rows = [["参数", "我方", "", "竞品A"], ["", "宣称值", "实测值", ""], ["响应时间", "≤10 ms", "8 ms", "12 ms"]]
    path = save_sheet(tmp_path / "a.xlsx", rows, lambda sheet: sheet.merge_cells("B1:C1"))
    (finding,) = check(path, ("响应时间", "ms"))
    assert (finding.verdict, finding.value, finding.measured) == ("covered", "8", True)


def test_names_between_the_products(tmp_path: Path) -> None:
    rows = [["我方", "参数", "竞品A"], ["15 W", "功耗", "18 W"], ["", "重量", "3 kg"]]
    power, weight = check(save_sheet(tmp_path / "a.xlsx", rows), ("功耗", "W"), ("多重", "kg"))
    assert (power.verdict, power.value) == ("covered", "15")
    assert weight.verdict == "missing"


def test_a_section_row_tells_two_rows_of_one_name_apart(tmp_path: Path) -> None:
    rows = [
        ["参数", "我方", "竞品"],
        ["开箱机", "", ""],
        ["噪声", "≤75 dB", "≤78 dB"],
        ["封箱机", "", ""],
        ["噪声", "≤72 dB", "≤70 dB"],
    ]

    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("A2:C2")
        sheet.merge_cells("A4:C4")

    (finding,) = check(save_sheet(tmp_path / "a.xlsx", rows, merge), ("封箱机噪声", "dB"))
    assert (finding.value, finding.locations[0]["cell"]) == ("≤72", "B5")


def test_demands_siblings_and_competitors_do_not_cover(tmp_path: Path) -> None:
    rows = [["项目", "招标要求", "XL-S5224", "XL-S5248", "友商"], ["交换容量", "≥400 Gbps", "336 Gbps", "", "432 Gbps"]]
    (finding,) = check(save_sheet(tmp_path / "a.xlsx", rows), ("交换容量", "Gbps"), own="XL-S5248")
    assert finding.verdict == "missing"


def test_a_similar_parameter_is_not_taken_for_the_one_that_was_asked_for(tmp_path: Path) -> None:
    rows = [
        ["参数", "我方", "竞品"],
        ["额定电压", "220 V", "220 V"],
        ["故障恢复时间", "5 s", "6 s"],
        ["中国效率", "98.2%", "98%"],
    ]
    findings = check(
        save_sheet(tmp_path / "a.xlsx", rows), ("额定电流", "A"), ("响应时间", "ms"), ("最高转换效率", "%")
    )
    assert [finding.verdict for finding in findings] == ["missing"] * 3


@pytest.mark.parametrize(
    "text", ["行业领先", "详见附件 3", "待定", "优", "毫秒级", "符合国家标准", "视规模而定", "支持"]
)
def test_words_without_a_value_are_vague(tmp_path: Path, text: str) -> None:
    rows = [["参数", "我方", "竞品"], ["响应时间", text, "12 ms"]]
    assert check(save_sheet(tmp_path / "a.xlsx", rows), ("响应时间", "ms"))[0].verdict == "vague"


@pytest.mark.parametrize(
    ("text", "value", "unit"), [("≤0.3 A", "≤0.3", "A"), ("45", "45", None), ("60 kVA", "60", "kVA")]
)
def test_a_unit_of_another_kind_or_none_is_a_mismatch(tmp_path: Path, text: str, value: str, unit: str | None) -> None:
    rows = [["参数", "我方", "竞品"], ["功率", text, "40 kW"]]
    finding = check(save_sheet(tmp_path / "a.xlsx", rows), ("功率", "kW"))[0]
    assert (finding.verdict, finding.value, finding.unit) == ("unit_mismatch", value, unit)


def test_two_places_that_disagree_are_a_conflict_and_equal_ones_are_not(tmp_path: Path) -> None:
    def add_sheet(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        other = sheet.parent.create_sheet("概要")
        for row in (["参数", "我方"], ["功耗", "12 W"], ["续航", "0.5 h"]):
            other.append(row)

    rows = [["参数", "我方", "竞品"], ["功耗", "15 W", "18 W"], ["续航", "30 min", "20 min"]]
    power, life = check(save_sheet(tmp_path / "a.xlsx", rows, add_sheet), ("功耗", "W"), ("续航", "min"))
    assert (power.verdict, power.value) == ("conflict", "15|12")
    assert [place["sheet"] for place in power.locations] == ["对比", "概要"]
    assert life.verdict == "covered"


def test_numbers_count_as_displayed_and_formulas_as_computed(tmp_path: Path) -> None:
    def dress(sheet: Worksheet) -> None:
        sheet["B2"].number_format = "0.00%"
        sheet["B3"].number_format = '#,##0"人"'
        sheet["B4"] = "=B5*2"

    rows = [
        ["参数", "我方", "竞品"],
        ["可用性", 0.9995, "99%"],
        ["并发用户", 5000, ""],
        ["总功率(kW)", "", 100],
        ["模块功率(kW)", 60, 50],
    ]
    path = save_sheet(tmp_path / "a.xlsx", rows, dress)
    available, users, power = check(path, ("可用性", "%"), ("同时在线人数", "人"), ("总功率", "kW"))
    assert (available.value, available.unit) == ("99.95", "%")
    assert (users.value, users.unit) == ("5000", "人")
    assert (power.value, power.unit) == ("120", "kW")


@pytest.mark.parametrize("way", ["row", "column", "sheet", "format", "comment", "white"])
def test_what_is_hidden_neither_covers_nor_shows(tmp_path: Path, way: str) -> None:
    def hide(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        if way == "row":
            sheet.row_dimensions[3].hidden = True
        elif way == "column":
            sheet.column_dimensions["B"].hidden = True
        elif way == "sheet":
            sheet.parent.create_sheet("封面").append(["内容见附件"])
            sheet.sheet_state = "veryHidden"
        elif way == "format":
            sheet["B3"].number_format = ";;;"
        elif way == "comment":
            sheet["B3"].comment = Comment("内部实测 4711 s", "内部")
            sheet["B3"] = None
        else:
            sheet["B3"].font = Font(color="FFFFFFFF")

    rows = [["参数", "我方", "竞品"], ["功耗", "15 W", "18 W"], ["恢复时间(s)", 4711, "5000"]]
    finding = check(save_sheet(tmp_path / "a.xlsx", rows, hide), ("恢复时间", "s"))[0]
    assert finding.verdict == "hidden_only"
    assert "4711" not in repr(finding)


def test_struck_through_text_does_not_count(tmp_path: Path) -> None:
    rows = [["参数", "我方", "竞品"], ["功耗", "15 W", "18 W"]]

    def strike(sheet: Worksheet) -> None:
        sheet["B2"].font = Font(strike=True)

    assert check(save_sheet(tmp_path / "a.xlsx", rows, strike), ("功耗", "W"))[0].verdict == "missing"


def test_footnotes_tell_measured_from_claimed(tmp_path: Path) -> None:
    rows = [
        ["参数", "我方", "竞品"],
        ["速度", "180 包/分钟*", "150 包/分钟"],
        ["功率", "2.8 kW", "3 kW"],
        ["* 本厂 2024 年实测"],
        ["其余数据取自厂家样本"],
    ]
    speed, power = check(save_sheet(tmp_path / "a.xlsx", rows), ("速度", "包/min"), ("功率", "kW"))
    assert (speed.measured, power.measured) == (True, False)


def test_our_product_is_found_by_words_when_nobody_names_it(tmp_path: Path) -> None:
    findings = check(save_sheet(tmp_path / "a.xlsx", ROWS), ("功耗", "W"), own=None)
    assert findings[0].verdict == "covered"
    unmarked = [["参数", "甲牌 A1", "乙牌 B1"], ["功耗", "15 W", "18 W"]]
    finding = check(save_sheet(tmp_path / "b.xlsx", unmarked), ("功耗", "W"), own=None)[0]
    assert (finding.verdict, finding.reason) == ("missing", "own_product_not_found")


def test_a_sheet_of_dates_and_words_is_read_without_inventing_values(tmp_path: Path) -> None:
    rows = [
        ["参数", "我方", "竞品"],
        ["上市时间", datetime(2024, 3, 1, tzinfo=UTC).replace(tzinfo=None), "2023"],
        ["接口", "USB", "USB"],
    ]
    finding = check(save_sheet(tmp_path / "a.xlsx", rows), ("功耗", "W"))[0]
    assert finding.verdict == "missing"
