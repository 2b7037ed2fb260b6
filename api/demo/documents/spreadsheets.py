"""Cost sheets and comparison sheets as workbooks, and a savings estimate as CSV."""

import csv
import io
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from api.demo.documents.repeatable import repeatable_archive
from api.demo.records import Customer, Lead, Product, Requirement

_HEADER = PatternFill("solid", fgColor="DDE7F3")
_MADE_AT = datetime(2026, 1, 1)  # noqa: DTZ001 - workbooks keep local times without a zone


def cost_sheet(customer: Customer, lead: Lead, product: Product) -> bytes:
    """《成本测算表》 with formulas for the sums."""
    book, sheet = _workbook(
        "成本测算", f"{customer.name} {product.name} 成本测算表", ("项目", "数量", "单价（元）", "小计（元）", "备注")
    )
    quantity = max(1, round(lead.amount / product.list_price))
    net = lead.amount * (1 - lead.margin)
    rows = (
        (product.name, quantity, round(net * 0.78 / quantity), "含税出厂价"),
        ("运输与吊装", 1, round(net * 0.06), "到场价"),
        ("安装调试", 1, round(net * 0.1), "两名工程师"),
        ("培训与资料", 1, round(net * 0.06), "两次现场培训"),
    )
    for number, (name, count, price, note) in enumerate(rows, start=4):
        sheet.append((name, count, price, f"=B{number}*C{number}", note))
    last = 3 + len(rows)
    sheet.append(("成本合计", None, None, f"=SUM(D4:D{last})", None))
    sheet.append(("报价", None, None, lead.amount, None))
    sheet.append(("毛利率", None, None, f"=1-D{last + 1}/D{last + 2}", None))
    sheet[f"D{last + 3}"].number_format = "0.0%"
    return _saved(book)


def comparison_sheet(customer: Customer, product: Product, rival: str, covered: tuple[Requirement, ...]) -> bytes:
    """《产品对比表》 that covers the given requirements and some usual rows, and nothing else."""
    header = ("参数", "单位", f"我方 {product.name}", rival, "数据来源")
    book, sheet = _workbook("产品对比", f"{customer.name} 产品对比表", header)
    for requirement in covered:
        ours, theirs = _values(requirement)
        sheet.append((requirement.name, requirement.unit, ours, theirs, "第三方实测"))
    sheet.append(("循环效率", "%", 92.4, 89, "第三方实测"))
    sheet.append(("工作温度", "℃", "-30~55", "-20~45", "样本"))
    sheet.append(("售后响应", "", "2小时响应", "次日响应", "合同条款"))
    return _saved(book)


def savings_estimate(customer: Customer, lead: Lead) -> bytes:
    """A month-by-month estimate as spreadsheet programs in China export it: CSV in GB18030."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(("客户", customer.name, "方案报价（元）", lead.amount))
    writer.writerow(("月份", "改造前电费（元）", "改造后电费（元）", "节省（元）"))
    monthly = lead.amount // 30
    for month in range(1, 13):
        before = monthly * 4 + month * 1300
        saved = monthly + (month % 5) * 900
        writer.writerow((f"{month}月", before, before - saved, saved))
    return target.getvalue().encode("gb18030")


def _values(requirement: Requirement) -> tuple[float, float]:
    """What we reach and what the rival reaches: ours is a tenth better than asked, theirs a fifth worse."""
    ours, theirs = (0.9, 1.2) if requirement.comparator == "≤" else (1.1, 0.8)
    return round(requirement.value * ours, 2), round(requirement.value * theirs, 2)


def _workbook(name: str, title: str, header: tuple[str, ...]) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    book.properties.created = book.properties.modified = _MADE_AT
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = name
    sheet.append((title,))
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(())
    sheet.append(header)
    for cell in sheet[3]:
        cell.fill = _HEADER
        cell.font = Font(bold=True)
        cell.alignment = Alignment(horizontal="center")
    for column, width in zip("ABCDE", (22, 12, 20, 18, 18), strict=True):
        sheet.column_dimensions[column].width = width
    return book, sheet


def _saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return repeatable_archive(target.getvalue())
