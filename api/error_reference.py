"""Writes docs/errors.md: every code that the product answers with. `make docs` runs it."""

import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module

from api.problems import status_of
from crm_core.foundation.errors import ProductError
from crm_core.foundation.translations import translate

PACKAGES = ("crm_core", "asr", "qa", "knowledge", "coaching", "api")
#: importing these runs them
_PROGRAMS = frozenset({"api.__main__", "api.error_reference", "api.migrations.env"})

_HEAD = """# Errors

Every refusal carries `code`, `what`, `remedy`, often `where`, the `parameters` behind the sentences, a `request_id`.
Codes are stable; sentences come in Chinese and English by Accept-Language. `make docs` writes this page from the code.

| code | HTTP | what | what to do |
|---|---|---|---|
"""


def error_reference() -> str:
    """The page, as Markdown."""
    for name in _module_names():
        import_module(name)
    by_code = {error.code: error for error in _all_errors(ProductError)}
    rows = [_row(code, by_code[code]) for code in sorted(by_code)]
    return _HEAD + "\n".join(rows) + "\n"


def _module_names() -> Iterator[str]:
    for package in PACKAGES:
        for found in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if found.name not in _PROGRAMS and "migrations.versions" not in found.name and not found.ispkg:
                yield found.name


def _all_errors(family: type[ProductError]) -> Iterator[type[ProductError]]:
    """Families and their members, as far as the product itself defines them."""
    if family.__module__.split(".")[0] in PACKAGES:
        yield family
    for member in family.__subclasses__():
        yield from _all_errors(member)


def _row(code: str, error: type[ProductError]) -> str:
    sentences = [translate(f"error.{code}.{part}", "en").replace("|", "\\|") for part in ("what", "remedy")]
    return f"| `{code}` | {status_of(error())} | {sentences[0]} | {sentences[1]} |"


if __name__ == "__main__":
    sys.stdout.write(error_reference())
