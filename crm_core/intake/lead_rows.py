"""Rows of leads: the same by their number elsewhere, or by customer and title.

Whatever stage a table says, a lead enters at the first one; what was said is kept as a claim on its timeline.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_

from crm_core.customers.acting import Acting
from crm_core.customers.company_names import core_name
from crm_core.customers.profiles import insert_customers
from crm_core.customers.tables import Customer
from crm_core.customers.timeline import Happening, append_many
from crm_core.foundation import clock
from crm_core.foundation.errors import ProductError
from crm_core.foundation.identifiers import new_id
from crm_core.intake.customer_index import CustomerIndex
from crm_core.intake.errors import RowBeyondReach, RowCustomerUnknown
from crm_core.intake.rows import TableRow, WhenExists, differences, readable
from crm_core.pipeline.arrivals import NewLead
from crm_core.pipeline.field_values import COLUMN_TYPES
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.leads import field_value_of, update_lead
from crm_core.pipeline.repository import LEAD_COLUMNS
from crm_core.pipeline.tables import Lead

#: said by a row and no field of the lead
_NOT_FIELDS = frozenset({"customer", "external_number", "stage"})
_LONGEST_TITLE = 200
#: of a lead's columns those that only the import writes
_OWN_COLUMNS = frozenset({*COLUMN_TYPES, "language"})


class LeadRows:
    batch_rows = 5_000
    limit_rows: int | None = None

    def __init__(
        self, acting: Acting, fields: Sequence[str], when_exists: WhenExists, *, creates_customers: bool
    ) -> None:
        used = [code for code in fields if code not in _NOT_FIELDS]
        acting.policy.require_editable(acting.viewer, "lead", [*used, "title"])
        if when_exists != "leave" and "owner_id" in used:
            acting.policy.require_right(acting.viewer, "lead.reassign")
        if creates_customers:
            acting.policy.require_editable(acting.viewer, "customer", ["name", "owner_id", "region_id"])
        self._index = CustomerIndex(acting)
        self._when_exists = when_exists
        self._creates_customers = creates_customers
        self._customers: list[tuple[UUID, dict[str, Any]]] = []
        self._created: list[tuple[TableRow, UUID]] = []
        self._changed: list[tuple[Lead, dict[str, Any]]] = []

    def identity(self, values: Mapping[str, Any], /) -> str:
        if "external_number" in values:
            return f"number:{values['external_number']}"
        return f"title:{core_name(values['customer'])}:{values['title'].casefold()}"

    def judge(self, acting: Acting, rows: Sequence[TableRow]) -> None:
        self._customers, self._created, self._changed = [], [], []
        rows = readable(rows)
        by_number, by_title = self._known(acting, rows)
        for row in rows:
            try:
                customer_id = self._customer(row)
                number = row.values.get("external_number")
                same_title = (customer_id, title_of(row).casefold())
                lead = by_number.get(number) if number else by_title.get(same_title)
                if lead is None:
                    self._settle_new(row, customer_id)
                else:
                    self._settle_known(row, lead)
            except ProductError as refusal:
                row.refuse(refusal)

    def keep(self, acting: Acting) -> None:
        insert_customers(acting, self._customers)
        regions = self._regions(acting, {customer_id for _, customer_id in self._created})
        leads = [_lead(acting, row, customer_id, regions.get(customer_id)) for row, customer_id in self._created]
        Gate(acting).enter_many(leads)
        claims = [_claim(acting, row, lead) for (row, _), lead in zip(self._created, leads, strict=True)]
        append_many(acting.session, [claim for claim in claims if claim is not None])
        for lead, changes in self._changed:
            update_lead(acting, lead, changes)

    def _known(
        self, acting: Acting, rows: Sequence[TableRow]
    ) -> tuple[Mapping[str, "_KnownLead"], Mapping[tuple[UUID, str], "_KnownLead"]]:
        """What is there of these rows, by number and by customer and title."""
        numbers = [row.values["external_number"] for row in rows if "external_number" in row.values]
        titles = [
            (customer_id, row.values["title"].casefold())
            for row in rows
            if "external_number" not in row.values and (customer_id := self._index.find(row.values["customer"]))
        ]
        visible = acting.policy.visible(acting.viewer, "lead", LEAD_COLUMNS).label("is_visible")
        statement = select(Lead, visible)
        by_number, by_title = dict[str, _KnownLead](), dict[tuple[UUID, str], _KnownLead]()
        if numbers:
            for lead, is_visible in acting.session.execute(statement.where(Lead.external_number.in_(numbers))):
                by_number[str(lead.external_number)] = (lead, is_visible)
        if titles:
            same = tuple_(Lead.customer_id, func.lower(Lead.title)).in_(titles)
            for lead, is_visible in acting.session.execute(statement.where(same)):
                by_title[lead.customer_id, lead.title.casefold()] = (lead, is_visible)
        return by_number, by_title

    def _customer(self, row: TableRow) -> UUID:
        name = row.values["customer"]
        found = self._index.find(name)
        if found is None:
            if not self._creates_customers or not core_name(name):
                raise RowCustomerUnknown(name=name)
            found = new_id()
            self._index.add(name, found)
            shared = {code: value for code, value in row.values.items() if code in {"owner_id", "region_id"}}
            self._customers.append((found, {"name": name, **shared}))
        elif self._index.is_beyond_reach(found):
            raise RowBeyondReach(name=name)
        return found

    def _settle_new(self, row: TableRow, customer_id: UUID) -> None:
        row.settle("created", new_id(), title_of(row))
        self._created.append((row, customer_id))

    def _settle_known(self, row: TableRow, known: "_KnownLead") -> None:
        lead, is_visible = known
        if not is_visible:
            raise RowBeyondReach(name=title_of(row))
        given = {code: kept_value(code, value) for code, value in row.values.items() if code in lead_fields(row)}
        changes = differences(given, lambda code: field_value_of(lead, code), self._when_exists)
        if changes:
            self._changed.append((lead, changes))
        row.settle("changed" if changes else "unchanged", lead.id, lead.title)

    def _regions(self, acting: Acting, ids: set[UUID]) -> dict[UUID, UUID | None]:
        found = acting.session.execute(select(Customer.id, Customer.region_id).where(Customer.id.in_(ids)))
        return {row.id: row.region_id for row in found}


_KnownLead = tuple[Lead, bool]


def title_of(row: TableRow) -> str:
    """The title, or what a table without titles tells of the lead."""
    values = row.values
    made = f"{values.get('product') or values['customer']} {values.get('external_number', '')}"
    return str(values.get("title") or made)[:_LONGEST_TITLE].strip()


def lead_fields(row: TableRow) -> frozenset[str]:
    return frozenset(row.values) - _NOT_FIELDS - {"language"}


def kept_value(code: str, value: Any) -> Any:
    """Columns keep dates, decimals and ids; the playbook's own fields keep what JSON has."""
    if code in _OWN_COLUMNS:
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _lead(acting: Acting, row: TableRow, customer_id: UUID, region_id: UUID | None) -> NewLead:
    own = {code: value for code, value in row.values.items() if code not in _NOT_FIELDS}
    if "owner_id" not in own and "rep" in acting.viewer.roles:
        own["owner_id"] = acting.person_id
    columns = {code: value for code, value in own.items() if code in _OWN_COLUMNS}
    fields = {code: kept_value(code, value) for code, value in own.items() if code not in _OWN_COLUMNS}
    return {
        "region_id": region_id,
        **columns,
        "id": row.record_id,
        "customer_id": customer_id,
        "title": title_of(row),
        "external_number": row.values.get("external_number"),
        "fields": fields,
        "owned_since": clock.now() if columns.get("owner_id") else None,
    }


def _claim(acting: Acting, row: TableRow, lead: NewLead) -> Happening | None:
    """What the table says of the stage, for whoever takes the lead over the gate."""
    claimed = row.values.get("stage")
    if claimed is None:
        return None
    return Happening(
        customer_id=lead["customer_id"],
        lead_id=lead["id"],
        kind="note",
        channel="import",
        actor_id=acting.person_id,
        code="lead_imported_at_stage",
        details={"title": lead["title"], "number": lead["external_number"], "claimed_stage": claimed},
    )
