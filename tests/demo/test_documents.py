"""The demo documents are real files of each format, readable, and what the main job needs them to be."""

import csv
import io
from datetime import timedelta

import docx
import openpyxl
import pptx
import pypdfium2
import pytest
from PIL import Image

from api.demo.company import DemoCompany, generate_company
from api.demo.documents.files import FORMS, DemoDocument, documents_of
from api.demo.scenes import ScriptedAccount
from api.demo.voice_notes import voice_notes
from asr.audio import AudioLimits, read_audio
from tests.demo.conftest import TODAY


def scene(company: DemoCompany, key: str) -> ScriptedAccount:
    return next(scene for scene in company.scenes if scene.key == key)


def document(company: DemoCompany, key: str, name: str) -> DemoDocument:
    scripted = scene(company, key)
    return next(documents_of(company.content, scripted.account, (name,)))


def sheet_texts(content: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [str(cell.value) for sheet in book for row in sheet.rows for cell in row if cell.value is not None]


def test_every_form_lies_in_some_file_and_every_file_exists(company: DemoCompany) -> None:
    used = {name for scripted in company.scenes for name in scripted.documents}
    assert used == set(FORMS)
    for scripted in company.scenes:
        for item in documents_of(company.content, scripted.account, scripted.documents):
            assert len(item.content) > 100
            assert item.uploaded_at <= company.now + timedelta(hours=1)


def test_comparison_sheet_lacks_the_last_named_parameter(company: DemoCompany) -> None:
    named = scene(company, "comparison_check").lead.diagnosis
    assert named is not None
    texts = sheet_texts(document(company, "comparison_check", "comparison_sheet").content)
    present = [parameter.name in texts for parameter in named.parameters]
    assert present == [True, True, False]


def test_gate_documents_name_the_customer(company: DemoCompany) -> None:
    name = scene(company, "comparison_check").account.customer.name
    assert any(name in text for text in sheet_texts(document(company, "comparison_check", "cost_sheet").content))
    deck = pptx.Presentation(io.BytesIO(document(company, "comparison_check", "solution_deck").content))
    words = "".join(shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame)
    assert name in words


def test_cost_sheet_adds_up_to_the_margin_of_the_lead(company: DemoCompany) -> None:
    lead = scene(company, "comparison_check").lead
    content = document(company, "comparison_check", "cost_sheet").content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    cost = sum(sheet[f"B{row}"].value * sheet[f"C{row}"].value for row in range(4, 8))
    assert 1 - cost / lead.amount == pytest.approx(lead.margin, abs=0.005)
    assert sheet["D8"].value == "=SUM(D4:D7)"


def test_text_documents_can_be_read(company: DemoCompany) -> None:
    customer = scene(company, "win_capture").account.customer.name
    tables = docx.Document(io.BytesIO(document(company, "win_capture", "comparison_table").content)).tables
    assert len(tables[0].rows) == 4
    page = pypdfium2.PdfDocument(document(company, "win_capture", "contract").content)[0]
    assert customer in page.get_textpage().get_text_range()
    rows = list(csv.reader(io.StringIO(document(company, "win_capture", "estimate").content.decode("gb18030"))))
    assert rows[0][1] == customer
    assert len(rows) == 14


def test_voice_notes_can_be_heard() -> None:
    for note in voice_notes():
        audio = read_audio(io.BytesIO(note.content()), AudioLimits())
        assert audio.duration_seconds > len(note.lines)


def test_masked_bill_differs_only_where_personal_data_stood(company: DemoCompany) -> None:
    bill, masked = (
        Image.open(io.BytesIO(document(company, "win_capture", name).content)).convert("L")
        for name in ("bill", "bill_masked")
    )
    assert bill.size == masked.size
    assert bill.crop((0, 0, 960, 155)).tobytes() == masked.crop((0, 0, 960, 155)).tobytes()
    assert set(masked.crop((160, 165, 600, 188)).tobytes()) == {min(masked.tobytes())}


def test_the_same_company_has_the_same_files(company: DemoCompany) -> None:
    again = generate_company(today=TODAY)
    for name in ("solution_deck", "cost_sheet", "comparison_sheet"):
        assert document(again, "comparison_check", name) == document(company, "comparison_check", name)
    assert document(again, "win_capture", "contract") == document(company, "win_capture", "contract")
