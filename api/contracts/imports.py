"""Imports of other people's tables."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

ImportTarget = Literal["customers", "leads"]


class ImportFacts(BaseModel):
    """A file that was brought in: waiting → rehearsed → running → done; refused as a whole at any step."""

    id: UUID
    created_at: datetime
    target: ImportTarget
    file_name: str
    #: null for a workbook
    encoding: str | None
    #: column → field
    mapping: dict[str, str]
    #: what a column may be mapped to
    fields: list[str]
    status: Literal["waiting", "rehearsed", "running", "done", "refused"]
    rows_total: int
    rows_created: int
    rows_unchanged: int
    rows_refused: int
    problems_total: int
    finished_at: datetime | None


class Imports(BaseModel):
    items: list[ImportFacts]
    total: int


class RowProblem(BaseModel):
    """What is wrong with a row, and what to do; no row: with the file as a whole."""

    row: int | None
    column: str | None
    code: str
    what: str
    remedy: str


class RowProblems(BaseModel):
    items: list[RowProblem]
    total: int
