"""Rows of customers: the same by name without legal form."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm_core.customers.acting import Acting
from crm_core.customers.company_names import core_name
from crm_core.customers.profiles import insert_customers, update_customer
from crm_core.customers.tables import Customer
from crm_core.foundation.errors import ProductError
from crm_core.foundation.identifiers import new_id
from crm_core.intake.customer_index import CustomerIndex
from crm_core.intake.errors import CellMissing, RowBeyondReach
from crm_core.intake.rows import TableRow, WhenExists, differences, readable


class CustomerRows:
    batch_rows = 5_000
    limit_rows: int | None = None

    def __init__(self, acting: Acting, fields: Sequence[str], when_exists: WhenExists) -> None:
        acting.policy.require_editable(acting.viewer, "customer", fields)
        self._index = CustomerIndex(acting)
        self._when_exists = when_exists
        self._created: list[tuple[UUID, dict[str, Any]]] = []
        self._changed: list[tuple[Customer, dict[str, Any]]] = []

    def identity(self, values: Mapping[str, Any], /) -> str:
        return core_name(values["name"]) or str(values["name"])

    def judge(self, acting: Acting, rows: Sequence[TableRow]) -> None:
        self._created, self._changed = [], []
        rows = readable(rows)
        known = {row.number: self._index.find(row.values["name"]) for row in rows}
        held = self._held(acting, [found for found in known.values() if found])
        for row in rows:
            found = known[row.number]
            try:
                if found is None:
                    self._settle_new(row)
                elif self._index.is_beyond_reach(found):
                    raise RowBeyondReach(name=row.values["name"])
                else:
                    self._settle_known(row, found, held.get(found))
            except ProductError as refusal:
                row.refuse(refusal)

    def keep(self, acting: Acting) -> None:
        insert_customers(acting, self._created)
        for customer, changes in self._changed:
            update_customer(acting, customer, changes, {})

    def _held(self, acting: Acting, ids: Sequence[UUID]) -> dict[UUID, Customer]:
        if self._when_exists == "leave" or not ids:
            return {}
        found = acting.session.scalars(select(Customer).where(Customer.id.in_(ids)))
        return {customer.id: customer for customer in found}

    def _settle_new(self, row: TableRow) -> None:
        name = row.values["name"]
        if not core_name(name):
            raise CellMissing(field="name")
        customer_id = new_id()
        self._index.add(name, customer_id)
        self._created.append((customer_id, row.values))
        row.settle("created", customer_id, name)

    def _settle_known(self, row: TableRow, customer_id: UUID, customer: Customer | None) -> None:
        changes: dict[str, Any] = {}
        if customer is not None:
            # the name is what tells it is the same one
            given = {code: value for code, value in row.values.items() if code != "name"}
            changes = differences(given, lambda code: getattr(customer, code), self._when_exists)
        if customer is not None and changes:
            self._changed.append((customer, changes))
        row.settle("changed" if changes else "unchanged", customer_id, row.values["name"])
