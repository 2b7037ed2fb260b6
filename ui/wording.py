"""The words on the screens, in Chinese and English; the server's own sentences arrive translated."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Locale = Literal["zh", "en"]
LOCALES: tuple[Locale, ...] = ("zh", "en")

_FOLDER = Path(__file__).parent / "translations"


@cache
def catalogue(locale: Locale) -> dict[str, str]:
    """Every sentence of a language by dotted key; one YAML file a screen."""
    sentences: dict[str, str] = {}
    for path in sorted((_FOLDER / locale).glob("*.yaml")):
        sentences.update(_flattened(yaml.safe_load(path.read_text(encoding="utf-8")), f"{path.stem}."))
    return sentences


def word(locale: Locale, key: str, **parameters: Any) -> str:
    """The sentence for a key. Raises KeyError for a key that the language lacks."""
    return catalogue(locale)[key].format(**parameters)


def _flattened(node: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in node.items():
        key = f"{prefix}{name}"
        rows.extend(_flattened(value, f"{key}.") if isinstance(value, dict) else [(key, str(value))])
    return rows
