"""Chinese and English say the same things."""

import re
from collections.abc import Iterator

import pytest

from api.bootstrap import register_jobs
from api.routes import routers
from crm_core.foundation.errors import ProductError
from crm_core.foundation.translations import LOCALES, catalogue, preferred_locale, translate


def error_classes(family: type[ProductError] = ProductError) -> Iterator[type[ProductError]]:
    yield family
    for child in family.__subclasses__():
        yield from error_classes(child)


def placeholders(sentence: str) -> set[str]:
    """Names in braces; a parameter that comes in both languages (names_zh, names_en) counts once."""
    return {name.removesuffix("_zh").removesuffix("_en") for name in re.findall(r"{(\w+)", sentence)}


def test_both_languages_have_every_sentence_with_the_same_parameters() -> None:
    chinese, english = catalogue("zh"), catalogue("en")
    assert chinese.keys() == english.keys()
    different = [key for key in chinese if placeholders(chinese[key]) != placeholders(english[key])]
    assert different == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_error_says_what_is_wrong_and_what_to_do(locale: str) -> None:
    register_jobs()
    routers()
    keys = catalogue(locale).keys()  # type: ignore[arg-type]
    missing = [
        f"error.{error.code}.{part}"
        for error in error_classes()
        if error.__module__.split(".")[0] != "tests"
        for part in ("what", "remedy")
        if f"error.{error.code}.{part}" not in keys
    ]
    assert missing == []


def test_a_sentence_is_filled_and_survives_a_missing_parameter() -> None:
    assert "100" in translate("error.file_too_large.what", "en", limit_megabytes=100)
    assert "{limit_megabytes}" in translate("error.file_too_large.what", "zh")


@pytest.mark.parametrize(
    ("header", "expected"),
    [("en-US,en;q=0.9", "en"), ("zh-CN", "zh"), ("fr, en;q=0.5", "en"), (None, "zh"), ("", "zh")],
)
def test_the_browser_chooses_the_language(header: str | None, expected: str) -> None:
    assert preferred_locale(header, "zh") == expected
