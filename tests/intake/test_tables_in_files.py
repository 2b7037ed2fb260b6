"""Headers, separators and strange workbooks."""

import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.foundation.errors import ProductError
from crm_core.intake.error_files import shielded
from crm_core.intake.tables_in_files import FileShape, column_letters, look_into, rows_of
from crm_core.intake.targets import plain
from tests.factories.office_files import sheet

_KNOWN = {"客户名称", "行业", "城市"}


def look(folder: Path, content: bytes, name: str = "a.csv") -> FileShape:
    path = folder / "table"
    path.write_bytes(content)
    return look_into(path, name, lambda line: sum(plain(cell) in _KNOWN for cell in line))


def test_titles_blank_lines_and_groups_above_the_header(tmp_path: Path) -> None:
    table = (
        ("2026 年客户清单", None, None),
        (None, None, None),
        ("客户信息", None, "地点"),
        ("客户名称", "行业", "城市"),
        ("甲有限公司", "光伏", "苏州"),
    )
    shape = look(tmp_path, sheet(*table), "a.xlsx")
    assert (shape.header, shape.header_line) == (("客户名称", "行业", "城市"), 4)
    assert list(rows_of(shape)) == [(5, ["甲有限公司", "光伏", "苏州"])]


def test_columns_without_a_name_or_with_the_same(tmp_path: Path) -> None:
    shape = look(tmp_path, "客户名称,,电话,电话\n甲,乙,1,2\n".encode())
    assert shape.header == ("客户名称", "(B)", "电话", "电话 (2)")
    assert [column_letters(position) for position in (0, 25, 26, 16383)] == ["A", "Z", "AA", "XFD"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_and_quoted_line_breaks(separator: str, tmp_path: Path) -> None:
    rows = [["客户名称", "行业"], [f'甲{separator}"有限"公司', "第一行\n第二行"]]
    text = "\r\n".join(separator.join('"{}"'.format(cell.replace('"', '""')) for cell in row) for row in rows)
    shape = look(tmp_path, text.encode())
    assert [cells for _, cells in rows_of(shape)] == [rows[1]]


def test_blanks_of_other_systems_and_invisible_characters(tmp_path: Path) -> None:
    shape = look(tmp_path, "客户名称,行业,城市\n\u200b甲\ufeff,NULL,—\n".encode())
    assert [cells for _, cells in rows_of(shape)] == [["甲", "", ""]]


def test_a_workbook_that_unfolds_without_end_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    with pytest.raises(ProductError) as refused:
        look_into(path, "bomb.xlsx", len)
    assert refused.value.code == "import_unreadable"


def test_hostile_files_end_soon_in_a_table_or_a_refusal(shared_data: Path) -> None:
    for path in sorted((shared_data / "documents" / "hostile").glob("*/*")):
        began = time.monotonic()
        with suppress(ProductError):
            for _ in rows_of(look_into(path, path.name, len)):
                pass
        assert time.monotonic() - began < 60, path.name


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30))
def test_a_shielded_cell_is_harmless_and_comes_back(text: str) -> None:
    cell = shielded(text.strip())
    assert not cell.startswith(("=", "@"))
    assert shielded(cell) == cell
