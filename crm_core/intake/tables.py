"""Imports and what came of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.foundation.database import Record


class ImportRun(Record):
    """One file brought in; the same file with the same mapping twice changes nothing."""

    __tablename__ = "import_runs"

    #: people, customers, leads, history
    target: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64), index=True)
    encoding: Mapped[str | None] = mapped_column(String(40))
    #: of the columns' names: the next file with the same columns is offered the same mapping
    header_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: waiting, rehearsed, running, done, refused
    status: Mapped[str] = mapped_column(String(12))
    #: how far a run has got: rows up to here are kept, and a run that is taken up again goes on after them
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_created: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    #: [{"row": 7, "column": "手机", "code": "…", "parameters": {…}}]
    problems: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    started_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    finished_at: Mapped[datetime | None]
