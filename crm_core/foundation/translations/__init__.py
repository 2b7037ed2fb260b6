"""The sentences that the server says, in Chinese and English, by key.

Each language is a folder of YAML files of nested keys; all files of a folder are one catalogue.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Locale = Literal["zh", "en"]
LOCALES: tuple[Locale, ...] = ("zh", "en")

_FOLDER = Path(__file__).parent


def translate(key: str, locale: Locale, /, **parameters: Any) -> str:
    """The sentence for a key with its parameters filled in; the key itself if no language has it."""
    sentence = catalogue(locale).get(key)
    if sentence is None:
        return key
    return sentence.format_map(_Lenient(parameters))


def has_sentence(key: str, locale: Locale) -> bool:
    return key in catalogue(locale)


@cache
def catalogue(locale: Locale) -> dict[str, str]:
    """Every sentence of a language, by dotted key. Raises ValueError where two files define one key."""
    sentences: dict[str, str] = {}
    for path in sorted((_FOLDER / locale).glob("*.yaml")):
        for key, sentence in _flattened(yaml.safe_load(path.read_text(encoding="utf-8")) or {}, ""):
            if key in sentences:
                raise ValueError(f"{path.name} defines {key!r} again")
            sentences[key] = sentence
    return sentences


def preferred_locale(accept_language: str | None, default: Locale) -> Locale:
    """The first language of an Accept-Language header that the product speaks."""
    for choice in (accept_language or "").split(","):
        language = choice.split(";")[0].strip().lower()[:2]
        for locale in LOCALES:
            if language == locale:
                return locale
    return default


def _flattened(node: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in node.items():
        key = f"{prefix}{name}"
        rows.extend(_flattened(value, f"{key}.") if isinstance(value, dict) else [(key, str(value))])
    return rows


class _Lenient(dict[str, Any]):
    """A parameter that was not given shows as its name rather than hiding the whole sentence."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"
