"""The database itself lets no lead stand where no move has led it, whoever writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from crm_core.foundation.database import Origin
from crm_core.foundation.identifiers import new_id
from crm_core.foundation.resources import Resources
from crm_core.pipeline.tables import Lead
from tests.factories.leads import make_lead, win
from tests.factories.people import make_person, make_team

FORGED_MOVE = text(
    "INSERT INTO stage_moves (id, created_at, lead_id, from_stage, to_stage, kind, is_override, moved_at) "
    "VALUES (gen_random_uuid(), now(), :lead, 'lead_assignment', :stage, :kind, false, now())"
)


@pytest.fixture
def open_lead(resources: Resources) -> UUID:
    with resources.database.transaction(Origin(channel="test")) as session:
        return make_lead(session, make_person(session, "rep", team=make_team(session))).id


@pytest.fixture
def won_lead(resources: Resources) -> UUID:
    with resources.database.transaction(Origin(channel="test")) as session:
        owner = make_person(session, "rep", team=make_team(session))
        return win(session, make_lead(session, owner), owner).id


@contextmanager
def refused(resources: Resources) -> Iterator[Session]:
    """A transaction that must not be kept."""
    with (
        pytest.raises(IntegrityError, match="does not stand where its last move says"),
        resources.database.transaction(Origin(channel="test")) as session,
    ):
        yield session


@pytest.mark.parametrize(
    "change",
    [
        "stage = 'signing_payment'",
        "stage = 'first_contact'",
        "outcome = 'won'",
        "outcome = 'won', payment_state = 'contract'",
        "outcome = 'lost'",
        "outcome = 'parked'",
        "payment_state = 'paid'",
    ],
)
def test_a_statement_moves_no_lead(resources: Resources, open_lead: UUID, change: str) -> None:
    with refused(resources) as session:
        session.execute(text(f"UPDATE leads SET {change}"))


@pytest.mark.parametrize("change", ["outcome = 'open', payment_state = NULL", "payment_state = 'paid'", "stage = 'x'"])
def test_a_statement_changes_no_signed_deal(resources: Resources, won_lead: UUID, change: str) -> None:
    with refused(resources) as session:
        session.execute(text(f"UPDATE leads SET {change}"))


def test_the_mapped_class_moves_no_lead(resources: Resources, open_lead: UUID) -> None:
    with refused(resources) as session:
        session.get_one(Lead, open_lead).stage = "signing_payment"


def test_a_change_in_a_savepoint_is_seen(resources: Resources, open_lead: UUID) -> None:
    with refused(resources) as session, session.begin_nested():
        session.execute(text("UPDATE leads SET stage = 'signing_payment'"))


def test_no_lead_begins_without_a_move(resources: Resources, open_lead: UUID) -> None:
    copied = text(
        "INSERT INTO leads (id, created_at, customer_id, title, stage, stage_entered_at, outcome, fields, back_moves, "
        "version) SELECT :id, now(), customer_id, 'x', 'signing_payment', now(), 'open', '{}', 0, 1 FROM leads"
    )
    with refused(resources) as session:
        session.execute(copied, {"id": new_id()})


def test_a_move_that_is_not_made_is_not_told(resources: Resources, open_lead: UUID) -> None:
    with refused(resources) as session:
        session.execute(FORGED_MOVE, {"lead": open_lead, "stage": "signing_payment", "kind": "forward"})


def test_a_change_that_is_taken_back_before_the_end_is_none(resources: Resources, open_lead: UUID) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        session.execute(text("UPDATE leads SET stage = 'signing_payment'"))
        session.execute(text("UPDATE leads SET stage = 'lead_assignment'"))
    with resources.database.reading() as session:
        assert session.get_one(Lead, open_lead).stage == "lead_assignment"


@pytest.mark.parametrize("statement", ["UPDATE stage_moves SET kind = 'won'", "DELETE FROM stage_moves"])
def test_moves_are_never_rewritten(resources: Resources, open_lead: UUID, statement: str) -> None:
    with (
        pytest.raises(DBAPIError, match="stage_moves is append-only"),
        resources.database.engine.begin() as connection,
    ):
        connection.execute(text(statement))
