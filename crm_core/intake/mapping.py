"""Which column of a file is which field of ours."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import yaml

from crm_core.intake.errors import ImportColumnsMissing, ImportMappingInvalid

Target = Literal["customers", "leads"]
TARGETS: tuple[Target, ...] = get_args(Target)

#: fields that every row must have
_REQUIRED: Mapping[Target, tuple[str, ...]] = {"customers": ("name",), "leads": ("customer", "title")}
_NOT_A_LETTER = re.compile(r"[\W_]+")


def fields_of(target: str) -> tuple[str, ...]:
    """What a column may be mapped to."""
    return tuple(_header_names()[target])


def complete_mapping(target: Target, header: Sequence[str], wished: Mapping[str, str | None]) -> dict[str, str]:
    """Header → field: as wished, and by the header's own name where nothing is wished; None leaves a column out.

    Raises ImportMappingInvalid, ImportColumnsMissing.
    """
    _check_wish(target, header, wished)
    mapping = {column: field for column, field in wished.items() if field is not None}
    for column in header:
        field = _recognised(target, column)
        if column not in wished and field is not None and field not in mapping.values():
            mapping[column] = field
    missing = [field for field in _REQUIRED[target] if field not in mapping.values()]
    if missing:
        raise ImportColumnsMissing(fields=", ".join(missing), headers=", ".join(header))
    return mapping


def _check_wish(target: Target, header: Sequence[str], wished: Mapping[str, str | None]) -> None:
    fields = [field for field in wished.values() if field is not None]
    for column in wished:
        if column not in header:
            raise ImportMappingInvalid(problem=f"the file has no column {column!r}")
    for field in fields:
        if field not in fields_of(target):
            raise ImportMappingInvalid(problem=f"there is no field {field!r}")
        if fields.count(field) > 1:
            raise ImportMappingInvalid(problem=f"two columns are mapped to {field!r}")


def _recognised(target: Target, column: str) -> str | None:
    wanted = _plain(column)
    names = _header_names()[target]
    return next((field for field, known in names.items() if wanted == _plain(field) or wanted in known), None)


@cache
def _header_names() -> dict[str, dict[str, frozenset[str]]]:
    content = yaml.safe_load(Path(__file__).with_name("header_names.yaml").read_text(encoding="utf-8"))
    return {
        target: {field: frozenset(map(_plain, names)) for field, names in fields.items()}
        for target, fields in content.items()
    }


def _plain(name: str) -> str:
    return _NOT_A_LETTER.sub("", unicodedata.normalize("NFKC", name).casefold())
