"""Decks, reports and pictures: cards, charts, prose, footnotes, tracked changes, notes, recognised text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from qa.errors import DocumentUnrecognisable
from qa.reading import read_document
from tests.qa.sheets import check

FONTS = [
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
]


def new_deck(*titles: str) -> Any:
    deck = Presentation()
    for title in titles:
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = title
    return deck


def add_box(slide: Any, left: float, top: float, text: str) -> Any:
    box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(0.5))
    box.text_frame.text = text
    return box


def saved(document: Any, path: Path) -> Path:
    document.save(str(path))
    return path


def test_cards_belong_to_the_product_at_their_head(tmp_path: Path) -> None:
    deck = new_deck("三种方案对比")
    for left, lines in ((1, ["我方方案", "功率：12 kW", "占地 3 m²"]), (4, ["高位码垛机", "功率：9 kW", "节拍 4 s"])):
        for place, line in enumerate(lines):
            add_box(deck.slides[0], left, 2 + place, line)
    power, cycle = check(saved(deck, tmp_path / "a.pptx"), ("装机功率", "kW"), ("节拍", "s"), own="我方方案")
    assert (power.verdict, power.value, power.locations[0]["slide"]) == ("covered", "12", 1)
    assert cycle.verdict == "missing"


def test_a_chart_is_read_like_a_table(tmp_path: Path) -> None:
    deck = new_deck("充电时间")
    data = CategoryChartData()
    data.categories = ["我方", "友商甲"]
    data.add_series("充电时间(min)", (12, 18))
    box = (Inches(1), Inches(2), Inches(6), Inches(4))
    deck.slides[0].shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *box, data)
    (finding,) = check(saved(deck, tmp_path / "a.pptx"), ("充满要几分钟", "min"))
    assert (finding.verdict, finding.value, finding.unit) == ("covered", "12", "min")


@pytest.mark.parametrize("way", ["notes", "slide", "outside"])
def test_what_an_audience_does_not_see_does_not_count(tmp_path: Path, way: str) -> None:
    deck = new_deck("参数", "我方补充")
    slide = deck.slides[1]
    if way == "notes":
        slide.notes_slide.notes_text_frame.text = "我方恢复时间内部测试 4711 秒"
    else:
        add_box(slide, 20 if way == "outside" else 1, 2, "我方恢复时间 4711 秒")
    if way == "slide":
        slide._element.set("show", "0")
    finding = check(saved(deck, tmp_path / "a.pptx"), ("恢复时间", "s"))[0]
    assert finding.verdict == "hidden_only"
    assert "4711" not in repr(finding)


def test_prose_is_attributed_to_the_product_it_speaks_of(tmp_path: Path) -> None:
    report = docx.Document()
    report.add_paragraph("产品说明")
    report.add_paragraph("进口 Z 款充电约 10 秒；我公司 HeartGo 3 从分析到充电完成不超过 8 秒。")
    report.add_paragraph("HeartGo 3 的电池待机寿命为五年，进口 Z 款防护等级 IP55。")
    charge, battery, shell = check(
        saved(report, tmp_path / "a.docx"),
        ("充电时间", "s"),
        ("电池待机寿命", "年"),
        ("防水防尘", None),
        own="我公司 HeartGo 3",
    )
    assert (charge.value, charge.unit, charge.locations[0]["paragraph"]) == ("≤8", "s", 2)
    assert (battery.value, battery.unit) == ("5", "年")
    assert shell.verdict == "missing"


def test_deleted_text_is_gone_and_inserted_text_is_there(tmp_path: Path) -> None:
    report = docx.Document()
    paragraph = report.add_paragraph("我方功耗 ")
    mark = nsdecls("w") + ' w:id="1" w:author="a"'
    paragraph._p.append(parse_xml(f"<w:del {mark}><w:r><w:delText>9 W</w:delText></w:r></w:del>"))
    paragraph._p.append(parse_xml(f"<w:ins {mark}><w:r><w:t>12 W</w:t></w:r></w:ins>"))
    (finding,) = check(saved(report, tmp_path / "a.docx"), ("功耗", "W"))
    assert (finding.verdict, finding.value) == ("covered", "12")


def test_merged_and_nested_cells_keep_their_place(tmp_path: Path) -> None:
    report = docx.Document()
    table = report.add_table(rows=3, cols=3)
    for row, texts in enumerate((["参数", "我方", "竞品"], ["防雷", "6 kV", ""], ["电气", "", ""])):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(1, 1).merge(table.cell(1, 2))
    inner = table.cell(2, 1).add_table(rows=2, cols=2)
    for row, texts in enumerate((["项目", "数值"], ["绝缘电阻", "20 MΩ"])):
        for column, text in enumerate(texts):
            inner.cell(row, column).text = text
    lightning, insulation = check(saved(report, tmp_path / "a.docx"), ("端口防雷", "kV"), ("绝缘电阻", "MΩ"))
    assert (lightning.value, lightning.locations[0]["row"], lightning.locations[0]["col"]) == ("6", 2, 2)
    assert (insulation.value, insulation.locations[0]["nested"]) == ("20", [2, 2])


def chinese_font(size: int) -> ImageFont.FreeTypeFont:
    path = next((font for font in FONTS if font.exists()), None)
    if path is None:
        pytest.skip("no Chinese font on this machine")
    return ImageFont.truetype(str(path), size)


def drawn_table(rows: list[list[str]]) -> Image.Image:
    image = Image.new("RGB", (1200, 120 + 80 * len(rows)), "white")
    pen, font = ImageDraw.Draw(image), chinese_font(30)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            pen.text((60 + 370 * column, 60 + 80 * row), text, fill="black", font=font)
    return image


def test_a_scanned_table_is_recognised_with_boxes_and_a_blurred_one_refused(tmp_path: Path) -> None:
    rows = [
        ["项目", "我方产品", "品牌甲"],
        ["整机重量", "315 g", "340 g"],
        ["测量时长", "", "≤40 s"],
        ["记忆组数", "120 组", "90 组"],
    ]
    image = drawn_table(rows)
    image.rotate(0.8, expand=True, fillcolor="white").save(tmp_path / "scan.png")
    weight, duration = check(tmp_path / "scan.png", ("多重", "g"), ("测一次多少秒", "s"), own="我方产品")
    assert (weight.value, weight.unit) == ("315", "g")
    box = weight.locations[0]["bbox"]
    assert isinstance(box, list)
    assert 380 < (box[0] + box[2]) / 2 < 640
    assert duration.verdict == "missing"
    image.filter(ImageFilter.GaussianBlur(16)).save(tmp_path / "blurred.png")
    with pytest.raises(DocumentUnrecognisable):
        read_document(tmp_path / "blurred.png", "blurred.png")


def test_a_picture_of_a_table_on_a_slide_is_read(tmp_path: Path) -> None:
    drawn_table([["项目", "我方产品", "品牌甲"], ["整机重量", "315 g", "340 g"]]).save(tmp_path / "table.png")
    deck = new_deck("参数")
    deck.slides[0].shapes.add_picture(str(tmp_path / "table.png"), Inches(1), Inches(2))
    (finding,) = check(saved(deck, tmp_path / "a.pptx"), ("整机重量", "g"), own="我方产品")
    assert (finding.verdict, finding.value, finding.locations[0]["slide"]) == ("covered", "315", 1)
