"""Writes many rows at once: PostgreSQL's COPY, in the session's own transaction, under the same triggers."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from crm_core.foundation.database import Base


def copy_rows(session: Session, mapped: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of a mapped class by their columns; what no row names is left to the database's own defaults."""
    if not rows:
        return
    session.flush()
    table = mapped.__table__
    names = list(dict.fromkeys(name for row in rows for name in row))
    is_json = [isinstance(table.columns[name].type, JSONB) for name in names]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(mapped.__tablename__), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_adapted(row.get(name), wraps) for name, wraps in zip(names, is_json, strict=True)])


def _adapted(value: Any, is_json: bool) -> Any:  # noqa: FBT001 - called for every value of a million rows
    return Jsonb(value) if is_json and value is not None else value
