"""The points that won cases have earned, as bookings of the ledger."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from api.demo.loading.dated_rows import DatedRow, identity
from api.demo.loading.knowledge_rows import winner_of
from api.demo.records import Lead
from api.demo.records import Person as DemoPerson
from crm_core.people.tables import Person
from crm_core.pipeline import tables as pipeline
from knowledge.cases.tables import Case
from knowledge.points.ledger import ISSUED
from knowledge.points.tables import PointAccount, PointEntry, PointTransaction


def account_rows(people: Iterable[DemoPerson], opened_at: datetime) -> Iterator[DatedRow]:
    """The company's account that issues points, and one for each rep."""
    yield _account(identity(PointAccount, ISSUED), opened_at, None, ISSUED)
    for person in people:
        if person.role == "rep":
            yield _account(identity(PointAccount, person.code), opened_at, identity(Person, person.code), None)


def _account(account_id: UUID, opened_at: datetime, person_id: UUID | None, code: str | None) -> DatedRow:
    values = {"id": account_id, "created_at": opened_at, "person_id": person_id, "code": code, "is_unlisted": False}
    return DatedRow(PointAccount, values, opened_at)


def booking_rows(lead: Lead) -> Iterator[DatedRow]:
    """What the case of a lead earned; the key is the one that the product itself books under."""
    if lead.case is None:
        return
    booked_at, lead_id = lead.case.captured_at, identity(pipeline.Lead, lead.code)
    values = {
        "id": identity(PointTransaction, lead.code),
        "created_at": booked_at,
        "kind": "new_case",
        "source_key": f"new_case:{lead_id}",
        "booked_at": booked_at,
        "details": {"case_id": str(identity(Case, lead.case.code)), "lead_id": str(lead_id)},
    }
    yield DatedRow(PointTransaction, values, booked_at)


def entry_rows(lead: Lead, points: int) -> Iterator[DatedRow]:
    """The two sides of that booking."""
    if lead.case is None:
        return
    for account, amount in ((ISSUED, -points), (winner_of(lead), points)):
        values = {
            "id": identity(PointEntry, f"{lead.code}-{account}"),
            "created_at": lead.case.captured_at,
            "transaction_id": identity(PointTransaction, lead.code),
            "account_id": identity(PointAccount, account),
            "points": amount,
        }
        yield DatedRow(PointEntry, values, lead.case.captured_at)
