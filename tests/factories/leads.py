"""Customers, leads and documents for tests."""

from itertools import count

from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.company_names import company_pinyin
from crm_core.customers.documents import record_verdict
from crm_core.customers.tables import Customer, Document
from crm_core.people.memberships import viewer_of
from crm_core.people.rights import access_policy
from crm_core.people.tables import Person
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.leads import create_lead, update_lead
from crm_core.pipeline.tables import Lead
from crm_core.process.publication import published_playbook

_numbers = count(1)
_TOWNS = "昆吾岚汀沁溧桐澄漳浔婺虞姚汝沂潞渭淇洛涪"

#: what the default playbook's stages ask for, apart from documents
EVERY_FIELD = {
    "source": "exhibition",
    "contact_channel": "phone",
    "contact_result": "约定周四现场勘测",
    "pain_points": ["energy_cost", "unclear_return", "tight_cash"],
    "decision_maker": "总经理赵先生",
    "competitor_comparison": "在比恒泰储能，价格低一成但无本地服务",
    "amount": 860000,
    "expected_sign_on": "2026-04-30",
    "contract_number": "HT-2026-001",
}


def acting_as(session: Session, person: Person) -> Acting:
    """What the routes hand to the floors below for this person."""
    playbook = published_playbook(session)
    return Acting(session, viewer_of(session, person.id), access_policy(playbook), playbook)


def make_customer(session: Session, owner: Person | None = None, *, name: str | None = None) -> Customer:
    number = next(_numbers)
    town = _TOWNS[number % len(_TOWNS)] + _TOWNS[number // len(_TOWNS) % len(_TOWNS)]
    name = name or f"{town}光伏电站运营第{number}有限公司"
    customer = Customer(name=name, name_pinyin=company_pinyin(name), owner_id=owner.id if owner else None)
    session.add(customer)
    session.flush()
    return customer


def make_lead(session: Session, owner: Person, *, customer: Customer | None = None, title: str = "储能改造") -> Lead:
    """A lead in the first stage, made as its owner would."""
    customer = customer or make_customer(session, owner)
    return create_lead(acting_as(session, owner), customer, {"title": title})


def make_document(session: Session, lead: Lead, kind: str, verdict: str | None = "passed") -> Document:
    """A document of a lead, judged as told; its bytes are not in any store."""
    document = Document(
        customer_id=lead.customer_id,
        lead_id=lead.id,
        kind=kind,
        name=f"{kind}.pdf",
        sha256=f"{next(_numbers):064x}",
        media_type="application/pdf",
        size_bytes=1,
    )
    session.add(document)
    if verdict in {"passed", "failed"}:
        record_verdict(document, verdict)
    session.flush()
    return document


def bring_to(session: Session, lead: Lead, stage: str, owner: Person) -> Lead:
    """Move a lead through the gate up to a stage, with everything supplied."""
    acting = acting_as(session, owner)
    supply_everything(session, lead)
    gate, codes = Gate(acting), [known.code for known in acting.playbook.stages]
    for code in codes[codes.index(lead.stage) + 1 : codes.index(stage) + 1]:
        gate.advance(lead, code)
    return lead


def win(session: Session, lead: Lead, owner: Person) -> Lead:
    """Bring a lead to its signed contract."""
    bring_to(session, lead, "signing_payment", owner)
    Gate(acting_as(session, owner)).win(lead)
    return lead


def supply_everything(session: Session, lead: Lead) -> None:
    """Every field and document that any stage asks for."""
    owner = session.get_one(Person, lead.owner_id)
    update_lead(acting_as(session, owner), lead, EVERY_FIELD)
    for kind in ("solution_deck", "cost_sheet"):
        make_document(session, lead, kind)
