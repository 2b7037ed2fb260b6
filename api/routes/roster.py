"""The roster as a whole: of any day, as it was written down, what changed, and whom no leads reach yet."""

from collections import Counter
from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import select

from api.acting import ActingDep
from api.contracts.paging import Page
from api.contracts.roster import (
    ChangeCount,
    DiffQuery,
    NewcomerFacts,
    Newcomers,
    RosterDiff,
    RosterPage,
    RosterQuery,
    SnapshotContent,
    SnapshotFacts,
    Snapshots,
)
from api.dependencies import LocaleDep
from api.roster_views import told_changes, told_positions, told_readiness
from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.errors import Invalid
from crm_core.people.repository import PERSON_COLUMNS, find_snapshot, kept_snapshots, names_of_people
from crm_core.people.roster_changes import changes_between
from crm_core.people.snapshots import roster_on
from crm_core.people.tables import Person
from crm_core.pipeline.onboarding import Onboarding

router = APIRouter(prefix="/api/roster", tags=["people"])

_LONGEST_WINDOW_DAYS = 400


class WindowReversed(Invalid):
    code = "roster_window_reversed"


class WindowTooLong(Invalid):
    code = "roster_window_too_long"


@router.get("", response_model_exclude_unset=True)
def show_roster(wanted: Annotated[RosterQuery, Query()], acting: ActingDep) -> RosterPage:
    """Who held which position on a day, with the skills and limits of then."""
    _require_readable(acting)
    roster = roster_on(acting.session, wanted.on or clock.today())
    reach = _visible_people(acting)
    members = [member for member in roster.members if member.person_id in reach]
    page = members[wanted.offset : wanted.offset + wanted.limit]
    items = told_positions(acting, map(asdict, page))
    return RosterPage(day=roster.day, digest=roster.digest, items=items, total=len(members))


@router.get("/snapshots")
def list_snapshots(wanted: Annotated[Page, Query()], acting: ActingDep) -> Snapshots:
    """The rosters that were written down, latest first: one for each day on which something was different."""
    _require_readable(acting)
    rows, total = kept_snapshots(acting.session, limit=wanted.limit, offset=wanted.offset)
    return Snapshots(items=[SnapshotFacts.model_validate(row, from_attributes=True) for row in rows], total=total)


@router.get("/snapshots/{digest}", response_model_exclude_unset=True)
def show_snapshot(digest: str, acting: ActingDep) -> SnapshotContent:
    """One roster as it was written down; assignment decisions name theirs by this digest."""
    _require_readable(acting)
    snapshot = find_snapshot(acting.session, digest)
    reach = _visible_people(acting)
    members = [member for member in snapshot.content if UUID(member["person_id"]) in reach]
    return SnapshotContent(
        day=snapshot.day,
        digest=snapshot.digest,
        positions=len(snapshot.content),
        created_at=snapshot.created_at,
        items=told_positions(acting, members),
    )


@router.get("/diff")
def show_diff(wanted: Annotated[DiffQuery, Query()], acting: ActingDep, locale: LocaleDep) -> RosterDiff:
    """What changed after the first day up to the last one, each change on its day and in plain words."""
    _require_readable(acting)
    last_day = wanted.last_day or clock.today()
    _require_window(wanted.first_day, last_day)
    reach = _visible_people(acting)
    changes = [
        change
        for change in changes_between(acting.session, wanted.first_day, last_day)
        if change.person_id in reach and wanted.kind in {None, change.kind}
    ]
    counts = Counter((change.day, change.kind) for change in changes)
    page = changes[::-1][wanted.offset : wanted.offset + wanted.limit]
    return RosterDiff(
        first_day=wanted.first_day,
        last_day=last_day,
        counts=[ChangeCount(day=day, kind=kind, count=count) for (day, kind), count in counts.items()],
        items=told_changes(acting, page, locale),
        total=len(changes),
    )


@router.get("/newcomers")
def list_newcomers(acting: ActingDep, locale: LocaleDep) -> Newcomers:
    """Everybody in a position that gets leads whom none reach yet, with what is missing."""
    _require_readable(acting)
    reach = _visible_people(acting)
    onboarding = Onboarding(acting.playbook, roster_on(acting.session, clock.today()))
    waiting = [one for one in onboarding.waiting() if one.person_id in reach]
    names = names_of_people(acting.session, [one.person_id for one in waiting])
    items = [
        NewcomerFacts(
            person_id=one.person_id,
            name=names[one.person_id],
            readiness=told_readiness(one, acting.playbook, locale),
        )
        for one in waiting
    ]
    return Newcomers(items=items, total=len(items))


def _require_readable(acting: Acting) -> None:
    acting.policy.require_readable(acting.viewer, "person", ["name", "memberships"])


def _visible_people(acting: Acting) -> frozenset[UUID]:
    visible = acting.policy.visible(acting.viewer, "person", PERSON_COLUMNS)
    return frozenset(acting.session.scalars(select(Person.id).where(visible)))


def _require_window(first_day: date, last_day: date) -> None:
    told = {"first_day": str(first_day), "last_day": str(last_day)}
    if first_day > last_day:
        raise WindowReversed(**told)
    if (last_day - first_day).days > _LONGEST_WINDOW_DAYS:
        raise WindowTooLong(days=_LONGEST_WINDOW_DAYS, **told)
