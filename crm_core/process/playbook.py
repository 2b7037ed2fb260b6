"""The playbook: one validated document with everything that an operations person may change."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from crm_core.process.access_rules import FieldMatrix, RoleName, RowScopes
from crm_core.process.vocabulary import Lexicon, Method, Skill, TrainingCourse

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
FieldType = Literal["text", "number", "date", "choice", "choices", "person"]
#: who gets a task of a chain: the lead's people, or whoever asked for the chain
AssigneeRule = Literal["owner", "presales", "delivery_owner", "manager", "requester"]


class Section(BaseModel):
    """A part of the playbook; never changed once read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Section):
    """Words on a screen, in both languages."""

    zh: str
    en: str

    def spoken(self, locale: str) -> str:
        return self.en if locale == "en" else self.zh


class Choice(Section):
    code: Code
    name: Label


class RequiredField(Section):
    """Something a lead must say before it may leave a stage."""

    code: Code
    label: Label
    type: FieldType
    #: how the person asked for it gets it
    how: Label
    choices: tuple[Choice, ...] = ()
    #: take the choices from the lexicon of pain points instead
    choices_from: Literal["pain_points"] | None = None
    #: choices: exactly this many, all different
    count: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _choices_for_choosing(self) -> Self:
        chooses = self.type in {"choice", "choices"}
        if chooses != bool(self.choices or self.choices_from):
            raise ValueError("choice and choices need `choices` or `choices_from`; other types have none")
        return self


class RequiredDocument(Section):
    """A document that must be there before a lead may leave a stage."""

    kind: Code
    title: Label
    how: Label
    #: its quality check must have passed or been waived; otherwise being there is enough
    must_pass_check: bool = True


class TaskStep(Section):
    """A task to make: who gets it and when it is due."""

    kind: Code
    title: Label
    assignee: AssigneeRule
    due_hours: int = Field(ge=1, le=24 * 365)


class DwellLimit(Section):
    """The longest a lead may stay in a stage, in hours of the wall clock, and the task that a breach makes."""

    hours: int = Field(ge=1)
    task: TaskStep | None = None


class Stage(Section):
    """A step of the sales process; what it requires is required for leaving it forwards, and ever after."""

    code: Code
    name: Label
    fields: tuple[RequiredField, ...] = ()
    documents: tuple[RequiredDocument, ...] = ()
    dwell_limit: DwellLimit | None = None
    entry_tasks: tuple[TaskStep, ...] = ()


class DocumentKind(Section):
    code: Code
    name: Label
    #: content types that a file of this kind may have; none listed = any that the product takes
    media_types: tuple[str, ...] = ()


class TaskChain(Section):
    """Tasks that follow one another: completing a step makes the next."""

    code: Code
    name: Label
    steps: tuple[TaskStep, ...] = Field(min_length=1)


class OutcomeReasons(Section):
    lost: tuple[Choice, ...] = Field(min_length=1)
    parked: tuple[Choice, ...] = Field(min_length=1)


class PointRules(Section):
    method_use: int = Field(ge=0)
    new_case: int = Field(ge=0)


class CertificationCriteria(Section):
    """When a rep is certified in a method: how many deals after its use are looked at, and how sure one must be."""

    following_deals: int = Field(ge=1)
    posterior: float = Field(gt=0.5, lt=1)


class CaseRules(Section):
    """What a won case must bring before it is published."""

    minimum_key_actions: int = Field(ge=0)
    minimum_methods: int = Field(ge=0)
    minimum_evidence: int = Field(ge=0)
    #: after this many days somebody must say that the case still holds
    verified_for_days: int = Field(ge=1)


class Playbook(Section):
    """How a company sells. Equal only to itself, so that what is compiled from it can be kept by identity."""

    #: number of the published version; 0 for a draft. Kept beside the content, not in it.
    version: int = Field(default=0, exclude=True)
    stages: tuple[Stage, ...] = Field(min_length=2)
    document_kinds: tuple[DocumentKind, ...]
    task_chains: tuple[TaskChain, ...] = ()
    outcome_reasons: OutcomeReasons
    customer_sizes: tuple[Choice, ...]
    decision_roles: tuple[Choice, ...]
    timeline_kinds: tuple[Choice, ...]
    field_matrix: FieldMatrix
    row_scopes: RowScopes
    #: role → what its holders may do beyond fields, by name
    rights: Mapping[RoleName, tuple[str, ...]]
    lexicon: Lexicon
    methods: tuple[Method, ...]
    skills: tuple[Skill, ...]
    courses: tuple[TrainingCourse, ...]
    points: PointRules
    certification: CertificationCriteria
    cases: CaseRules

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = [*self._repeated_codes(), *self._unknown_references()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def stage(self, code: str) -> Stage:
        """The stage of a code. Raises KeyError."""
        return self.stages[self.stage_position(code)]

    def stage_position(self, code: str) -> int:
        """0 for the first stage. Raises KeyError."""
        for position, stage in enumerate(self.stages):
            if stage.code == code:
                return position
        raise KeyError(code)

    def required_field(self, code: str) -> RequiredField | None:
        """The field that some stage asks for under this code."""
        return next((field for stage in self.stages for field in stage.fields if field.code == code), None)

    def document_kind(self, code: str) -> DocumentKind | None:
        return next((kind for kind in self.document_kinds if kind.code == code), None)

    def task_chain(self, code: str) -> TaskChain | None:
        return next((chain for chain in self.task_chains if chain.code == code), None)

    def choice_codes(self, field: RequiredField) -> frozenset[str]:
        """What a field of type choice or choices may hold."""
        options: Iterable[Any] = self.lexicon.pain_points if field.choices_from else field.choices
        return frozenset(option.code for option in options)

    def content(self) -> dict[str, Any]:
        """The document as plain JSON values, without its version."""
        return self.model_dump(mode="json")

    def _repeated_codes(self) -> list[str]:
        named: dict[str, Iterable[Any]] = {
            "stages": self.stages,
            "stages.fields": [field for stage in self.stages for field in stage.fields],
            "document_kinds": self.document_kinds,
            "task_chains": self.task_chains,
            "lexicon.pain_points": self.lexicon.pain_points,
            "methods": self.methods,
            "skills": self.skills,
            "courses": self.courses,
        }
        return [
            f"{section}: the code {code!r} stands there {count} times"
            for section, entries in named.items()
            for code, count in Counter(entry.code for entry in entries).items()
            if count > 1
        ]

    def _unknown_references(self) -> list[str]:
        kinds = {kind.code for kind in self.document_kinds}
        skills = {skill.code for skill in self.skills}
        return [
            *(
                f"stages.{stage.code}: no document kind is called {document.kind!r}"
                for stage in self.stages
                for document in stage.documents
                if document.kind not in kinds
            ),
            *(
                f"courses.{course.code}: no skill is called {course.skill!r}"
                for course in self.courses
                if course.skill not in skills
            ),
        ]
