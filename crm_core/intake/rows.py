"""Brings rows in, one by one, through the same doors as everyone else: fields by policy, leads by the gate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import select

from crm_core.customers.acting import Acting
from crm_core.customers.company_names import core_name
from crm_core.customers.profiles import insert_customer
from crm_core.customers.tables import Customer, TimelineEntry
from crm_core.customers.timeline import Happening, append
from crm_core.foundation.errors import Forbidden, Invalid, ProductError
from crm_core.intake.cells import CellReader, cell_reader
from crm_core.intake.errors import CellMissing, ImportTooManyRows, RowCustomerUnknown, RowRepeated
from crm_core.intake.mapping import Target
from crm_core.pipeline.leads import create_lead

Fate = Literal["created", "unchanged"]
_CHANNEL = "import"
#: what the session remembers of rows that are written is forgotten this often
_BATCH_ROWS = 1000


@dataclass(slots=True)
class Outcome:
    """What came of a file; problems name row, column, code and parameters."""

    total: int = 0
    created: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)


class RowTaker(Protocol):
    """Knows what one row of its target is, and whether it is there already."""

    required: tuple[str, ...]

    def identity(self, values: Mapping[str, Any]) -> str:
        """What makes two rows the same record. Raises RowCustomerUnknown."""

    def take(self, identity: str, values: Mapping[str, Any]) -> Fate: ...


class CustomerRows:
    """Customers, the same by name without legal form; one that is there is left as it is."""

    required: tuple[str, ...] = ("name",)

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._known = {core_name(name) for name in acting.session.scalars(select(Customer.name))}

    def identity(self, values: Mapping[str, Any]) -> str:
        return core_name(values["name"])

    def take(self, identity: str, values: Mapping[str, Any]) -> Fate:
        if identity in self._known:
            return "unchanged"
        insert_customer(self._acting, values)
        self._known.add(identity)
        return "created"


class LeadRows:
    """Leads, the same by their number elsewhere, or by customer and title.

    Whatever stage a table says, a lead enters at the first one; what was said is kept as a claim on its timeline.
    """

    required: tuple[str, ...] = ("customer", "title")

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        rows = acting.session.execute(select(Customer.id, Customer.name))
        self._customers: dict[str, UUID] = {core_name(row.name): row.id for row in rows}
        keys = select(TimelineEntry.external_key).where(TimelineEntry.channel == _CHANNEL)
        self._known = set(acting.session.scalars(keys))

    def identity(self, values: Mapping[str, Any]) -> str:
        if "number" in values:
            return f"lead:{values['number']}"
        return f"lead:{self._customer_id(values)}:{values['title'].casefold()}"[:200]

    def take(self, identity: str, values: Mapping[str, Any]) -> Fate:
        customer_id = self._customer_id(values)
        if identity in self._known:
            return "unchanged"
        customer = self._acting.session.get_one(Customer, customer_id)
        own = {name: value for name, value in values.items() if name not in {"customer", "number", "stage"}}
        lead = create_lead(self._acting, customer, own)
        claim = values.get("stage")
        append(
            self._acting.session,
            Happening(
                customer_id=customer_id,
                lead_id=lead.id,
                kind="note",
                channel=_CHANNEL,
                actor_id=self._acting.person_id,
                code="lead_imported_at_stage" if claim else "lead_imported",
                details={"title": lead.title, "number": values.get("number"), "claimed_stage": claim},
                external_key=identity,
            ),
        )
        self._known.add(identity)
        return "created"

    def _customer_id(self, values: Mapping[str, Any]) -> UUID:
        customer_id = self._customers.get(core_name(values["customer"]))
        if customer_id is None:
            raise RowCustomerUnknown(name=values["customer"])
        return customer_id


def bring_in(
    acting: Acting,
    target: Target,
    mapping: Mapping[str, str],
    rows: Iterable[tuple[int, Mapping[str, str]]],
    *,
    limit_rows: int,
) -> Outcome:
    """Every row that can be taken is taken; every other one is named. Raises ImportTooManyRows."""
    taker: RowTaker = CustomerRows(acting) if target == "customers" else LeadRows(acting)
    reader = cell_reader(acting, with_choices=target == "leads")
    outcome, first_rows = Outcome(), dict[str, int]()
    for number, row in rows:
        outcome.total += 1
        if outcome.total > limit_rows:
            raise ImportTooManyRows(limit_rows=limit_rows)
        values, problems = _read(reader, mapping, taker.required, number, row)
        if not problems:
            problems = _taken(taker, values, number, first_rows, outcome)
        if problems:
            outcome.refused += 1
            outcome.problems.extend(problems)
        if outcome.total % _BATCH_ROWS == 0:
            acting.session.flush()
            acting.session.expunge_all()
    return outcome


def _read(
    reader: CellReader, mapping: Mapping[str, str], required: tuple[str, ...], number: int, row: Mapping[str, str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    values: dict[str, Any] = {}
    problems: list[dict[str, Any]] = []
    for column, name in mapping.items():
        text = row.get(column, "")
        try:
            if text:
                values[name] = reader.value(name, text)
            elif name in required:
                raise CellMissing(field=name)
        except Invalid as problem:
            problems.append(_problem(number, column, problem))
    return values, problems


def _taken(
    taker: RowTaker, values: Mapping[str, Any], number: int, first_rows: dict[str, int], outcome: Outcome
) -> list[dict[str, Any]]:
    try:
        identity = taker.identity(values)
        first_row = first_rows.setdefault(identity, number)
        if first_row != number:
            raise RowRepeated(first_row=first_row)
        if taker.take(identity, values) == "created":
            outcome.created += 1
        else:
            outcome.unchanged += 1
    except (Invalid, Forbidden) as problem:
        return [_problem(number, None, problem)]
    return []


def _problem(row: int, column: str | None, problem: ProductError) -> dict[str, Any]:
    parameters = {name: str(value) for name, value in problem.parameters.items()}
    return {"row": row, "column": column, "code": problem.code, "parameters": parameters}
