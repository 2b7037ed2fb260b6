"""A company whose leads stand wherever a way round the gate could begin, and the people who try."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation.database import Database, Origin
from crm_core.people.tables import Person
from crm_core.people.tokens import issue_api_token, open_session
from crm_core.people.viewer import ROLES as _ROLES
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.leads import update_lead
from crm_core.pipeline.tables import Lead
from tests.factories.leads import EVERY_FIELD, acting_as, bring_to, make_customer, make_document, make_lead, win
from tests.factories.people import make_person, make_team

ROLES: tuple[str, ...] = _ROLES
TOKEN_SCOPES = ("read", "write", "import", "admin", "scim")
State = tuple[str, str, str | None]


@dataclass(frozen=True)
class Company:
    """Lead ids by what they stand for; a log-in and tokens for each role."""

    leads: Mapping[str, UUID]
    customers: Mapping[str, UUID]
    sessions: Mapping[str, str]
    tokens: Mapping[tuple[str, str], str]


def make_company(database: Database) -> Company:
    """Everybody is within reach of every lead, so that only the gate and the rights are in the way."""
    with database.transaction(Origin(channel="test")) as session:
        people: dict[str, Person] = {role: make_person(session, role, team=make_team(session)) for role in ROLES}
        leads = _make_leads(session, people)
        sessions = {role: open_session(session, person.id, hours=8)[0] for role, person in people.items()}
        tokens = {
            (role, scope): issue_api_token(session, person.id, label=scope, scopes=[scope])[0]
            for role, person in people.items()
            for scope in TOKEN_SCOPES
        }
        return Company(
            {name: lead.id for name, lead in leads.items()},
            {name: lead.customer_id for name, lead in leads.items()},
            sessions,
            tokens,
        )


def states(database: Database) -> dict[UUID, State]:
    """Where every lead stands."""
    columns = select(Lead.id, Lead.stage, Lead.outcome, Lead.payment_state)
    with database.reading() as session:
        return {lead_id: (stage, outcome, payment) for lead_id, stage, outcome, payment in session.execute(columns)}


def _make_leads(session: Session, people: Mapping[str, Person]) -> dict[str, Lead]:
    owner = people["rep"]
    leads = {name: _new_lead(session, people, name) for name in _NAMES}
    for name in _NAMES - {"bare"}:
        update_lead(acting_as(session, owner), leads[name], EVERY_FIELD)
    _supply_documents(session, leads)
    for name in ("no_documents", "failed_document", "unjudged_document", "foreign_documents"):
        bring_to_stage(session, leads[name], "proposal_quote", owner)
    for name in ("won", "invoiced"):
        win(session, leads[name], owner)
    bring_to(session, leads["unsigned"], "signing_payment", owner)
    update_lead(acting_as(session, owner), leads["unsigned"], {"contract_number": None})
    finance = Gate(acting_as(session, people["finance"]))
    finance.record_invoiced(leads["invoiced"])
    gate = Gate(acting_as(session, owner))
    gate.lose(leads["lost"], "price")
    gate.park(leads["parked"], "budget_next_year")
    return leads


_NAMES = frozenset(
    {
        "bare",
        "complete",
        "no_documents",
        "failed_document",
        "unjudged_document",
        "foreign_documents",
        "unsigned",
        "lost",
        "parked",
        "won",
        "invoiced",
    }
)


def _new_lead(session: Session, people: Mapping[str, Person], name: str) -> Lead:
    customer = make_customer(session, people["rep"])
    customer.delivery_owner_id = people["delivery"].id
    lead = make_lead(session, people["rep"], customer=customer, title=name)
    lead.presales_id = people["presales"].id
    return lead


def bring_to_stage(session: Session, lead: Lead, stage: str, owner: Person) -> None:
    """With what has been supplied so far."""
    acting = acting_as(session, owner)
    codes = [known.code for known in acting.playbook.stages]
    for code in codes[1 : codes.index(stage) + 1]:
        Gate(acting).advance(lead, code)


def _supply_documents(session: Session, leads: Mapping[str, Lead]) -> None:
    verdicts = {"failed_document": "failed", "unjudged_document": None}
    for name, lead in leads.items():
        if name not in {"bare", "no_documents", "foreign_documents"}:
            make_document(session, lead, "solution_deck")
            make_document(session, lead, "cost_sheet", verdict=verdicts.get(name, "passed"))
    # what one customer has does not open the gate of another
    for kind in ("solution_deck", "cost_sheet"):
        make_document(session, leads["complete"], kind)
