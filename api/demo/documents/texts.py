"""Solution decks, comparison tables in prose documents, contracts."""

import io
from datetime import datetime

import docx
import pptx
from pptx.util import Pt
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from api.demo.documents.repeatable import repeatable_archive
from api.demo.records import Contract, Customer, Lead, Product
from api.demo.stories import spoken

_MADE_AT = datetime(2026, 1, 1)  # noqa: DTZ001 - office files keep local times without a zone
#: a font that every reader of Chinese documents brings along; it is named in the file, not carried by it
_FONT = "STSong-Light"
_LINES_PER_PAGE = 32


def solution_deck(customer: Customer, lead: Lead, product: Product, pains: tuple[str, ...]) -> bytes:
    """《定制化方案PPT》: a cover, the pains, the answer, the plan, the price."""
    deck = pptx.Presentation()
    cover = deck.slides.add_slide(deck.slide_layouts[0])
    cover.shapes.title.text = f"{customer.name}定制化方案"
    cover.placeholders[1].text = f"{product.name}　{lead.title}"
    price = f"方案报价：{lead.amount / 10000:.1f}万元"
    pages = (
        ("现状与痛点", (customer.situation, *(f"核心痛点：{pain}" for pain in pains))),
        (f"方案：{product.name}", tuple(f"承诺参数：{spoken(parameter)}" for parameter in product.parameters)),
        ("实施计划", ("第1周：现场勘查与图纸确认", "第3周：到货与安装", "第5周：联调与试运行", "第7周：验收与培训")),
        ("投资与回报", (price, "付款：预付30%，到货60%，验收10%", "售后：2小时响应，隔日到场")),
    )
    for title, lines in pages:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        frame = slide.placeholders[1].text_frame
        frame.text = lines[0]
        for line in lines[1:]:
            frame.add_paragraph().text = line
        for paragraph in frame.paragraphs:
            paragraph.font.size = Pt(20)
    return _saved(deck)


def comparison_document(customer: Customer, product: Product, rival: str) -> bytes:
    """A comparison as a table in a text document."""
    document = docx.Document()
    document.add_heading(f"{customer.name} 产品对比说明", level=1)
    document.add_paragraph(f"本表对比我方{product.name}与{rival}同类产品，数据取自第三方检测报告。")
    table = document.add_table(rows=1, cols=4, style="Table Grid")
    for cell, text in zip(table.rows[0].cells, ("参数", "单位", "我方（实测）", rival), strict=True):
        cell.text = text
    for parameter in product.parameters:
        better = 0.95 if parameter.comparator == "≤" else 1.05
        cells = table.add_row().cells
        values = (parameter.name, parameter.unit, f"{parameter.value * better:g}", f"{parameter.value:g}")
        for cell, text in zip(cells, values, strict=True):
            cell.text = text
    return _saved(document)


def contract_file(customer: Customer, lead: Lead, contract: Contract, product: Product) -> bytes:
    """The contract as PDF with a text layer."""
    payments = [
        f"　　{payment.label}：{payment.amount:,}元，{payment.due_on:%Y年%m月%d日}前支付"
        for payment in contract.payments
    ]
    lines = [
        f"产品购销合同　编号 {contract.number}",
        "",
        f"甲方：{customer.name}",
        "乙方：澜舟智联科技有限公司",
        "",
        f"一、标的：{product.name}（{product.code}），项目名称 {lead.title}。",
        f"二、合同金额：人民币{contract.amount:,}元（含税）。",
        "三、付款：",
        *payments,
        "四、技术指标：",
        *(f"　　{spoken(parameter)}" for parameter in product.parameters),
        f"五、交付：{contract.starts_on:%Y年%m月%d日}前完成安装调试并验收。",
        "六、售后：2小时响应，隔日到场；质保期内免费更换故障部件。",
        f"七、本合同自{contract.signed_on:%Y年%m月%d日}起生效，一式四份。",
    ]
    return _printed(lines)


def _printed(lines: list[str]) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1)
    for start in range(0, len(lines), _LINES_PER_PAGE):
        canvas.setFont(_FONT, 12)
        for place, line in enumerate(lines[start : start + _LINES_PER_PAGE]):
            canvas.drawString(64, 770 - place * 22, line)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _saved(document: pptx.presentation.Presentation | docx.document.Document) -> bytes:
    document.core_properties.created = document.core_properties.modified = _MADE_AT
    target = io.BytesIO()
    document.save(target)
    return repeatable_archive(target.getvalue())
