"""Leaving hands over: what would go where, what went where, and giving away what is still left."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from api.acting import ActingDep
from api.contracts.handovers import (
    HandoverFacts,
    HandoverItemFacts,
    HandoverOrder,
    HandoverPreview,
    HandoverPreviewQuery,
    HandoverQuery,
    KindCount,
)
from api.contracts.people import PersonName
from api.dependencies import LocaleDep
from crm_core.customers.acting import Acting
from crm_core.foundation.translations import Locale
from crm_core.people.repository import PERSON_COLUMNS, find_person, names_of_people
from crm_core.people.tables import Person
from crm_core.pipeline.handover.belongings import Belonging
from crm_core.pipeline.handover.repository import items_of, latest_handover, within_reach
from crm_core.pipeline.handover.running import hand_over, preview_handover
from crm_core.pipeline.handover.tables import HandoverItem

router = APIRouter(prefix="/api/people/{person_id}/handover", tags=["people"])

#: what a list of things handed over tells
_TOLD = {"lead": "title", "customer": "name", "task": "title", "visit": "purpose"}


@router.get("")
def show_handover(
    person_id: UUID, wanted: Annotated[HandoverQuery, Query()], acting: ActingDep, locale: LocaleDep
) -> HandoverFacts:
    """What became of what somebody held when they left; planned when the day is still to come."""
    return _shown(acting, _person(acting, person_id), wanted, locale)


@router.get("/preview")
def show_preview(
    person_id: UUID, wanted: Annotated[HandoverPreviewQuery, Query()], acting: ActingDep, locale: LocaleDep
) -> HandoverPreview:
    """What would go where if the person left today. Nothing is changed."""
    person = _person(acting, person_id)
    name = person.name
    belongings = within_reach(acting, preview_handover(acting.session, person, successor_id=wanted.successor_id))
    counts = Counter(one.kind for one in belongings)
    of_kind = [one for one in belongings if wanted.kind in {None, one.kind}]
    page = of_kind[wanted.offset : wanted.offset + wanted.limit]
    names = _names(acting, page, wanted.successor_id)
    return HandoverPreview(
        person=PersonName(id=person_id, name=name),
        successor=_named(names, wanted.successor_id),
        counts=_counted(counts),
        items=_told(acting, page, names, locale),
        total=len(of_kind),
    )


@router.post("")
def run_handover(person_id: UUID, wanted: HandoverOrder, acting: ActingDep, locale: LocaleDep) -> HandoverFacts:
    """Give away whatever somebody who has left still holds, to a successor where one is named."""
    person = _person(acting, person_id)
    hand_over(acting.session, person, successor_id=wanted.successor_id)
    return _shown(acting, person, HandoverQuery(), locale)


def _person(acting: Acting, person_id: UUID) -> Person:
    acting.policy.require_right(acting.viewer, "roster.edit")
    for record, name in _TOLD.items():
        acting.policy.require_readable(acting.viewer, record, [name])
    return find_person(acting.session, person_id, acting.policy.visible(acting.viewer, "person", PERSON_COLUMNS))


def _shown(acting: Acting, person: Person, wanted: HandoverQuery, locale: Locale) -> HandoverFacts:
    handover = latest_handover(acting.session, person.id)
    items, total, counts = items_of(acting, handover.id, kind=wanted.kind, limit=wanted.limit, offset=wanted.offset)
    names = _names(acting, items, handover.successor_id)
    return HandoverFacts(
        person=PersonName(id=person.id, name=person.name),
        left_on=handover.left_on,
        successor=_named(names, handover.successor_id),
        finished_at=handover.finished_at,
        counts=_counted(counts),
        items=_told(acting, items, names, locale),
        total=total,
    )


def _names(acting: Acting, items: Iterable[Belonging | HandoverItem], successor_id: UUID | None) -> Mapping[UUID, str]:
    ids = {one.to_person_id for one in items if one.to_person_id} | ({successor_id} if successor_id else set())
    return names_of_people(acting.session, ids)


def _named(names: Mapping[UUID, str], person_id: UUID | None) -> PersonName | None:
    return PersonName(id=person_id, name=names[person_id]) if person_id else None


def _counted(counts: Mapping[Any, int]) -> list[KindCount]:
    return [KindCount.model_validate({"kind": kind, "count": count}) for kind, count in sorted(counts.items())]


def _told(
    acting: Acting, items: Sequence[Belonging | HandoverItem], names: Mapping[UUID, str], locale: Locale
) -> list[HandoverItemFacts]:
    pools = {pool.code: pool.name.spoken(locale) for pool in acting.playbook.assignment.pools}
    return [
        HandoverItemFacts.model_validate(
            {
                **{name: getattr(one, name) for name in ("kind", "record_id", "name", "customer_id", "lead_id")},
                "to_person": _named(names, one.to_person_id),
                "to_pool": pools.get(one.to_pool, one.to_pool) if one.to_pool and not one.to_person_id else None,
            }
        )
        for one in items
    ]
