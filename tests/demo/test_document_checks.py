"""The product's own checks say of the demo documents what the demo promises."""

from pathlib import Path

import pytest

from api.demo.company import DemoCompany
from api.demo.documents.files import documents_of
from api.demo.scenes import ScriptedAccount
from qa.check import check_document
from qa.document_kinds import detect_document_kind, names_customer
from qa.documents import Document
from qa.parameters import RequestedParameter
from qa.reading import read_document


def scene(company: DemoCompany, key: str) -> ScriptedAccount:
    return next(scene for scene in company.scenes if scene.key == key)


def read(company: DemoCompany, key: str, name: str, folder: Path) -> Document:
    item = next(documents_of(company.content, scene(company, key).account, (name,)))
    path = folder / item.name
    path.write_bytes(item.content)
    return read_document(path, item.name)


@pytest.mark.parametrize("name", ["comparison_sheet", "comparison_scan"])
def test_the_missing_parameter_is_asked_for_by_name(company: DemoCompany, name: str, tmp_path: Path) -> None:
    diagnosis = scene(company, "comparison_check").lead.diagnosis
    assert diagnosis is not None
    requested = [RequestedParameter(parameter.name, parameter.unit) for parameter in diagnosis.parameters]
    findings = check_document(read(company, "comparison_check", name, tmp_path), requested)
    assert [(finding.name, finding.verdict) for finding in findings] == [
        ("响应时间", "covered"),
        ("测量误差", "covered"),
        ("质保期", "missing"),
    ]
    assert [(finding.value, finding.unit) for finding in findings[:2]] == [("180", "ms"), ("0.9", "%")]


@pytest.mark.parametrize("key", ["comparison_check", "win_capture", "ready_to_sign"])
@pytest.mark.parametrize("name", ["solution_deck", "cost_sheet"])
def test_gate_documents_are_what_they_claim(company: DemoCompany, key: str, name: str, tmp_path: Path) -> None:
    document = read(company, key, name, tmp_path)
    assert detect_document_kind(document).kind == name
    assert names_customer(document, scene(company, key).account.customer.name)
