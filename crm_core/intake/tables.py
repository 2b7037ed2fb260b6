"""Imports and what came of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, text
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
    #: what the file's columns hold: [{"name": "客户名称", "samples": […], "values": […]}]
    columns: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    #: column → field
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: field → {text of the file: what it means here}
    value_mapping: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    #: when_exists, creates_missing, date_order
    options: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    #: received, waiting, rehearsed, running, done, refused, cancelled
    status: Mapped[str] = mapped_column(String(12))
    #: how far it has got: rows up to here are kept, and a run that is taken up again goes on after them
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_created: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    #: what came of the rows, batch by batch: [{"sha256": "…", "created": 4980, "refused": 20}]
    result_files: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    #: of the file as a whole: [{"row": null, "column": null, "code": "…", "parameters": {…}}]
    problems: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    started_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    finished_at: Mapped[datetime | None]
