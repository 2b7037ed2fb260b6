"""Certification progress: each method's effect, and where each rep stands with it."""

from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import select

from api.acting import ActingDep
from api.contracts.certification import Certification, EffectView, MethodCertification, RepProgress
from api.contracts.inputs import Code
from api.dependencies import LocaleDep
from crm_core.customers.acting import Acting
from crm_core.foundation.translations import Locale, translate
from crm_core.people.repository import PERSON_COLUMNS
from crm_core.people.tables import Person
from knowledge.certification.progress import MethodProgress, certification_progress, criteria_of
from knowledge.certification.verdict import Criteria, Effect, Progress, explain
from knowledge.methods.library import library_methods

router = APIRouter(prefix="/api/certification", tags=["certification"])


@router.get("")
def read_certification(acting: ActingDep, locale: LocaleDep, method_code: Code | None = None) -> Certification:
    """Progress of the reps within the viewer's reach; the effect of a method is over all of its reps."""
    acting.policy.require_readable(acting.viewer, "certification", ["state"])
    criteria = criteria_of(acting.playbook)
    names = _visible_names(acting)
    methods = certification_progress(acting.session, criteria, method_code)
    items = [
        _method(acting, method, names, criteria, locale) for method in methods if names.keys() & method.reps.keys()
    ]
    return Certification(
        following_deals=criteria.following_deals,
        posterior=criteria.posterior,
        pooled_deals=criteria.pooled_deals,
        items=items,
        total=len(items),
    )


def _visible_names(acting: Acting) -> Mapping[UUID, str]:
    visible = acting.policy.visible(acting.viewer, "certification", PERSON_COLUMNS)
    return {row.id: row.name for row in acting.session.execute(select(Person.id, Person.name).where(visible))}


def _method(
    acting: Acting, method: MethodProgress, names: Mapping[UUID, str], criteria: Criteria, locale: Locale
) -> MethodCertification:
    known = library_methods(acting.session, acting.playbook, with_proposals=True).get(method.method_code)
    name = (known.name_en if locale == "en" else known.name) if known else method.method_code
    reps = [
        _rep(person_id, names[person_id], progress, criteria, locale)
        for person_id, progress in method.reps.items()
        if person_id in names
    ]
    return MethodCertification(
        method_code=method.method_code,
        method_name=name,
        text=_method_text(method.effect, criteria, locale),
        effect=_effect(method.effect),
        reps=sorted(reps, key=lambda rep: (-(rep.effect.probability if rep.effect else 0), rep.person_name)),
    )


def _rep(person_id: UUID, name: str, progress: Progress, criteria: Criteria, locale: Locale) -> RepProgress:
    code, facts = explain(progress, criteria)
    return RepProgress(
        person_id=person_id,
        person_name=name,
        state=progress.state.value,
        state_name=translate(f"certification.state.{code}", locale),
        text=translate(f"certification.sentence.{code}", locale, **facts),
        later_deals=progress.later_deals,
        needed_deals=criteria.following_deals,
        earlier_deals=progress.earlier_deals,
        effect=_effect(progress.effect),
    )


def _method_text(effect: Effect | None, criteria: Criteria, locale: Locale) -> str:
    if effect is None:
        return translate("certification.method.not_enough_data", locale, needed=criteria.pooled_deals)
    shown = "shown" if effect.probability >= criteria.posterior else "not_shown"
    return translate(
        f"certification.method.{shown}",
        locale,
        deals=effect.deals,
        shorter_percent=round(-effect.cycle_change * 100),
        lowest_percent=round(-effect.highest * 100),
        highest_percent=round(-effect.lowest * 100),
        sure_percent=min(round(effect.probability * 100), 99),
    )


def _effect(effect: Effect | None) -> EffectView | None:
    return EffectView.model_validate(asdict(effect)) if effect else None
