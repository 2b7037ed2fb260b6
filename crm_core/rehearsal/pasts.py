"""What records held at an instant: what they hold now, with every later change undone as history tells it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Session

from crm_core.foundation.history import HistoryEntry
from crm_core.pipeline.dwell.repository import among

Values = Mapping[str, Any]


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


#: how a value that is no plain JSON comes back from history
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "customer_id": UUID,
    "region_id": UUID,
    "owner_id": UUID,
    "presales_id": UUID,
    "amount": _decimal,
    "expected_sign_on": date.fromisoformat,
    "stage_entered_at": datetime.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded change: what the changed columns held before; nothing for the making of the record."""

    at: datetime
    is_insert: bool
    old_values: Values


class Pasts:
    """Records of one table with their recorded changes."""

    def __init__(self, current: Mapping[UUID, Values], changes: Mapping[UUID, Sequence[Change]]) -> None:
        self._current = current
        self._changes = changes

    def current(self, record_id: UUID) -> Values:
        """What a record holds now. Raises KeyError for an unknown one."""
        return self._current[record_id]

    def at(self, record_id: UUID, instant: datetime) -> Values:
        """What a record held; before it was made, what it was made with. Raises KeyError for an unknown one."""
        values = self._current[record_id]
        undone: dict[str, Any] = {}
        for change in self._changes.get(record_id, ()):
            if change.at <= instant or change.is_insert:
                break
            undone.update(change.old_values)
        return {**values, **undone} if undone else values

    def walk(self, record_id: UUID, start: datetime, end: datetime) -> Iterator[tuple[datetime, Values]]:
        """What a record held after each change from an instant on and before another, oldest first."""
        for change in reversed(self._changes.get(record_id, ())):
            if start <= change.at < end:
                yield change.at, self.at(record_id, change.at)

    def made_at(self, record_id: UUID) -> datetime | None:
        """When history says that the record was made; None when that is not among its changes."""
        changes = self._changes.get(record_id, ())
        return next((change.at for change in changes if change.is_insert), None)

    def __contains__(self, record_id: UUID) -> bool:
        return record_id in self._current


def changes_since(
    session: Session, table_name: str, names: Sequence[str], instant: datetime
) -> dict[UUID, list[Change]]:
    """The changes of these columns from an instant on, latest first for each record."""
    return _by_record(session, names, [HistoryEntry.table_name == table_name, HistoryEntry.changed_at >= instant])


def changes_of(
    session: Session, table_name: str, names: Sequence[str], record_ids: Sequence[UUID]
) -> dict[UUID, list[Change]]:
    """Every change of these columns of some records, latest first for each."""
    of_records = [HistoryEntry.table_name == table_name, among(HistoryEntry.record_id, record_ids)]
    return _by_record(session, names, of_records)


def _by_record(
    session: Session, names: Sequence[str], conditions: Sequence[ColumnElement[bool]]
) -> dict[UUID, list[Change]]:
    wanted = frozenset(names)
    any_of_names = HistoryEntry.old_values.op("?|")(literal(list(names), ARRAY(TEXT)))
    statement = (
        select(HistoryEntry.record_id, HistoryEntry.changed_at, HistoryEntry.operation, HistoryEntry.old_values)
        .where(*conditions, or_(HistoryEntry.operation == "insert", any_of_names))
        .order_by(HistoryEntry.changed_at.desc(), HistoryEntry.id.desc())
    )
    found: defaultdict[UUID, list[Change]] = defaultdict(list)
    for record_id, at, operation, old_values in session.execute(statement):
        old = {name: _read(name, value) for name, value in (old_values or {}).items() if name in wanted}
        found[record_id].append(Change(at, operation == "insert", old))
    return dict(found)


def _read(name: str, value: Any) -> Any:
    return _READERS[name](value) if value is not None and name in _READERS else value
