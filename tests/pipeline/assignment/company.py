"""A small company in the database with rules of its own, for tests of assignment."""

from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.customers.tables import Customer
from crm_core.people.tables import Person, Region
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.tables import Lead
from crm_core.process.tables import PlaybookVersion
from tests.factories.leads import acting_as, make_customer
from tests.factories.people import make_person, make_region, make_team

_numbers = count(1)

NAME = {"zh": "池", "en": "Pool"}
HEADQUARTERS: dict[str, Any] = {
    "code": "headquarters",
    "name": {"zh": "总部池", "en": "Headquarters pool"},
    "kind": "claimed",
    "members": {"roles": ["rep", "manager"]},
}
EVERYBODY: dict[str, Any] = {"code": "everybody", "name": NAME, "keeps_account_owner": False}


def set_rules(session: Session, *pools: dict[str, Any], **assignment: Any) -> None:
    """From here on the published playbook has these pools; every lead goes to the first unless rules are given."""
    onboarding = {"required": assignment.pop("required", [])}
    version = session.scalars(select(PlaybookVersion).where(PlaybookVersion.status == "published")).one()
    everything = {"code": "everything", "name": NAME, "pool": pools[0]["code"]}
    content = {"rules": [everything], "pools": list(pools), "fallback": {"pool": "headquarters"}} | assignment
    if not any(pool["code"] == "headquarters" for pool in pools):
        content["pools"] = [*pools, HEADQUARTERS]
    version.content = {**version.content, "assignment": content, "onboarding": onboarding}
    session.flush()


def make_reps(session: Session, number: int, *, region: Region | None = None) -> list[Person]:
    team = make_team(session)
    return [make_person(session, "rep", team=team, region=region) for _ in range(number)]


def unowned_lead(session: Session, customer: Customer | None = None, **values: Any) -> Lead:
    """A lead that operations put in without an owner; the region is the east."""
    operations = make_person(session, "operations")
    customer = customer or make_customer(session)
    lead = Lead(
        customer_id=customer.id,
        **{"title": f"线索{next(_numbers)}", "region_id": make_region(session).id, "fields": {}, **values},
    )
    Gate(acting_as(session, operations)).enter(lead)
    return lead
