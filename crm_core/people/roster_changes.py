"""What is different between two rosters, as single changes that a sentence can tell."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from crm_core.people.snapshots import Roster, RosterMember, rosters_between

ChangeKind = Literal[
    "joined",
    "joined_without_region",
    "left",
    "position_added",
    "position_ended",
    "role_changed",
    "team_changed",
    "region_changed",
    "region_emptied",
    "region_filled",
    "manager_changed",
    "manager_emptied",
    "calendar_changed",
    "skill_gained",
    "skill_lost",
    "language_gained",
    "language_lost",
    "limit_changed",
    "away_changed",
    "number_changed",
    "item_emptied",
    "item_filled",
]
#: what is told by a kind of its own, or belongs to a position that is told as a whole
_TOLD_ELSEWHERE = frozenset({"region", "manager", "team", "employee_number", "skills"})


@dataclass(frozen=True, slots=True)
class RosterChange:
    """One thing that is different of one person; `old` and `new` are codes, names, ids or days as they stand."""

    day: date
    kind: ChangeKind
    person_id: UUID
    role: str
    old: Any = None
    new: Any = None


def changes_between(session: Session, first_day: date, last_day: date) -> Sequence[RosterChange]:
    """What changed after the first day up to the last one, each change on its day."""
    rosters = rosters_between(session, first_day, last_day).values()
    return [change for before, after in pairwise(rosters) for change in compare(before, after)]


def compare(before: Roster, after: Roster) -> Sequence[RosterChange]:
    """What is different in the later roster, in the order of its people; whoever left stands at the end."""
    if before.members is after.members:
        return ()
    held, holds = _by_person(before.members), _by_person(after.members)
    people = [*holds, *(person_id for person_id in held if person_id not in holds)]
    return [
        RosterChange(after.day, kind, person_id, role, old, new)
        for person_id in people
        for kind, role, old, new in _of_person(held.get(person_id, []), holds.get(person_id, []))
    ]


_Told = tuple[ChangeKind, str, Any, Any]


def _by_person(members: Iterable[RosterMember]) -> dict[UUID, list[RosterMember]]:
    found: defaultdict[UUID, list[RosterMember]] = defaultdict(list)
    for member in members:
        found[member.person_id].append(member)
    return found


def _of_person(held: list[RosterMember], holds: list[RosterMember]) -> Iterator[_Told]:
    if held == holds:
        return
    if not held:
        for position in holds:
            kind: ChangeKind = "joined" if position.region or position.role != "rep" else "joined_without_region"
            yield kind, position.role, None, _place(position)
        return
    if not holds:
        for was in held:
            yield "left", was.role, _place(was), None
        return
    pairs, ended, added = _paired(held, holds)
    for was, now in pairs:
        yield from _of_position(was, now)
    for was in ended:
        yield "position_ended", was.role, _place(was), None
    for position in added:
        yield "position_added", position.role, None, _place(position)
    yield from _of_facts(held[0], holds[0])


def _paired(
    held: list[RosterMember], holds: list[RosterMember]
) -> tuple[list[tuple[RosterMember, RosterMember]], list[RosterMember], list[RosterMember]]:
    """Positions that are the same one before and after: same role and place, then same role, then what is left."""
    pairs: list[tuple[RosterMember, RosterMember]] = []
    before, after = list(held), list(holds)
    for same in (_same_seat, _same_role, _any):
        for was in list(before):
            now = next((one for one in after if same(was, one)), None)
            if now is not None:
                pairs.append((was, now))
                before.remove(was)
                after.remove(now)
    return pairs, before, after


def _same_seat(was: RosterMember, now: RosterMember) -> bool:
    return (was.role, was.team_id, was.region_id) == (now.role, now.team_id, now.region_id)


def _same_role(was: RosterMember, now: RosterMember) -> bool:
    return was.role == now.role


def _any(_was: RosterMember, _now: RosterMember) -> bool:
    return True


def _of_position(was: RosterMember, now: RosterMember) -> Iterator[_Told]:
    if was.role != now.role:
        yield "role_changed", now.role, was.role, now.role
    if was.team_id != now.team_id:
        yield "team_changed", now.role, was.team, now.team
    if was.region_id != now.region_id:
        kind: ChangeKind = "region_changed" if was.region and now.region else "region_filled"
        yield kind if now.region else "region_emptied", now.role, was.region, now.region
    if was.manager_id != now.manager_id:
        yield "manager_changed" if now.manager_id else "manager_emptied", now.role, was.manager_id, now.manager_id
    if was.calendar != now.calendar and was.team_id == now.team_id:
        yield "calendar_changed", now.role, was.calendar, now.calendar


def _of_facts(was: RosterMember, now: RosterMember) -> Iterator[_Told]:
    """What belongs to the person, whatever the position."""
    for skill in sorted(set(now.skills) - set(was.skills)):
        yield "skill_gained", now.role, None, skill
    for skill in sorted(set(was.skills) - set(now.skills)):
        yield "skill_lost", now.role, skill, None
    for language in sorted(set(now.languages) - set(was.languages)):
        yield "language_gained", now.role, None, language
    for language in sorted(set(was.languages) - set(now.languages)):
        yield "language_lost", now.role, language, None
    if was.open_leads_limit != now.open_leads_limit:
        yield "limit_changed", now.role, was.open_leads_limit, now.open_leads_limit
    if was.away_until != now.away_until:
        yield "away_changed", now.role, was.away_until, now.away_until
    if was.employee_number != now.employee_number:
        yield "number_changed", now.role, was.employee_number, now.employee_number
    for item in sorted(set(now.unknown) - set(was.unknown) - _TOLD_ELSEWHERE):
        yield "item_emptied", now.role, item, None
    for item in sorted(set(was.unknown) - set(now.unknown) - _TOLD_ELSEWHERE):
        yield "item_filled", now.role, None, item


def _place(member: RosterMember) -> dict[str, str | None]:
    return {"team": member.team, "region": member.region}
