"""Writes many rows at once: PostgreSQL's COPY, in the session's own transaction, under the same triggers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from crm_core.foundation.database import Base


def copy_rows(session: Session, mapped: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of a mapped class that name the same columns each; only the database fills the others."""
    if not rows:
        return
    session.flush()
    table = mapped.__table__
    names = list(rows[0])
    is_json = [isinstance(table.columns[name].type, JSONB) for name in names]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(mapped.__tablename__), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(_adapted(row, names, is_json))


def _adapted(row: Mapping[str, Any], names: Iterable[str], is_json: Iterable[bool]) -> list[Any]:
    return [
        Jsonb(row[name]) if wraps and row[name] is not None else row[name]
        for name, wraps in zip(names, is_json, strict=True)
    ]
