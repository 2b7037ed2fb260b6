"""Customers, leads and cases for tests of know-how."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from crm_core.customers.company_names import company_pinyin
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.people.tables import Region
from crm_core.pipeline.tables import Lead
from knowledge.cases.tables import Case, CaseMethod
from tests.factories.moves import stand


def customer_of(session: Session, owner_id: UUID, name: str, **facts: object) -> Customer:
    """A customer of a rep, in the east region."""
    region = session.query(Region).first()
    customer = Customer(
        name=name,
        name_pinyin=company_pinyin(name),
        owner_id=owner_id,
        region_id=region.id if region else None,
        **facts,
    )
    session.add(customer)
    session.flush()
    return customer


def lead_of(session: Session, customer: Customer, *, outcome: str = "open", days: int = 40, **facts: object) -> Lead:
    """A lead of a customer's owner that ended today after some days, or is open."""
    now = clock.now()
    lead = Lead(
        customer_id=customer.id,
        owner_id=customer.owner_id,
        region_id=customer.region_id,
        title=f"{customer.name}的机会",
        stage="needs_diagnosis" if outcome == "open" else "signing_payment",
        stage_entered_at=now,
        outcome=outcome,
        outcome_at=now if outcome != "open" else None,
        created_at=now - timedelta(days=days),
        **{"fields": {}, "amount": Decimal(1_200_000), "margin": 0.31, **facts},
    )
    return stand(session, lead)


def published_case(session: Session, lead: Lead, title: str, story: str, **facts: object) -> Case:
    """A case in the library, told of a won lead."""
    methods = facts.pop("methods", ["bill_analysis"])
    case = Case(
        title=title,
        story=story,
        lead_id=lead.id,
        customer_id=lead.customer_id,
        rep_id=lead.owner_id,
        owner_id=lead.owner_id,
        cycle_days=40,
        margin=lead.margin,
        amount=lead.amount,
        signed_on=clock.today(),
        status="published",
        published_at=clock.now(),
        verified_on=clock.today(),
        expires_on=clock.today() + timedelta(days=90),
        changed_at=clock.now(),
        **facts,
    )
    session.add(case)
    session.flush()
    assert isinstance(methods, list)
    session.add_all(CaseMethod(case_id=case.id, method_code=code) for code in methods)
    session.flush()
    return case
