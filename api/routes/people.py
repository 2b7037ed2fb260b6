"""The roster: who works here, in which position on which day, under whom."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status
from sqlalchemy.orm import Session

from api.acting import ActingDep
from api.contracts.people import (
    Appointment,
    Leaving,
    MembershipEnd,
    MembershipFacts,
    NewPerson,
    People,
    PeopleQuery,
    PersonChange,
    PersonDetail,
    PersonFacts,
    PersonName,
    Position,
)
from api.dependencies import LocaleDep, PolicyDep, SessionDep, ViewerDep
from api.roster_views import told_readiness
from crm_core.foundation import clock
from crm_core.people import roster
from crm_core.people.access import AccessPolicy
from crm_core.people.appointing import require_may_appoint, require_may_change
from crm_core.people.memberships import direct_manager, viewer_of
from crm_core.people.repository import (
    PERSON_COLUMNS,
    MembershipView,
    PeopleFilter,
    find_membership,
    find_person,
    memberships_of,
    names_of_people,
    search_people,
)
from crm_core.people.snapshots import roster_on
from crm_core.people.tables import Person
from crm_core.people.viewer import Viewer
from crm_core.pipeline.handover.running import plan_handover
from crm_core.pipeline.onboarding import Onboarding

router = APIRouter(prefix="/api/people", tags=["people"])

_COLUMNS = tuple(name for name in PersonFacts.model_fields if name != "memberships")


@router.get("", response_model_exclude_unset=True)
def list_people(
    wanted: Annotated[PeopleQuery, Query()], viewer: ViewerDep, session: SessionDep, policy: PolicyDep
) -> People:
    """Who is on the roster, in the order of the names' pinyin, each with the positions of the day."""
    filtered = {"memberships"} if wanted.role or wanted.team_id or wanted.region_id else set()
    policy.require_readable(viewer, "person", {"name", *filtered})
    day = wanted.on or clock.today()
    people, total = search_people(
        session,
        PeopleFilter(day, wanted.search, wanted.role, wanted.team_id, wanted.region_id, wanted.with_left),
        policy.visible(viewer, "person", PERSON_COLUMNS),
        limit=wanted.limit,
        offset=wanted.offset,
    )
    held = memberships_of(session, [person.id for person in people], day)
    return People(
        items=[_facts(policy, viewer, person, held.get(person.id, ())) for person in people],
        total=total,
    )


@router.get("/{person_id}", response_model_exclude_unset=True)
def show_person(person_id: UUID, acting: ActingDep, locale: LocaleDep, on: date | None = None) -> PersonDetail:
    """One person, with every position of all time; manager, team and onboarding are of a day, by default today."""
    day = on or clock.today()
    session, viewer, policy = acting.session, acting.viewer, acting.policy
    person = find_person(session, person_id, policy.visible(viewer, "person", PERSON_COLUMNS))
    readiness = Onboarding(acting.playbook, roster_on(session, day)).readiness(person_id)
    manager_id = direct_manager(session, person_id, day)
    others = viewer_of(session, person_id, day=day).team_member_ids - {person_id}
    names = names_of_people(session, {*others, *([manager_id] if manager_id else ())})
    facts = _facts(policy, viewer, person, memberships_of(session, [person_id])[person_id])
    around = {
        "manager": PersonName(id=manager_id, name=names[manager_id]) if manager_id else None,
        "team_members": [PersonName(id=one, name=names[one]) for one in sorted(others, key=names.__getitem__)],
        "receives_leads": readiness.receives_leads,
        "onboarding": told_readiness(readiness, acting.playbook, locale),
    }
    return PersonDetail(day=day, **facts.model_dump(exclude_unset=True), **policy.present(viewer, "person", around))


@router.post("", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def add_person(wanted: NewPerson, viewer: ViewerDep, session: SessionDep, policy: PolicyDep) -> PersonFacts:
    """Put somebody on the roster, in a first position."""
    require_may_appoint(policy, viewer, [wanted.position.role])
    facts = wanted.model_dump(exclude={"position", "since"})
    policy.require_editable(viewer, "person", facts)
    person = roster.add_person(session, **facts)
    since = wanted.since or wanted.hired_on or clock.today()
    roster.appoint(session, person, _position(wanted.position), since=since)
    return _facts(policy, viewer, person, memberships_of(session, [person.id])[person.id])


@router.put("/{person_id}", response_model_exclude_unset=True)
def change_person(
    person_id: UUID, wanted: PersonChange, viewer: ViewerDep, session: SessionDep, policy: PolicyDep
) -> PersonFacts:
    """Correct what is known of a person."""
    person = _person_to_change(session, policy, viewer, person_id)
    facts = wanted.model_dump(exclude_unset=True)
    policy.require_editable(viewer, "person", facts)
    roster.change_person(session, person, **facts)
    return _facts(policy, viewer, person, memberships_of(session, [person.id], clock.today()).get(person.id, ()))


@router.post("/{person_id}/memberships", status_code=status.HTTP_201_CREATED)
def appoint(
    person_id: UUID, wanted: Appointment, viewer: ViewerDep, session: SessionDep, policy: PolicyDep
) -> list[MembershipFacts]:
    """Give a person a further position from a day on; answers with all of them."""
    require_may_appoint(policy, viewer, [wanted.role])
    person = _person_to_change(session, policy, viewer, person_id)
    roster.appoint(session, person, _position(wanted), since=wanted.since)
    return _described(memberships_of(session, [person_id])[person_id])


@router.put("/{person_id}/memberships/{membership_id}")
def change_membership(
    person_id: UUID,
    membership_id: UUID,
    wanted: Appointment,
    viewer: ViewerDep,
    session: SessionDep,
    *,
    policy: PolicyDep,
) -> list[MembershipFacts]:
    """Replace a position from a day on; the days before keep the old one. Answers with all positions."""
    require_may_appoint(policy, viewer, [wanted.role])
    _person_to_change(session, policy, viewer, person_id)
    membership = find_membership(session, person_id, membership_id)
    roster.change_position(session, membership, _position(wanted), since=wanted.since)
    return _described(memberships_of(session, [person_id])[person_id])


@router.post("/{person_id}/memberships/{membership_id}/end")
def end_membership(
    person_id: UUID,
    membership_id: UUID,
    wanted: MembershipEnd,
    viewer: ViewerDep,
    session: SessionDep,
    *,
    policy: PolicyDep,
) -> list[MembershipFacts]:
    """Let a position end on a day. Answers with all positions."""
    _person_to_change(session, policy, viewer, person_id)
    roster.end_membership(session, find_membership(session, person_id, membership_id), until=wanted.until)
    return _described(memberships_of(session, [person_id])[person_id])


@router.post("/{person_id}/leave", status_code=status.HTTP_204_NO_CONTENT)
def leave(person_id: UUID, wanted: Leaving, viewer: ViewerDep, session: SessionDep, policy: PolicyDep) -> None:
    """Somebody leaves: from that day no position and no log-in holds, and what they held is handed over."""
    person = _person_to_change(session, policy, viewer, person_id)
    plan_handover(session, person, on=wanted.on, successor_id=wanted.successor_id)
    roster.leave(session, person, on=wanted.on)


def _person_to_change(session: Session, policy: AccessPolicy, viewer: Viewer, person_id: UUID) -> Person:
    person = find_person(session, person_id, policy.visible(viewer, "person", PERSON_COLUMNS))
    require_may_change(session, policy, viewer, person_id)
    return person


def _position(wanted: Position) -> roster.Position:
    return roster.Position(wanted.role, wanted.team_id, wanted.region_id, wanted.manager_id)


def _facts(policy: AccessPolicy, viewer: Viewer, person: Person, held: Sequence[MembershipView]) -> PersonFacts:
    values = {name: getattr(person, name) for name in _COLUMNS} | {"memberships": _described(held)}
    return PersonFacts(**policy.present(viewer, "person", values))


def _described(held: Sequence[MembershipView]) -> list[MembershipFacts]:
    return [MembershipFacts.model_validate(membership, from_attributes=True) for membership in held]
