"""What a gate asks of a document: is it really this kind, and is it this customer's?"""

from __future__ import annotations

from pathlib import Path

import pytest
from pptx import Presentation

from qa.document_kinds import detect_document_kind, name_core, names_customer
from qa.documents import Document
from qa.reading import read_document
from tests.qa.sheets import save_sheet

COST_ROWS = [
    ["华辰光伏成本测算表"],
    ["科目", "数量", "单价", "金额"],
    ["设备材料", 12, 3500, 42000],
    ["人工", 30, 800, 24000],
    ["合计", "", "", 66000],
    ["毛利率", "", "", "18%"],
]


def solution(path: Path) -> Document:
    deck = Presentation()
    for title in ("华辰光伏定制化方案", "需求与现状", "总体架构与实施计划", "收益与服务"):
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = title
    deck.save(str(path))
    return read_document(path, path.name)


def test_the_kinds_that_gates_ask_for(tmp_path: Path) -> None:
    comparison = [["参数", "我方", "竞品"], ["功耗", "15 W", "18 W"], ["噪声", "55 dB", "60 dB"]]
    assert detect_document_kind(solution(tmp_path / "a.pptx")).kind == "solution_deck"
    cost = save_sheet(tmp_path / "b.xlsx", COST_ROWS)
    assert detect_document_kind(read_document(cost, cost.name)).kind == "cost_sheet"
    sheet = save_sheet(tmp_path / "c.xlsx", comparison)
    assert detect_document_kind(read_document(sheet, "产品对比.xlsx")).kind == "comparison_sheet"
    other = save_sheet(tmp_path / "d.xlsx", [["姓名", "电话"], ["张三", "1"]])
    assert detect_document_kind(read_document(other, "通讯录.xlsx")).kind == "other"


@pytest.mark.parametrize(
    ("customer", "named"),
    [("上海华辰光伏科技有限公司", False), ("华辰光伏有限公司", True), ("远景能源有限公司", False)],
)
def test_a_document_names_its_customer(tmp_path: Path, customer: str, named: bool) -> None:
    assert names_customer(solution(tmp_path / "a.pptx"), customer) is named


def test_an_alias_is_a_name_too(tmp_path: Path) -> None:
    assert names_customer(solution(tmp_path / "a.pptx"), "上海华辰新能源股份有限公司", ["华辰光伏"])
    assert name_core("晶澜半导体（苏州）有限公司") == "晶澜半导体"
