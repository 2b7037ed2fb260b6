"""Cells of other people's tables become values or refusals, never something else."""

from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.foundation.errors import Invalid, ProductError
from crm_core.intake.cells import CellReader, Named
from crm_core.intake.targets import Field, Kind
from crm_core.process.sections import Choice, Label

_ONE, _TWO = UUID(int=1), UUID(int=2)
_NAMED = Named(
    people={"周敏": (_ONE,), "李强": (_ONE, _TWO)},
    everybody={"周敏": (_ONE,), "离职者": (_TWO,)},
    numbers={_ONE: "A1", _TWO: "A2"},
    regions={"华东大区": _ONE},
    region_names=("华东大区",),
)
_OPTIONS = (
    Choice(code="website", name=Label(zh="官网咨询", en="Website")),
    Choice(code="referral", name=Label(zh="转介绍", en="Referral")),
)
_CHOICES = {"website": "website", "官网咨询": "website", "referral": "referral", "转介绍": "referral"}


def read(kind: Kind, text: str, code: str = "amount", **further: Any) -> Any:
    reader = CellReader(_NAMED, "year_first", {"source": {"线上": "官网咨询"}})
    return reader.value(Field(code, kind, **further), text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("860000", 860000),
        ("860,000.50", Decimal("860000.50")),
        ("86万", 860000),
        ("¥1.2亿元", 120_000_000),
        ("８６０", 860),
        ("3k", 3000),
        (".5", Decimal("0.5")),
    ],
)
def test_numbers(text: str, number: Any) -> None:
    assert read("number", text) == number


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("number", "很多", "import_cell_not_number"),
        ("number", "1,5", "import_cell_not_number"),
        ("number", "1.234,50", "import_cell_not_number"),
        ("number", "50%", "import_cell_not_number"),
        ("number", "-1", "import_cell_out_of_range"),
        ("number", "9" * 13, "import_cell_out_of_range"),
        ("share", "120%", "import_cell_out_of_range"),
        ("person", "无名氏", "import_cell_person_unknown"),
        ("person", "离职者", "import_cell_person_unknown"),
        ("person", "李强", "import_cell_person_ambiguous"),
        ("region", "火星大区", "import_cell_region_unknown"),
        ("choice", "天上掉的", "import_cell_choice_unknown"),
        ("choices", "官网咨询、天上掉的", "import_cell_choice_unknown"),
        ("choices", "官网咨询", "import_cell_choices_miscounted"),
        ("text", "#N/A", "import_cell_broken"),
        ("date", "#REF!", "import_cell_broken"),
        ("text", "长" * 81, "import_cell_too_long"),
    ],
)
def test_refusals(kind: Kind, text: str, code: str) -> None:
    with pytest.raises(ProductError) as refused:
        read(kind, text, "amount", choices=_CHOICES, options=_OPTIONS, count=2, longest=80)
    assert refused.value.code == code


def test_names_choices_and_shares() -> None:
    assert read("person", " 周敏 ") == _ONE
    assert read("anybody", "离职者") == _TWO
    assert read("share", "35%") == read("share", "0.35") == 0.35
    assert read("choices", "转介绍，官网咨询", choices=_CHOICES, options=_OPTIONS) == ["referral", "website"]


def test_words_of_the_file_get_their_meaning() -> None:
    assert read("choice", "线上", "source", choices=_CHOICES, options=_OPTIONS) == "website"


@given(st.sampled_from(["number", "share", "date", "moment", "person", "region", "choice"]), st.text(max_size=40))
def test_any_text_is_a_value_or_refused(kind: Kind, text: str) -> None:
    with suppress(Invalid):
        assert read(kind, text, choices=_CHOICES, options=_OPTIONS) is not None
