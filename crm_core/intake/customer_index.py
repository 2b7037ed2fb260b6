"""Which customers are there, by their names without legal form; a million of them fit into memory."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.company_names import core_name
from crm_core.customers.repository import CUSTOMER_COLUMNS
from crm_core.customers.tables import Customer

_FETCHED_ROWS = 10_000


class CustomerIndex:
    """Name → customer, for one import."""

    def __init__(self, acting: Acting) -> None:
        self._by_core: dict[int, UUID] = {}
        #: companies that share a name but for the legal form are told apart by the whole of it
        self._by_name: dict[int, UUID] = {}
        self._beyond_reach: set[UUID] = set()
        self._fill(acting.session, acting)

    def find(self, name: str) -> UUID | None:
        return self._by_name.get(hash(name)) or self._by_core.get(hash(core_name(name)))

    def add(self, name: str, customer_id: UUID) -> None:
        first = self._by_core.setdefault(hash(core_name(name)), customer_id)
        if first != customer_id:
            self._by_name[hash(name)] = customer_id

    def is_beyond_reach(self, customer_id: UUID) -> bool:
        return customer_id in self._beyond_reach

    def _fill(self, session: Session, acting: Acting) -> None:
        visible = acting.policy.visible(acting.viewer, "customer", CUSTOMER_COLUMNS)
        statement = select(Customer.id, Customer.name, visible.label("is_visible")).order_by(Customer.id)
        for row in session.execute(statement, execution_options={"yield_per": _FETCHED_ROWS}):
            self.add(row.name, row.id)
            if not row.is_visible:
                self._beyond_reach.add(row.id)
