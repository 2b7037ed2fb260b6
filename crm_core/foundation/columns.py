"""Reads many rows of numbers into arrays: PostgreSQL's binary COPY, as it comes, without an object for each value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select
from sqlalchemy.orm import Session

#: what stands before the first row and after the last one
_HEADER_BYTES = 19
_TRAILER_BYTES = 2

Columns = Mapping[str, NDArray[Any]]


def read_columns(session: Session, statement: Select[*tuple[Any, ...]], formats: Mapping[str, str]) -> Columns:
    """The result of a statement by column; `formats` say in its order which integers (`i2`, `i4`, `i8`) to expect.

    An instant is an `i8`, microseconds since 2000 in UTC. A uuid `lead` is a `u16` and becomes two columns,
    `lead_high` and `lead_low`. No value may be null.
    """
    session.flush()
    row = np.dtype([field for name, kind in formats.items() for field in _fields(name, kind)])
    row = np.dtype([("width", ">i2"), *row.descr])
    rows = np.frombuffer(_copied(session, statement), dtype=row, offset=_HEADER_BYTES)
    for name, kind in formats.items():
        if len(rows) and not (rows[f"{name}_length"] == int(kind[1:])).all():
            raise ValueError(f"column {name} has nulls or is not of the kind {kind}")
    wanted = [name for name in row.names or () if name != "width" and not name.endswith("_length")]
    return {name: rows[name].astype(row[name].newbyteorder("=")) for name in wanted}


def _fields(name: str, kind: str) -> list[tuple[str, str]]:
    length = (f"{name}_length", ">i4")
    if kind == "u16":
        return [length, (f"{name}_high", ">u8"), (f"{name}_low", ">u8")]
    return [length, (name, f">{kind}")]


def _copied(session: Session, statement: Select[*tuple[Any, ...]]) -> memoryview:
    compiled = statement.compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
    connection = session.connection().connection.driver_connection
    assert connection is not None
    content = bytearray()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({compiled.string}) TO STDOUT (FORMAT BINARY)", compiled.params) as copy,
    ):
        for block in copy:
            content += block
    return memoryview(content)[:-_TRAILER_BYTES]
