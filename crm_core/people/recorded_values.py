"""What the records of the roster held at the end of a day, read back from history."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.clock import BUSINESS_ZONE
from crm_core.foundation.history import HistoryEntry

Values = Mapping[str, Any]

#: how a value that is no plain JSON comes back from history
_READERS: Mapping[str, Callable[[str], Any]] = {
    "team_id": UUID,
    "region_id": UUID,
    "manager_id": UUID,
    "away_until": date.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class _Change:
    at: datetime
    is_insert: bool
    old_values: Values


@dataclass(frozen=True, slots=True)
class RecordedChanges:
    """Changes of some tables since a day, latest first for each record."""

    by_record: Mapping[tuple[str, UUID], list[_Change]]

    def days(self) -> frozenset[date]:
        """The days on which something changed."""
        return frozenset(_day_of(change.at) for changes in self.by_record.values() for change in changes)

    def touch(self, table_name: str, record_id: UUID | None) -> bool:
        return record_id is not None and (table_name, record_id) in self.by_record

    def values_on(self, table_name: str, record_id: UUID, current: Values, day: date) -> Values:
        """What a record held at the end of a day; for days before it was recorded, what it held when it first was."""
        changes = self.by_record.get((table_name, record_id))
        if changes is None:
            return current
        recorded_on = next((_day_of(change.at) for change in changes if change.is_insert), day)
        instant = end_of(max(day, recorded_on))
        values = dict(current)
        for change in changes:
            if change.at < instant:
                break
            values.update((name, _read(name, old)) for name, old in change.old_values.items() if name in values)
        return values


def changes_since(session: Session, table_names: tuple[str, ...], day: date) -> RecordedChanges:
    """Every change after the end of a day, in one query; none for today and days ahead."""
    found: defaultdict[tuple[str, UUID], list[_Change]] = defaultdict(list)
    if day < clock.today():
        for row in session.execute(_changes_after(table_names, end_of(day))):
            found[row.table_name, row.record_id].append(
                _Change(row.changed_at, row.operation == "insert", row.old_values or {})
            )
    return RecordedChanges(found)


def end_of(day: date) -> datetime:
    """The first instant after a day, where the business is."""
    return datetime.combine(day + timedelta(days=1), time(), BUSINESS_ZONE)


def _changes_after(table_names: tuple[str, ...], instant: datetime) -> Any:
    columns = ("table_name", "record_id", "operation", "old_values", "changed_at")
    return (
        select(*(HistoryEntry.__table__.columns[name] for name in columns))
        .where(HistoryEntry.table_name.in_(table_names), HistoryEntry.operation != "delete")
        .where(HistoryEntry.changed_at >= instant)
        .order_by(HistoryEntry.changed_at.desc(), HistoryEntry.id.desc())
    )


def _read(name: str, value: Any) -> Any:
    return _READERS[name](value) if name in _READERS and value is not None else value


def _day_of(instant: datetime) -> date:
    return instant.astimezone(BUSINESS_ZONE).date()
