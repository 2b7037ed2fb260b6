"""Versions of the playbook: drafts, their changes, what differs, and publication."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.contracts.inputs import Input
from api.contracts.leads import LeadFacts, MissingThing

Note = Annotated[str, Field(max_length=2000)]
Reason = Annotated[str, Field(min_length=1, max_length=400)]
PathPart = Annotated[str, Field(min_length=1, max_length=80)]


class DraftFacts(BaseModel):
    """A version or a draft, without its content; a draft has no number."""

    id: UUID
    created_at: datetime
    number: int | None
    status: Literal["draft", "published", "retired", "discarded"]
    note: str
    #: the version that it was made from
    base_number: int | None
    created_by: UUID | None
    created_by_name: str | None = None
    published_at: datetime | None
    published_by: UUID | None
    published_by_name: str | None = None
    #: why it was published without a rehearsal that it passed
    skip_reason: str | None
    #: of a draft: stage that is gone → stage where its leads go on
    stage_map: dict[str, str]
    #: changes name the revision that they were made on
    revision: int


class Versions(BaseModel):
    """Drafts first, then the numbered versions, latest first."""

    items: list[DraftFacts]
    total: int


class DraftContent(BaseModel):
    """A version with its whole content."""

    facts: DraftFacts
    content: dict[str, Any]


class NewDraft(Input):
    """Made from a numbered version, or a template, or else from the version in force."""

    version: int | None = Field(default=None, ge=1)
    template: str | None = Field(default=None, max_length=80)
    note: Note = ""


class DraftEdit(Input):
    """One change; entries of lists go by their code, a required document by its kind, others by position from 1."""

    path: list[PathPart] = Field(min_length=1, max_length=20)
    operation: Literal["set", "remove", "move"] = "set"
    #: set: what stands there from now on
    value: Any = None
    #: move: the new place of the entry, from 1
    position: int | None = Field(default=None, ge=1, le=10_000)


class DraftEdits(Input):
    """All of them or none."""

    revision: int
    edits: list[DraftEdit] = Field(min_length=1, max_length=500)


class StageMapInput(Input):
    revision: int
    stage_map: dict[PathPart, PathPart] = Field(max_length=100)


class Publication(Input):
    """What was seen and decided: the draft's revision, and the number of the version that it replaces."""

    revision: int
    replaces: int
    note: Note = ""
    #: publish without a rehearsal that was passed; recorded for good
    skip_reason: str | None = Field(default=None, max_length=400)


class RollBack(Input):
    """Put an older content in force again as a new version."""

    replaces: int
    reason: Reason


class Obstacle(BaseModel):
    """Something that stands in the way of publishing."""

    code: str
    what: str
    where: str | None = None
    remedy: str


class Readiness(BaseModel):
    """Whether a draft may be published; `is_skippable`: only the rehearsal is left, and a reason may replace it."""

    is_ready: bool
    is_skippable: bool
    obstacles: list[Obstacle]
    #: the version that it would replace
    replaces: int


class ChangeView(BaseModel):
    """One difference, in words and for programs."""

    section: str
    path: str
    kind: Literal["changed", "added", "removed", "moved"]
    old: Any
    new: Any
    sentence: str


class Comparison(BaseModel):
    """What differs between two versions."""

    old: DraftFacts
    new: DraftFacts
    items: list[ChangeView]
    total: int


class GoneStage(BaseModel):
    """A stage that the draft has removed and that leads stand in; to_stage null: not decided yet."""

    stage: str
    name: str
    leads: int
    to_stage: str | None
    to_name: str | None


class StrandedLeadView(BaseModel):
    """A lead in such a stage, and what it would lack for its next move there."""

    lead: LeadFacts
    from_name: str
    to_stage: str | None
    to_name: str | None
    missing: list[MissingThing]


class StageMapView(BaseModel):
    """Where leads go whose stage is gone, and each lead that this concerns."""

    stages: list[GoneStage]
    items: list[StrandedLeadView]
    total: int
    #: stages of the draft: code → name
    targets: dict[str, str]


class PlaybookProblem(BaseModel):
    """One mistake in a document."""

    file: str | None
    line: int | None
    field: str
    code: str
    what: str
    remedy: str


class PlaybookCheck(BaseModel):
    is_sound: bool
    problems: list[PlaybookProblem]


class Sentence(BaseModel):
    """A notification in the product's own words, and what it can name."""

    code: str
    text: str
    placeholders: list[str]


class Sentences(BaseModel):
    items: list[Sentence]
    total: int
