"""A file is what its bytes say."""

from pathlib import Path

import pytest

from crm_core.customers.media_types import UNKNOWN, media_type_of
from tests.factories.office_files import deck, sheet

OFFICE = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.bin", deck("一"), OFFICE + "presentationml.presentation"),
        ("a.bin", sheet(("一",)), OFFICE + "spreadsheetml.sheet"),
        ("a.xlsx", b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n" + b"0" * 20, "image/png"),
        ("a.csv", "客户,金额\n".encode("gb18030"), "text/csv"),
        ("a.csv", "客户".encode("utf-16"), "text/csv"),
        ("a.txt", "一二三".encode(), "text/plain"),
        ("a.xlsx", b"PK\x03\x04 cut short", UNKNOWN),
        ("a.csv", b"a\x00b\x00\x01", UNKNOWN),
        ("a.csv", b"\xff\xfe\xfa", UNKNOWN),
    ],
)
def test_the_name_does_not_decide(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert media_type_of(path, name) == expected


def test_a_character_cut_by_the_look_does_not_make_text_binary(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a" + "汉".encode() * 40_000)
    assert media_type_of(path, "a.txt") == "text/plain"
