"""Shapes of the stages: what each asks for, how long a lead may stay, and the tasks that entering makes."""

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from crm_core.process.sections import Choice, Code, Label, Section, mistake

FieldType = Literal["text", "number", "date", "choice", "choices", "person"]
#: who gets a task: the lead's people, or whoever asked for it
AssigneeRule = Literal["owner", "presales", "delivery_owner", "manager", "director", "requester"]
#: who is told of a lead that stands still
AlarmReceiver = Literal["owner", "manager", "director"]


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
            raise mistake("choices_needed")
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


class Escalation(Section):
    """A step of the ladder: who is told so many hours after the limit has passed, and the task that this makes."""

    after_hours: int = Field(default=0, ge=0, le=24 * 365)
    receivers: tuple[AlarmReceiver, ...] = Field(min_length=1)
    task: TaskStep | None = None


class DwellLimit(Section):
    """The longest a lead may stay in a stage, on one clock for the limit and its ladder.

    `wall` hours pass day and night; `working` hours pass as the calendar says: the one named here, else the one of the
    owner's team, else the first of the playbook.
    """

    hours: int = Field(ge=1, le=24 * 365)
    clock: Literal["wall", "working"] = "wall"
    calendar: Code | None = None
    ladder: tuple[Escalation, ...] = (Escalation(receivers=("owner", "manager")),)

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        hours = [step.after_hours for step in self.ladder]
        if not hours or any(later <= earlier for earlier, later in pairwise(hours)):
            raise mistake("ladder_order")
        return self


class Stage(Section):
    """A step of the sales process; what it requires is required for leaving it forwards, and ever after."""

    code: Code
    name: Label
    fields: tuple[RequiredField, ...] = ()
    documents: tuple[RequiredDocument, ...] = ()
    dwell_limit: DwellLimit | None = None
    entry_tasks: tuple[TaskStep, ...] = ()


class TaskChain(Section):
    """Tasks that follow one another: completing a step makes the next."""

    code: Code
    name: Label
    steps: tuple[TaskStep, ...] = Field(min_length=1)
