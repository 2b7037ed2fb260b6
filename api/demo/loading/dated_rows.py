"""Bulk writes whose history says when things truly happened and who did them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal
from uuid import UUID, uuid5

from sqlalchemy import Connection, Insert, Table, Update, bindparam, cast, func, insert, select, true, update

from crm_core.foundation.database import Origin, Record

_NAMESPACE = UUID("5a1e5d03-0d0e-5c00-8000-000000000000")
_CHANNEL = "demo"


def identity(kind: type[Record], code: str) -> UUID:
    """The id of a record: the same code has the same id in every installation."""
    return uuid5(_NAMESPACE, f"{kind.__tablename__}:{code}")


def optional_identity(kind: type[Record], code: str | None) -> UUID | None:
    """The id of a record that may be absent."""
    return None if code is None else identity(kind, code)


@dataclass(frozen=True, slots=True)
class DatedRow:
    """One insert or update (by id) of one record at the time it truly happened. `values` always holds the id."""

    kind: type[Record]
    values: Mapping[str, Any]
    at: datetime
    actor_id: UUID | None = None
    operation: Literal["insert", "update"] = "insert"


class DatedWriter:
    """Writes rows in the order given, those of one kind and shape in one batch.

    Each row is a statement of its own that first tells the history trigger who and when; triggers run at the end of
    their statement, so each sees its own row's origin.
    """

    def __init__(self, connection: Connection, playbook_version: int) -> None:
        self._connection = connection
        self._playbook_version = playbook_version

    def write(self, rows: Iterable[DatedRow]) -> int:
        """Write all rows; returns their number."""
        count = 0
        for (kind, operation, names), batch in groupby(rows, key=_shape):
            table = kind.__table__
            assert isinstance(table, Table)
            make = _insert_statement if operation == "insert" else _update_statement
            parameters = [self._parameters(row) for row in batch]
            self._connection.execute(make(table, names), parameters)
            count += len(parameters)
        return count

    def _parameters(self, row: DatedRow) -> dict[str, Any]:
        origin = Origin(_CHANNEL, row.actor_id, playbook_version=self._playbook_version, occurred_at=row.at)
        return {**{f"new_{name}": value for name, value in row.values.items()}, "origin": origin.as_json()}


def _shape(row: DatedRow) -> tuple[type[Record], str, tuple[str, ...]]:
    return row.kind, row.operation, tuple(row.values)


def _insert_statement(table: Table, names: tuple[str, ...]) -> Insert:
    columns = [cast(bindparam(f"new_{name}", type_=table.c[name].type), table.c[name].type) for name in names]
    source = select(*columns).where(_origin_is_told())
    return insert(table).from_select(list(names), source, include_defaults=False)


def _update_statement(table: Table, names: tuple[str, ...]) -> Update:
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names if name != "id"}
    return update(table).where(table.c.id == bindparam("new_id"), _origin_is_told()).values(values)


def _origin_is_told() -> Any:
    """True, and the transaction's origin is from here on the row's own."""
    return func.set_config("salesdojo.origin", bindparam("origin"), true()).is_not(None)
