"""Cells as a spreadsheet program shows them, formulas that were stored without their result."""

from __future__ import annotations

import pytest

from qa.readers.formulas import FormulaEvaluator, FormulaUnsupported, Value
from qa.readers.number_formats import display


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (5000, '#,##0"人"', "5,000人"),
        (0.9995, "0.00%", "99.95%"),
        (1.5, "0%", "150%"),
        (0.1, '0.0" mg"', "0.1 mg"),
        (-3.5, "0.0;(0.0)", "(3.5)"),
        (12000, '0.0,"K"', "12.0K"),
        (5, ";;;", ""),
        ("词", ";;;", ""),
        (12, "[$¥-804]#,##0.00", "¥12.00"),
        (0.5, "0.##", "0.5"),
        (3, '"≤"0" ms"', "≤3 ms"),
        (3.14159, "General", "3.14159"),
        (2.0, None, "2"),
    ],
)
def test_a_number_is_shown_by_its_format(value: object, number_format: str | None, shown: str) -> None:
    assert display(value, number_format) == shown


CELLS: dict[tuple[int, int], Value] = {(1, 1): 20.0, (2, 1): 5.0, (3, 1): None, (4, 1): "12.5%"}


def evaluate(formula: str) -> Value:
    return FormulaEvaluator("对比", lambda _sheet, row, column: CELLS.get((row, column))).evaluate(formula)


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("=A1*A2", 100.0),
        ("=SUM(A1:A3)/2", 12.5),
        ("=(A1+A2)*2-A2^2", 25.0),
        ('=ROUND(A1/3,1)&" kW"', "6.7 kW"),
        ('=IF(A1>10,"大","小")', "大"),
        ("=A1*10%", 2.0),
        ("=A1*A4", 2.5),
        ("=AVERAGE(A1:A2,MAX(A1:A2))", 15.0),
        ("='另 表'!A1+1", 21.0),
    ],
)
def test_everyday_formulas_are_computed(formula: str, result: Value) -> None:
    assert evaluate(formula) == result


@pytest.mark.parametrize("formula", ["=VLOOKUP(A1,A:B,2)", "=A1/A3", "=INDIRECT(A1)", "=SUM(A1:XFD1048576)", '="词"*2'])
def test_what_cannot_be_computed_has_no_value(formula: str) -> None:
    with pytest.raises(FormulaUnsupported):
        evaluate(formula)
