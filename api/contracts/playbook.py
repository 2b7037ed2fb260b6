"""The playbook in force, as screens need it."""

from typing import Any

from pydantic import BaseModel


class ChoiceView(BaseModel):
    code: str
    name: str


class FieldView(BaseModel):
    """A field that a stage asks for."""

    code: str
    label: str
    type: str
    how: str
    choices: list[ChoiceView]
    count: int | None


class DocumentView(BaseModel):
    kind: str
    title: str
    how: str


class StageView(BaseModel):
    code: str
    name: str
    fields: list[FieldView]
    documents: list[DocumentView]
    dwell_limit_hours: int | None


class PainPointView(ChoiceView):
    aliases: list[str]


class MethodView(ChoiceView):
    definition: str
    typical_situations: list[str]


class SkillView(ChoiceView):
    required_level: float


class CourseView(ChoiceView):
    skill: str


class PlaybookView(BaseModel):
    """Stages and closed lists in the viewer's language."""

    version: int
    stages: list[StageView]
    document_kinds: list[ChoiceView]
    task_chains: list[ChoiceView]
    lost_reasons: list[ChoiceView]
    parked_reasons: list[ChoiceView]
    customer_sizes: list[ChoiceView]
    decision_roles: list[ChoiceView]
    timeline_kinds: list[ChoiceView]
    pain_points: list[PainPointView]
    methods: list[MethodView]
    skills: list[SkillView]
    courses: list[CourseView]


class PlaybookContent(BaseModel):
    """The whole document, for those who edit it."""

    version: int
    content: dict[str, Any]
