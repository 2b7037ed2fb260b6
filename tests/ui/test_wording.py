"""Both languages have every word that the screens say."""

import ast
import re
from pathlib import Path

import pytest

from ui.menu import MENU
from ui.wording import LOCALES, catalogue

_UI = Path(__file__).resolve().parents[2] / "ui"


def said_keys() -> set[str]:
    """Every literal first argument of say(...), anywhere in the screens."""
    keys = set()
    for path in _UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say" and node.args:
                argument = node.args[0]
                if isinstance(argument, ast.Constant):
                    keys.add(str(argument.value))
    return keys


def parameters(sentence: str) -> set[str]:
    return set(re.findall(r"{(\w+)", sentence))


def test_the_languages_say_the_same_things_with_the_same_parameters() -> None:
    chinese, english = catalogue("zh"), catalogue("en")
    assert chinese.keys() == english.keys()
    assert [key for key in chinese if parameters(chinese[key]) != parameters(english[key])] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_word_that_is_said_exists(locale: str) -> None:
    keys = said_keys()
    assert len(keys) > 100
    assert keys - catalogue(locale).keys() == set()  # type: ignore[arg-type]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_screen_has_a_name_and_a_file(locale: str) -> None:
    for entry in MENU:
        assert catalogue(locale)[f"menu.{entry.file}"]  # type: ignore[index, arg-type]
        assert catalogue(locale)[f"menu.section.{entry.section}"]  # type: ignore[index, arg-type]
        assert (_UI / "screens" / f"{entry.file}.py").is_file()
