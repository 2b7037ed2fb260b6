"""The ledger always balances, whoever writes, and nothing is rewarded twice."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from knowledge.points.ledger import ISSUED, Award, award, balance, leaderboard, set_listed, statement_of
from knowledge.points.tables import PointAccount, PointEntry, PointTransaction
from tests.factories.people import make_person

TEST = Origin(channel="test")


def new_case(person_id: UUID, source: str, points: int = 20) -> Award:
    return Award(person_id, points, "new_case", source, {"case_id": source})


def somebody(resources: Resources) -> UUID:
    with resources.database.transaction(TEST) as session:
        return make_person(session).id


def total(session: Session) -> int:
    return int(session.scalar(select(func.coalesce(func.sum(PointEntry.points), 0))) or 0)


def test_an_award_moves_points_from_the_company_to_the_person(resources: Resources) -> None:
    person = somebody(resources)
    with resources.database.transaction(TEST) as session:
        assert award(session, new_case(person, "case:1"))
    with resources.database.reading() as session:
        assert balance(session, person) == 20
        lines, count = statement_of(session, person, limit=10, offset=0)
        assert (count, lines[0].points, lines[0].details) == (1, 20, {"case_id": "case:1"})
        issued = select(func.sum(PointEntry.points)).join(PointAccount).where(PointAccount.code == ISSUED)
        assert session.scalar(issued) == -20


def test_the_same_source_is_rewarded_once(resources: Resources) -> None:
    person = somebody(resources)
    for expected in (True, False):
        with resources.database.transaction(TEST) as session:
            assert award(session, new_case(person, "case:1")) is expected
    with resources.database.reading() as session:
        assert balance(session, person) == 20


def test_nothing_earned_books_nothing(resources: Resources) -> None:
    person = somebody(resources)
    with resources.database.transaction(TEST) as session:
        assert not award(session, new_case(person, "case:1", points=0))
        assert session.scalar(select(func.count()).select_from(PointTransaction)) == 0


def test_the_database_refuses_a_transaction_that_does_not_balance(resources: Resources) -> None:
    person = somebody(resources)

    def slip_in_five_points() -> None:
        with resources.database.transaction(TEST) as session:
            award(session, new_case(person, "case:1"))
            booked = session.scalars(select(PointTransaction.id)).one()
            account = session.scalars(select(PointAccount.id).where(PointAccount.person_id == person)).one()
            session.add(PointEntry(transaction_id=booked, account_id=account, points=5))

    with pytest.raises(IntegrityError, match="sum to 5"):
        slip_in_five_points()
    with resources.database.reading() as session:
        assert total(session) == 0
        assert session.scalar(select(func.count()).select_from(PointEntry)) == 0


def test_the_database_refuses_an_overdraft(resources: Resources) -> None:
    person = somebody(resources)
    with resources.database.transaction(TEST) as session:
        award(session, new_case(person, "case:1"))

    def spend_one_too_many() -> None:
        with resources.database.transaction(TEST) as session:
            accounts = {account.code: account.id for account in session.scalars(select(PointAccount))}
            booking = PointTransaction(kind="redemption", source_key="r:1", booked_at=func.now())
            session.add(booking)
            session.flush()
            for account, points in ((accounts[None], -21), (accounts[ISSUED], 21)):
                session.add(PointEntry(transaction_id=booking.id, account_id=account, points=points))

    with pytest.raises(IntegrityError, match="overdrawn by 1"):
        spend_one_too_many()


@pytest.mark.parametrize("statement", ["UPDATE point_entries SET points = 99", "DELETE FROM point_entries"])
def test_what_is_booked_stays_booked(resources: Resources, statement: str) -> None:
    person = somebody(resources)
    with resources.database.transaction(TEST) as session:
        award(session, new_case(person, "case:1"))
    with pytest.raises(IntegrityError, match="only appended"), resources.database.transaction(TEST) as session:
        session.execute(text(statement))


def test_many_writers_at_once_keep_it_balanced(resources: Resources) -> None:
    people = [somebody(resources) for _ in range(4)]

    def write(number: int) -> bool:
        with resources.database.transaction(TEST) as session:
            return award(session, new_case(people[number % 4], f"case:{number % 16}"))

    with ThreadPoolExecutor(8) as pool:
        booked = list(pool.map(write, range(32)))
    with resources.database.reading() as session:
        assert sum(booked) == 16
        assert total(session) == 0
        assert sum(balance(session, person) for person in people) == 16 * 20


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    awards=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(-3, 40), st.booleans()), min_size=1, max_size=12
    )
)
def test_balances_equal_a_plain_count_whatever_happens(
    resources: Resources, awards: list[tuple[int, int, int, bool]]
) -> None:
    people = [somebody(resources) for _ in range(3)]
    expected, rewarded = dict.fromkeys(people, 0), set()
    for who, source, points, fails in awards:
        key = f"{people[0]}:{source}"
        try:
            with resources.database.transaction(TEST) as session:
                award(session, new_case(people[who], key, points))
                if fails:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            continue
        if points > 0 and key not in rewarded:
            rewarded.add(key)
            expected[people[who]] += points
    with resources.database.reading() as session:
        assert {person: balance(session, person) for person in people} == expected
        assert total(session) == 0


def test_the_leaderboard_leaves_out_who_does_not_want_to_stand_on_it(resources: Resources) -> None:
    first, second, shy = (somebody(resources) for _ in range(3))
    with resources.database.transaction(TEST) as session:
        for person, count in ((first, 3), (second, 1), (shy, 5)):
            for number in range(count):
                award(session, new_case(person, f"{person}:{number}"))
        set_listed(session, shy, listed=False)
    with resources.database.reading() as session:
        standings = leaderboard(session, None, limit=10)
    assert [(standing.person_id, standing.points) for standing in standings] == [(first, 60), (second, 20)]
