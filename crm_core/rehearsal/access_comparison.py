"""Who would see or change what: role × record × field, row scopes and rights of two playbooks, cell by cell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from crm_core.process.access_rules import ROLE_NAMES
from crm_core.process.playbook import Playbook

_ALL = "*"
_REACHES = ("none", "own", "team", "region", "all")
_LEVELS = ("hidden", "read", "edit")


@dataclass(frozen=True, slots=True)
class AccessChange:
    """A cell that differs. `field` is "*" for all fields without a line of their own, and of scopes and rights none."""

    kind: Literal["field", "scope", "right"]
    role: str
    record: str
    field: str
    old: str
    new: str
    is_more: bool


def access_changes(old: Playbook, new: Playbook) -> list[AccessChange]:
    """Fields, then row scopes, then rights; in the order of records and roles."""
    return [*_fields(old, new), *_scopes(old, new), *_rights(old, new)]


def _fields(old: Playbook, new: Playbook) -> Iterator[AccessChange]:
    for record in dict.fromkeys((*old.field_matrix, *new.field_matrix)):
        before, after = old.field_matrix.get(record, {}), new.field_matrix.get(record, {})
        for field in dict.fromkeys((_ALL, *before, *after)):
            for role in ROLE_NAMES:
                was, becomes = _level(before, field, role), _level(after, field, role)
                if was != becomes:
                    is_more = _LEVELS.index(becomes) > _LEVELS.index(was)
                    yield AccessChange("field", role, record, field, was, becomes, is_more)


def _level(fields: Mapping[str, Mapping[str, Any]], field: str, role: str) -> str:
    level = fields.get(field, {}).get(role)
    return str(level if level is not None else fields.get(_ALL, {}).get(role, "hidden"))


def _scopes(old: Playbook, new: Playbook) -> Iterator[AccessChange]:
    for role in ROLE_NAMES:
        before, after = old.row_scopes.get(role, {}), new.row_scopes.get(role, {})
        for record in dict.fromkeys((_ALL, *before, *after)):
            was, becomes = _reach(before, record), _reach(after, record)
            if was != becomes:
                is_more = _REACHES.index(becomes) > _REACHES.index(was)
                yield AccessChange("scope", role, record, "", was, becomes, is_more)


def _reach(scopes: Mapping[str, Any], record: str) -> str:
    return str(scopes.get(record, scopes.get(_ALL, "none")))


def _rights(old: Playbook, new: Playbook) -> Iterator[AccessChange]:
    for role in ROLE_NAMES:
        before, after = set(old.rights.get(role, ())), set(new.rights.get(role, ()))
        for right in sorted(before ^ after):
            is_more = right in after
            yield AccessChange(
                "right", role, right, "", "no" if is_more else "yes", "yes" if is_more else "no", is_more
            )
