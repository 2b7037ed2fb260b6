"""One finding on its way into the list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.identifiers import new_id
from crm_core.rehearsal.tables import RehearsalFinding


@dataclass(frozen=True, slots=True)
class Row:
    """Columns of `RehearsalFinding` by their names."""

    kind: Literal["assignment", "move", "alarm", "stage"]
    change: str
    lead_id: UUID
    happened_at: datetime
    old_owner_id: UUID | None
    new_owner_id: UUID | None
    codes: tuple[str, ...]
    details: Mapping[str, Any]


def write_rows(session: Session, rehearsal_id: UUID, rows: Iterable[Row]) -> None:
    """Keep the findings of a rehearsal; a copy, because there may be hundreds of thousands."""
    session.flush()
    connection = session.connection().connection.driver_connection
    assert connection is not None
    now = clock.now()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {RehearsalFinding.__tablename__} ({', '.join(_COLUMNS)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row((new_id(), now, rehearsal_id, *(_sent(getattr(row, name)) for name in _ROW_COLUMNS)))


_ROW_COLUMNS = tuple(column.name for column in fields(Row))
_COLUMNS = ("id", "created_at", "rehearsal_id", *_ROW_COLUMNS)


def _sent(value: Any) -> Any:
    """As the driver knows to write it."""
    if isinstance(value, tuple):
        return list(value)
    return Jsonb(value) if isinstance(value, Mapping) else value
