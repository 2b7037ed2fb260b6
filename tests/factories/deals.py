"""Customers with a lead, in whatever stage or outcome a test needs."""

from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.pipeline.tables import Lead
from tests.factories.moves import stand

_numbers = count(1)


def make_deal(session: Session, owner_id: UUID, **values: Any) -> Lead:
    """A lead of a new customer; open and in needs diagnosis unless said otherwise."""
    number = next(_numbers)
    created_at: datetime = values.pop("created_at", clock.now())
    customer = Customer(name=f"测试客户{number}有限公司", name_pinyin=f"ce shi ke hu {number}", owner_id=owner_id)
    session.add(customer)
    session.flush()
    stated = {"title": f"测试商机{number}", "stage": "needs_diagnosis", "stage_entered_at": created_at, **values}
    lead = Lead(customer_id=customer.id, owner_id=owner_id, created_at=created_at, **stated)
    return stand(session, lead)
