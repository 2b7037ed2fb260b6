"""The history of a record field by field, as far as one viewer may read its fields."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_core.customers.acting import Acting
from crm_core.foundation.history import HistoryEntry, changes
from crm_core.people.access import Level

#: columns that serve the machinery, not a reader
_UNTOLD = frozenset({"id", "created_at", "name_pinyin", "version", "alarm_at", "alarm_step", "overdue_at"})
#: a column that holds fields of its own, which have rights of their own
_NESTED = "fields"


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    old: Any
    new: Any
    changed_at: datetime
    actor_id: UUID | None
    channel: str


def field_changes(acting: Acting, record: str, record_id: UUID, *, limit: int = 500) -> Sequence[FieldChange]:
    """What changed in which field of a customer or lead, latest first; hidden fields are left out."""
    return [
        FieldChange(name, old, new, entry.changed_at, entry.actor_id, entry.channel)
        for entry in changes(acting.session, f"{record}s", record_id, limit=limit)
        for name, old, new in _changed(entry)
        if acting.policy.level(acting.viewer, record, name) >= Level.READ
    ]


def _changed(entry: HistoryEntry) -> Iterator[tuple[str, Any, Any]]:
    old_values, new_values = _flat(entry.old_values), _flat(entry.new_values)
    for name in sorted((old_values.keys() | new_values.keys()) - _UNTOLD):
        old, new = old_values.get(name), new_values.get(name)
        if old != new:
            yield name, old, new


def _flat(values: dict[str, Any] | None) -> dict[str, Any]:
    plain = dict(values or {})
    nested = plain.pop(_NESTED, None) or {}
    return {**plain, **nested}
