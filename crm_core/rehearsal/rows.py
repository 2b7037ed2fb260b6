"""One finding on its way into the list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.identifiers import new_id
from crm_core.rehearsal.tables import RehearsalFinding

_BATCH = 2_000


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
    """Keep the findings of a rehearsal."""
    now = clock.now()
    values = (_values(row, rehearsal_id, now) for row in rows)
    while batch := list(islice(values, _BATCH)):
        session.execute(insert(RehearsalFinding), batch)


def _values(row: Row, rehearsal_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "created_at": now,
        "rehearsal_id": rehearsal_id,
        "kind": row.kind,
        "change": row.change,
        "lead_id": row.lead_id,
        "happened_at": row.happened_at,
        "old_owner_id": row.old_owner_id,
        "new_owner_id": row.new_owner_id,
        "codes": list(row.codes),
        "details": dict(row.details),
    }
