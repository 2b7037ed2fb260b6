"""Every upload ends in a kind or in a refusal with a name, within limits, and the parser touches nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from PIL import Image

from qa.errors import (
    DocumentBomb,
    DocumentDamaged,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentRefused,
    DocumentTooLarge,
    DocumentTruncated,
    DocumentTypeMismatch,
    DocumentUnsafe,
    DocumentUnsupported,
)
from qa.reading import read_document
from qa.safety import inspect_upload

SHARED = os.environ.get("SALESDOJO_SHARED_DATA")
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "x">]><w>&a;</w>'


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def workbook(path: Path) -> Path:
    book = Workbook()
    assert book.active is not None
    book.active.append(["参数", "我方"])
    book.save(path)
    return path


def test_the_kind_is_what_is_inside_and_the_name_must_agree(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    assert inspect_upload(path, "对比.xlsx").kind == "xlsx"
    with pytest.raises(DocumentTypeMismatch) as refused:
        inspect_upload(path, "方案.pptx")
    assert refused.value.parameters["found"] == "xlsx"


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("a.xlsx", b"", DocumentEmpty),
        ("a.xlsx", b"just text", DocumentTypeMismatch),
        ("a.pdf", b"%PDF-1.7\n1 0 obj", DocumentTruncated),
        ("a.exe", b"MZ\x90\x00\x03\x00", DocumentUnsupported),
        ("a.docx", b"\x00\x01\x02\x03", DocumentDamaged),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), DocumentEncrypted),
    ],
)
def test_what_is_not_a_document_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes, refusal: type[DocumentRefused]
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(refusal):
        inspect_upload(path, name)


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ({"word/document.xml": ENTITIES}, DocumentUnsafe),
        ({"word/document.xml": b"<a>" * 300 + b"</a>" * 300}, DocumentUnsafe),
        ({"word/document.xml": b"<a/>", "../../evil": b"x"}, DocumentUnsafe),
        ({"word/document.xml": b"<a>" + b" " * 20_000_000 + b"</a>"}, DocumentBomb),
        ({"word/document.xml": b"<a", "x": b"y"}, DocumentDamaged),
        ({f"part{number}": b"" for number in range(6000)}, DocumentBomb),
    ],
)
def test_packages_that_attack_the_parser_are_refused(
    tmp_path: Path, parts: dict[str, bytes], refusal: type[DocumentRefused]
) -> None:
    with pytest.raises(refusal):
        inspect_upload(packed(tmp_path / "a.docx", parts), "a.docx")


def test_a_cut_package_and_a_large_file_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DocumentTruncated):
        inspect_upload(path, "a.xlsx")
    with pytest.raises(DocumentTooLarge):
        inspect_upload(workbook(tmp_path / "b.xlsx"), "b.xlsx", max_bytes=100)


def test_too_many_pixels_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    Image.new("1", (9000, 9000)).save(tmp_path / "a.png")
    with pytest.raises(DocumentBomb):
        inspect_upload(tmp_path / "a.png", "a.png")


def test_macros_are_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert "macros" in read_document(path, "a.xlsm").warnings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_delimited_text_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("参数;我方;竞品\n功耗;15 W;18 W\n".encode(encoding))
    rows = read_document(path, "a.csv").tables[0].rows
    assert [cell.text for cell in rows[1]] == ["功耗", "15 W", "18 W"]


@pytest.mark.parametrize(
    "deed", ["socket.create_connection(('127.0.0.1', 9))", "open('made', 'w')", "subprocess.run(['true'])"]
)
def test_a_reader_process_can_neither_call_out_nor_write(tmp_path: Path, deed: str) -> None:
    code = f"import socket, subprocess\nfrom qa.reading import _confine\n_confine('csv')\n{deed}"
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(root)}, capture_output=True, check=False
    )
    assert b"PermissionError" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.shared_data
@pytest.mark.skipif(SHARED is None, reason="SALESDOJO_SHARED_DATA names no folder")
def test_every_hostile_file_has_a_named_outcome() -> None:
    files = [path for path in (Path(SHARED or "") / "documents" / "hostile").rglob("*") if path.is_file()]
    assert files
    outcomes = {}
    for path in files:
        try:
            outcomes[path.name] = read_document(path, path.name).kind
        except DocumentRefused as refusal:
            outcomes[path.name] = refusal.code
    assert outcomes["ok_control.xlsx"] == "xlsx"
    assert outcomes["billion_laughs.xlsx"] == "document_unsafe"
    assert outcomes["zip_bomb_256MB.docx"] == "document_bomb"
    assert outcomes["cell_at_last_row.xlsx"] == "xlsx"
