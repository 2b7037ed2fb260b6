"""The playbook: one validated document with everything that an operations person may change."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from crm_core.process.access_rules import FieldMatrix, RoleName, RowScopes
from crm_core.process.assignment_rules import Assignment
from crm_core.process.calendars import WorkingCalendar
from crm_core.process.consistency import broken_references
from crm_core.process.health_rules import HealthRules, Onboarding, RehearsalRules
from crm_core.process.sections import Choice, Code, Label, Section, mistake
from crm_core.process.stages import RequiredField, Stage, TaskChain
from crm_core.process.vocabulary import Lexicon, Method, Skill, TrainingCourse


class DocumentKind(Section):
    code: Code
    name: Label
    #: content types that a file of this kind may have; none listed = any that the product takes
    media_types: tuple[str, ...] = ()


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
    verified_for_days: int = Field(ge=1, le=3650)


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
    #: the first is everybody's who has no other
    calendars: tuple[WorkingCalendar, ...] = Field(min_length=1)
    assignment: Assignment
    onboarding: Onboarding
    health: HealthRules
    rehearsal: RehearsalRules
    #: code of a notification → its sentence, in place of the product's own
    wording: Mapping[Code, Label] = Field(default_factory=dict)
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
        problems = broken_references(self)
        if problems:
            raise mistake("playbook_inconsistent", problems=problems)
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

    def calendar(self, code: str | None) -> WorkingCalendar:
        """The calendar of a code; the first one for no code or one that is gone."""
        return next((calendar for calendar in self.calendars if calendar.code == code), self.calendars[0])

    def choice_codes(self, field: RequiredField) -> frozenset[str]:
        """What a field of type choice or choices may hold."""
        options: Iterable[Any] = self.lexicon.pain_points if field.choices_from else field.choices
        return frozenset(option.code for option in options)

    def content(self) -> dict[str, Any]:
        """The document as plain JSON values, without its version."""
        return self.model_dump(mode="json")
