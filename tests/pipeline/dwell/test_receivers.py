"""Whom the rules of a ladder mean under one day's roster."""

from datetime import date
from uuid import UUID

from crm_core.people.snapshots import Roster, RosterMember
from crm_core.pipeline.dwell.receivers import ChainOfCommand, LeadPeople

EAST, WEST = UUID(int=1000), UUID(int=2000)
REP, MANAGER, DIRECTOR, WEST_DIRECTOR, OPERATIONS, SECOND_OPERATIONS, PRESALES = (UUID(int=n) for n in range(1, 8))


def member(person_id: UUID, role: str, *, manager: UUID | None = None, region: UUID | None = EAST) -> RosterMember:
    return RosterMember(
        person_id=person_id, employee_number=None, role=role, team=None, team_id=None, region=None, region_id=region,
        manager_id=manager, calendar=None, skills=(), languages=(), open_leads_limit=None, away_until=None, unknown=(),
    )  # fmt: skip


def chain(*members: RosterMember) -> ChainOfCommand:
    return ChainOfCommand(Roster(date(2026, 3, 10), members))


def told(
    chain: ChainOfCommand, *rules: str, owner: UUID | None = REP, region: UUID | None = EAST
) -> list[tuple[str, UUID, str | None]]:
    found = chain.receivers(rules, LeadPeople(owner, region))  # type: ignore[arg-type]
    return [(receiver.rule, receiver.person_id, receiver.stands_in) for receiver in found]


WHOLE = (
    member(REP, "rep", manager=MANAGER),
    member(MANAGER, "manager", manager=DIRECTOR),
    member(DIRECTOR, "director"),
    member(WEST_DIRECTOR, "director", region=WEST),
    member(OPERATIONS, "operations", region=None),
    member(SECOND_OPERATIONS, "operations", region=None),
    member(PRESALES, "presales", region=None),
)


def test_each_rule_means_its_own() -> None:
    assert told(chain(*WHOLE), "owner", "manager", "director") == [
        ("owner", REP, None),
        ("manager", MANAGER, None),
        ("director", DIRECTOR, None),
    ]


def test_the_director_above_goes_before_the_one_of_the_region() -> None:
    assert told(chain(*WHOLE), "director", region=WEST) == [("director", DIRECTOR, None)]
    without_line = [member(REP, "rep"), *WHOLE[1:]]
    assert told(chain(*without_line), "director", region=WEST) == [("director", WEST_DIRECTOR, None)]


def test_a_lead_without_region_falls_to_the_region_of_its_owner() -> None:
    without_line = [member(REP, "rep", region=WEST), *WHOLE[1:]]
    assert told(chain(*without_line), "director", region=None) == [("director", WEST_DIRECTOR, None)]


def test_whoever_is_missing_gives_way_upwards_and_nobody_is_told_twice() -> None:
    nobody_between = [member(REP, "rep"), *WHOLE[2:]]
    assert told(chain(*nobody_between), "manager", "director") == [("manager", DIRECTOR, "director")]
    assert told(chain(*WHOLE), "owner", owner=None) == [("owner", DIRECTOR, "director")]
    left_manager = [WHOLE[0], *WHOLE[2:]]
    assert told(chain(*left_manager), "manager") == [("manager", DIRECTOR, "director")]


def test_in_the_end_all_of_operations_are_told_and_an_empty_roster_tells_nobody() -> None:
    assert told(chain(member(REP, "rep"), *WHOLE[4:]), "manager", region=WEST) == [
        ("manager", OPERATIONS, "operations"),
        ("manager", SECOND_OPERATIONS, "operations"),
    ]
    assert told(chain(), "owner", "manager", "director") == []


def test_nobody_is_told_of_their_own_lead_as_their_superior() -> None:
    assert told(chain(*WHOLE[2:3], *WHOLE[4:]), "director", owner=DIRECTOR)[0][1:] == (OPERATIONS, "operations")


def test_a_circle_of_managers_ends() -> None:
    circle = chain(member(REP, "rep", manager=MANAGER), member(MANAGER, "manager", manager=REP))
    assert told(circle, "manager", "director") == [("manager", MANAGER, None)]


def test_a_task_goes_to_whom_its_rule_means_or_to_the_owner() -> None:
    people = LeadPeople(REP, EAST, presales_id=PRESALES)
    assert chain(*WHOLE).assignee("presales", people) == PRESALES
    assert chain(*WHOLE).assignee("delivery_owner", people) == REP
    assert chain(*WHOLE).assignee("requester", people) == REP
    assert chain(*WHOLE).assignee("director", people) == DIRECTOR
    assert chain(*WHOLE[1:]).assignee("owner", people) == DIRECTOR
    assert chain().assignee("owner", people) is None
