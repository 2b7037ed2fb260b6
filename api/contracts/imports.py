"""Imports of other people's tables."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.contracts.inputs import Input
from api.contracts.paging import Page

ImportTarget = Literal["people", "customers", "leads", "history"]
ImportStatus = Literal["received", "waiting", "rehearsed", "running", "done", "refused", "cancelled"]
WhenExists = Literal["leave", "fill_empty", "overwrite"]
DateOrder = Literal["year_first", "month_first", "day_first"]
RowFate = Literal["created", "changed", "unchanged", "refused"]
_Words = Annotated[str, Field(max_length=4000)]


class ImportChoice(BaseModel):
    """A value that a field may have."""

    code: str
    name: str


class ImportField(BaseModel):
    """What a column may be mapped to."""

    code: str
    label: str
    #: of those that share a group, every row must fill one
    required_group: int | None
    #: empty: anything that is written
    choices: list[ImportChoice]


class ImportColumn(BaseModel):
    """A column of the file, what stands in it, and which field it becomes."""

    name: str
    samples: list[str]
    #: its different values, where they are few
    values: list[str]
    field: str | None


class ImportFacts(BaseModel):
    """A file that is brought in: received → waiting → rehearsed → running → done.

    Refused as a whole or cancelled at any step.
    """

    id: UUID
    created_at: datetime
    target: ImportTarget
    file_name: str
    #: null for a workbook
    encoding: str | None
    columns: list[ImportColumn]
    #: column → field
    mapping: dict[str, str]
    #: field → {text of the file: what it means here}
    value_mapping: dict[str, dict[str, str]]
    #: what a column may be mapped to
    fields: list[ImportField]
    #: labels of the fields that every row needs and no column is
    missing: list[str]
    when_exists: WhenExists
    creates_missing: bool
    date_order: DateOrder
    status: ImportStatus
    #: how far the rehearsal or the run is
    rows_done: int
    #: known once it has been rehearsed
    rows_total: int
    rows_created: int
    rows_changed: int
    rows_unchanged: int
    rows_refused: int
    problems_total: int
    finished_at: datetime | None


class Imports(BaseModel):
    items: list[ImportFacts]
    total: int


class ImportChoices(Input):
    """What whoever imports decides; what is left out stays as it is."""

    #: column → field; null leaves the column out
    mapping: dict[_Words, _Words | None] = Field(default_factory=dict, max_length=500)
    value_mapping: dict[_Words, dict[_Words, _Words]] | None = Field(default=None, max_length=500)
    when_exists: WhenExists | None = None
    creates_missing: bool | None = None
    date_order: DateOrder | None = None


class RowProblem(BaseModel):
    """What is wrong with a row, and what to do; no row: with the file as a whole."""

    row: int | None
    column: str | None
    code: str
    what: str
    remedy: str


class RowProblems(BaseModel):
    items: list[RowProblem]
    #: how many rows have problems
    total: int


class RowQuery(Page):
    """Rows of which fate are wanted."""

    fate: RowFate = "created"


class RowResult(BaseModel):
    """A row of the file, and the record that it is or has become."""

    row: int
    fate: RowFate
    record_id: UUID | None
    name: str


class RowResults(BaseModel):
    items: list[RowResult]
    total: int
