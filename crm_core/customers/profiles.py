"""Making and changing customers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.company_names import company_pinyin, core_name, is_near
from crm_core.customers.errors import ChangedMeanwhile, CustomerExists, FieldUnknown, FieldValueInvalid
from crm_core.customers.repository import CUSTOMER_COLUMNS
from crm_core.customers.tables import Customer
from crm_core.customers.timeline import note_field_changes
from crm_core.foundation import clock
from crm_core.foundation.bulk import copy_rows
from crm_core.people.tables import Person, Region

#: what people may write; the playbook's field matrix says who
CUSTOMER_FIELDS = (
    "name",
    "industry",
    "size",
    "region_id",
    "owner_id",
    "city",
    "source",
    "situation",
    "budget_range",
    "technical_solution",
    "delivery_risks",
    "delivery_owner_id",
    "invoice_qualification",
    "products",
)
_PEOPLE_FIELDS = ("owner_id", "delivery_owner_id")


def create_customer(acting: Acting, values: Mapping[str, Any], *, is_distinct: bool = False) -> Customer:
    """A new customer; a rep who names no owner becomes it.

    Raises CustomerExists for a name that is taken, or near one that is unless `is_distinct` says that both exist.
    """
    # first the right to ask, or the refusal would tell a stranger which names are taken
    acting.policy.require_editable(acting.viewer, "customer", _given(values))
    _refuse_duplicate(acting, values["name"], is_distinct=is_distinct)
    return insert_customer(acting, values)


def insert_customer(acting: Acting, values: Mapping[str, Any]) -> Customer:
    """A new customer of whose name the caller knows that it is free."""
    given = _given(values)
    acting.policy.require_editable(acting.viewer, "customer", given)
    _check_values(acting, given)
    if "owner_id" not in given and "rep" in acting.viewer.roles:
        given["owner_id"] = acting.person_id
    customer = Customer(**given, name_pinyin=company_pinyin(given["name"]))
    acting.session.add(customer)
    acting.session.flush()
    return customer


def insert_customers(acting: Acting, customers: Sequence[tuple[UUID, Mapping[str, Any]]]) -> None:
    """Many new customers at once, by id; the caller knows that their values are right and their names free."""
    if not customers:
        return
    used = set().union(*(values.keys() for _, values in customers))
    acting.policy.require_editable(acting.viewer, "customer", used)
    owner_id = acting.person_id if "rep" in acting.viewer.roles else None
    blank = {"owner_id": owner_id, "created_at": clock.now()}
    rows = [
        {**blank, **_given(values), "id": customer_id, "name_pinyin": company_pinyin(values["name"])}
        for customer_id, values in customers
    ]
    copy_rows(acting.session, Customer, rows)


def update_customer(
    acting: Acting, customer: Customer, changes: Mapping[str, Any], expected: Mapping[str, Any]
) -> Customer:
    """Write fields of a customer that the viewer has found.

    `expected` holds what the viewer saw in fields that are being changed: another value there by now means that
    somebody was faster (ChangedMeanwhile). Two people who change different fields do not disturb one another.
    """
    acting.policy.require_editable(acting.viewer, "customer", {*changes, *expected})
    _check_values(acting, changes)
    acting.session.refresh(customer, with_for_update=True)
    stale = sorted(name for name, value in expected.items() if getattr(customer, name) != value)
    if stale:
        raise ChangedMeanwhile(fields=stale)
    changed = [name for name, value in changes.items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, changes[name])
    if "name" in changed:
        _refuse_taken(acting.session, customer)
        customer.name_pinyin = company_pinyin(customer.name)
    note_field_changes(acting, customer_id=customer.id, lead_id=None, record="customer", names=changed)
    acting.session.flush()
    return customer


def similar_customers(session: Session, name: str) -> list[Customer]:
    """Customers that are most likely the same company, of whomever they are."""
    core = core_name(name)
    nearby = or_(Customer.name.contains(core[:2], autoescape=True), Customer.name.contains(core[-2:], autoescape=True))
    return [other for other in session.scalars(select(Customer).where(nearby)) if is_near(name, other.name)]


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _refuse_duplicate(acting: Acting, name: str, *, is_distinct: bool) -> None:
    similar = similar_customers(acting.session, name)
    taken = any(other.name == name for other in similar)
    if not similar or (is_distinct and not taken):
        return
    # of customers beyond the viewer's reach, no more is told than that there are some
    visible = acting.policy.visible(acting.viewer, "customer", CUSTOMER_COLUMNS)
    ids = [other.id for other in similar]
    shown = acting.session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids), visible)).all()
    raise CustomerExists(
        name=name,
        is_same_name=taken,
        similar=[{"id": str(row.id), "name": row.name} for row in shown],
        names=", ".join(row.name for row in shown) or "•",
        hidden_count=len(similar) - len(shown),
    )


def _refuse_taken(session: Session, customer: Customer) -> None:
    with session.no_autoflush:
        taken = session.scalar(select(Customer.id).where(Customer.name == customer.name, Customer.id != customer.id))
    if taken:
        raise CustomerExists(name=customer.name, is_same_name=True, similar=[], names=customer.name, hidden_count=0)


def _check_values(acting: Acting, values: Mapping[str, Any]) -> None:
    unknown = sorted(set(values) - set(CUSTOMER_FIELDS))
    if unknown:
        raise FieldUnknown(fields=", ".join(unknown))
    if "name" in values and not core_name(values["name"] or ""):
        raise FieldValueInvalid(field="name", value=values["name"], problem="empty")
    for name, value in values.items():
        _check_text(name, value)
    sizes = [size.code for size in acting.playbook.customer_sizes]
    if values.get("size") is not None and values["size"] not in sizes:
        raise FieldValueInvalid(field="size", value=values["size"], problem=f"one of {', '.join(sizes)}")
    for name in _PEOPLE_FIELDS:
        require_person(acting.session, name, values.get(name))
    require_region(acting.session, values.get("region_id"))


def _check_text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        return
    longest = getattr(Customer.__table__.c[name].type, "length", None)
    if longest is not None and len(value) > longest:
        raise FieldValueInvalid(field=name, value=value[:40], problem=f"1–{longest} characters")


def require_person(session: Session, field: str, person_id: UUID | None) -> None:
    """Raises FieldValueInvalid unless the person exists; None is nobody."""
    if person_id is not None and session.get(Person, person_id) is None:
        raise FieldValueInvalid(field=field, value=person_id, problem="no such person")


def require_region(session: Session, region_id: UUID | None) -> None:
    """Raises FieldValueInvalid unless the region exists; None is no region."""
    if region_id is not None and session.get(Region, region_id) is None:
        raise FieldValueInvalid(field="region_id", value=region_id, problem="no such region")
