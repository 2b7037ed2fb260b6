"""Which column of a file is which field of ours: by its name, as it was last time, or as somebody says."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from crm_core.intake.errors import ImportColumnsMissing, ImportMappingInvalid
from crm_core.intake.targets import REQUIRED, Field, Target, plain

_NEAR = 0.84


def suggested_mapping(header: Sequence[str], fields: Mapping[str, Field]) -> dict[str, str]:
    """Column → field where the names say so: exactly first, then nearly, each field once."""
    mapping: dict[str, str] = {}
    for recognise in (_exactly, _nearly):
        for column in header:
            free = [field for code, field in fields.items() if code not in mapping.values()]
            found = recognise(plain(column), free) if column not in mapping else None
            if found is not None:
                mapping[column] = found.code
    return {column: mapping[column] for column in header if column in mapping}


def recognised_columns(cells: Iterable[str], fields: Mapping[str, Field]) -> int:
    """How many cells of a line are names of fields: what tells a header from what stands above it."""
    names = frozenset().union(*(field.names for field in fields.values()))
    return sum(plain(cell) in names for cell in cells if cell)


def checked_mapping(
    target: Target,
    header: Sequence[str],
    fields: Mapping[str, Field],
    wished: Mapping[str, str],
    *,
    is_complete: bool = True,
) -> dict[str, str]:
    """The mapping as it is kept. Raises ImportMappingInvalid, and ImportColumnsMissing where it must be complete."""
    for column in wished:
        if column not in header:
            raise ImportMappingInvalid(problem=f"the file has no column {column!r}")
    codes = list(wished.values())
    for code in codes:
        if code not in fields:
            raise ImportMappingInvalid(problem=f"there is no field {code!r}")
        if codes.count(code) > 1:
            raise ImportMappingInvalid(problem=f"two columns are mapped to {code!r}")
    missing = missing_fields(target, wished)
    if missing and is_complete:
        raise ImportColumnsMissing(fields=", ".join(missing), headers=", ".join(header))
    return dict(wished)


def missing_fields(target: Target, mapping: Mapping[str, str]) -> list[str]:
    """What every row needs and no column is."""
    return [" / ".join(group) for group in REQUIRED[target] if not set(group) & set(mapping.values())]


def header_digest(header: Sequence[str]) -> str:
    """The same for two files with the same columns in the same order."""
    return hashlib.sha256(json.dumps(list(header), ensure_ascii=False).encode()).hexdigest()


def _exactly(column: str, fields: Sequence[Field]) -> Field | None:
    return next((field for field in fields if column in field.names), None)


def _nearly(column: str, fields: Sequence[Field]) -> Field | None:
    names = {name: field for field in fields for name in sorted(field.names) if len(name) > 1}
    close = get_close_matches(column, names, n=1, cutoff=_NEAR)
    return names[close[0]] if close else None
