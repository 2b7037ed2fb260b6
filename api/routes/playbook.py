"""The playbook in force."""

from collections.abc import Iterable

from fastapi import APIRouter

from api.acting import ActingDep
from api.contracts.playbook import (
    ChoiceView,
    CourseView,
    DocumentView,
    FieldView,
    MethodView,
    PainPointView,
    PlaybookContent,
    PlaybookView,
    SkillView,
    StageView,
)
from api.dependencies import LocaleDep
from crm_core.foundation.translations import Locale
from crm_core.process.playbook import DocumentKind, Playbook
from crm_core.process.sections import Choice
from crm_core.process.stages import RequiredField, Stage, TaskChain
from crm_core.process.vocabulary import Word

router = APIRouter(prefix="/api/playbook", tags=["playbook"])


@router.get("")
def show_playbook(acting: ActingDep, locale: LocaleDep) -> PlaybookView:
    """Stages with what they ask for, and the closed lists that forms offer."""
    playbook = acting.playbook
    return PlaybookView(
        version=playbook.version,
        stages=[_stage(stage, playbook, locale) for stage in playbook.stages],
        document_kinds=_choices(playbook.document_kinds, locale),
        task_chains=_choices(playbook.task_chains, locale),
        lost_reasons=_choices(playbook.outcome_reasons.lost, locale),
        parked_reasons=_choices(playbook.outcome_reasons.parked, locale),
        customer_sizes=_choices(playbook.customer_sizes, locale),
        decision_roles=_choices(playbook.decision_roles, locale),
        timeline_kinds=_choices(playbook.timeline_kinds, locale),
        pain_points=[
            PainPointView(code=entry.code, name=_word(entry, locale), aliases=list(entry.aliases))
            for entry in playbook.lexicon.pain_points
        ],
        methods=[
            MethodView(
                code=method.code,
                name=_word(method, locale),
                definition=method.definition,
                typical_situations=list(method.typical_situations),
            )
            for method in playbook.methods
        ],
        skills=[
            SkillView(code=skill.code, name=_word(skill, locale), required_level=skill.required_level)
            for skill in playbook.skills
        ],
        courses=[
            CourseView(code=course.code, name=_word(course, locale), skill=course.skill) for course in playbook.courses
        ],
    )


@router.get("/content")
def show_content(acting: ActingDep) -> PlaybookContent:
    """The whole document; needs the right playbook.edit."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    return PlaybookContent(version=acting.playbook.version, content=acting.playbook.content())


def _stage(stage: Stage, playbook: Playbook, locale: Locale) -> StageView:
    return StageView(
        code=stage.code,
        name=stage.name.spoken(locale),
        fields=[_field(field, playbook, locale) for field in stage.fields],
        documents=[
            DocumentView(kind=document.kind, title=document.title.spoken(locale), how=document.how.spoken(locale))
            for document in stage.documents
        ],
        dwell_limit_hours=stage.dwell_limit.hours if stage.dwell_limit else None,
    )


def _field(field: RequiredField, playbook: Playbook, locale: Locale) -> FieldView:
    lexicon = playbook.lexicon.pain_points if field.choices_from else ()
    return FieldView(
        code=field.code,
        label=field.label.spoken(locale),
        type=field.type,
        how=field.how.spoken(locale),
        choices=[
            *_choices(field.choices, locale),
            *(ChoiceView(code=entry.code, name=_word(entry, locale)) for entry in lexicon),
        ],
        count=field.count,
    )


def _choices(choices: Iterable[Choice | DocumentKind | TaskChain], locale: Locale) -> list[ChoiceView]:
    return [ChoiceView(code=choice.code, name=choice.name.spoken(locale)) for choice in choices]


def _word(word: Word, locale: Locale) -> str:
    return word.name_en if locale == "en" else word.name
