"""Lists customers for one viewer: search by name or pinyin, filters, order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from crm_core.customers.acting import Acting
from crm_core.customers.repository import CUSTOMER_COLUMNS
from crm_core.customers.tables import Customer

#: sort keys, and the column that each orders by
SORT_COLUMNS: Mapping[str, Any] = {
    "name": Customer.name_pinyin,
    "industry": Customer.industry,
    "city": Customer.city,
    "size": Customer.size,
    "budget_range": Customer.budget_range,
    "created_at": Customer.created_at,
}


@dataclass(frozen=True, slots=True)
class CustomerSearch:
    """What to look for; filters are equalities by field name."""

    words: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    sort: str = "name"
    is_descending: bool = False
    limit: int = 50
    offset: int = 0


def search_customers(acting: Acting, search: CustomerSearch) -> tuple[Sequence[Customer], int]:
    """One page of the customers that the viewer may see, and how many match in all.

    Raises FieldForbidden for a search, filter or order by a field that the viewer may not read.
    """
    used = {*search.filters, search.sort, *(["name"] if search.words else [])}
    acting.policy.require_readable(acting.viewer, "customer", used)
    matching = select(Customer).where(acting.policy.visible(acting.viewer, "customer", CUSTOMER_COLUMNS))
    if search.words:
        matching = matching.where(named_like(search.words))
    for name, value in search.filters.items():
        matching = matching.where(getattr(Customer, name) == value)
    total = acting.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    page = _ordered(matching, search).limit(search.limit).offset(search.offset)
    return acting.session.scalars(page).all(), total


def named_like(words: str) -> ColumnElement[bool]:
    """A part of the name, of its pinyin with or without spaces (lv neng, lvneng), or of its initials (ln)."""
    typed = words.strip()
    joined = func.replace(Customer.name_pinyin, " ", "")
    initials = func.regexp_replace(Customer.name_pinyin, r"(\S)\S*\s*", r"\1", "g")
    letters = typed.replace(" ", "").casefold()
    return or_(
        Customer.name.icontains(typed, autoescape=True),
        joined.contains(letters, autoescape=True),
        initials.contains(letters, autoescape=True),
    )


def _ordered(matching: Select[Customer], search: CustomerSearch) -> Select[Customer]:
    column = SORT_COLUMNS[search.sort]
    return matching.order_by(column.desc().nulls_last() if search.is_descending else column.nulls_last(), Customer.id)
