"""Lists: filters, order, pages. What can be looked up is narrowed by the database, the rest is matched one by one."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from scim2_models import InvalidFilterException, ListResponse, Resource, SearchRequest
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.scim.discovery import LARGEST_PAGE
from api.scim.resources import FullUser, Group
from crm_core.foundation.database import Record
from crm_core.people.tables import Person, Team

Row = TypeVar("Row", bound=Record)
Shown = TypeVar("Shown", bound=Resource[Any])

_DEFAULT_PAGE = 100
#: beyond every list; what the database counts has an end
_LAST_PLACE = 1 << 31
#: characters; each term of a filter is compared with every user that the database cannot rule out
_LONGEST_FILTER = 2_000
_UNKEPT_CHARACTER = re.compile("[\x00\ud800-\udfff]")
Lookup = Callable[[str], ColumnElement[bool]]


def _same(column: InstrumentedAttribute[Any]) -> Lookup:
    return lambda value: func.lower(column) == value.lower()


def _same_id(column: InstrumentedAttribute[UUID]) -> Lookup:
    def condition(value: str) -> ColumnElement[bool]:
        try:
            return column == UUID(value)
        except ValueError:
            return ~true()

    return condition


def _called(value: str) -> ColumnElement[bool]:
    """The userName, or whatever stands for it."""
    columns = (Person.user_name, Person.email, Person.employee_number)
    return or_(*(func.lower(column) == value.lower() for column in columns), _same_id(Person.id)(value))


#: attributes by which the database finds a user or a group; a condition may let too many through, never too few
USER_LOOKUPS: Mapping[str, Lookup] = {
    "username": _called,
    "id": _same_id(Person.id),
    "externalid": _same(Person.external_id),
    "emails": _same(Person.email),
    "emails.value": _same(Person.email),
    "displayname": _same(Person.name),
    "employeenumber": _same(Person.employee_number),
}
GROUP_LOOKUPS: Mapping[str, Lookup] = {
    "displayname": _same(Team.name),
    "id": _same_id(Team.id),
    "externalid": _same(Team.external_id),
}


def require_bounded_filter(asked: Mapping[str, Any]) -> None:
    """Raises InvalidFilterException for a filter that is longer than any that means something."""
    text = asked.get("filter")
    if isinstance(text, str) and len(text) > _LONGEST_FILTER:
        raise InvalidFilterException(detail=f"a filter has at most {_LONGEST_FILTER} characters")


def page_of(
    session: Session,
    rows: Select[Row],
    request: SearchRequest[Any],
    lookups: Mapping[str, Lookup],
    *,
    shown: Callable[[Sequence[Row]], list[Shown]],
) -> ListResponse[FullUser | Group]:
    """One page of what the request asks for, and how many there are in all."""
    start = min(request.start_index_0 or 0, _LAST_PLACE)
    count = min(_DEFAULT_PAGE if request.count is None else request.count, LARGEST_PAGE)
    if request.filter is None and request.sort_by is None:
        total = session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
        page = shown(session.scalars(rows.offset(start).limit(count)).all()) if count else []
        return _response(page, total, start)
    if request.filter is not None:
        rows = rows.where(_narrowed(request.filter.ast, lookups))
    found = shown(session.scalars(rows).all())
    if request.filter is not None:
        found = [one for one in found if request.filter.match(one)]
    found = request.sort(found)
    return _response(found[start : start + count], len(found), start)


def page_of_both(shown: Sequence[Any], request: SearchRequest[Any]) -> ListResponse[FullUser | Group]:
    """One page of users and groups together."""
    found = request.sort([one for one in shown if request.filter is None or request.filter.match(one)])
    start = request.start_index_0 or 0
    count = min(_DEFAULT_PAGE if request.count is None else request.count, LARGEST_PAGE)
    return _response(found[start : start + count], len(found), start)


def _response(page: Sequence[Any], total: int, start: int) -> ListResponse[FullUser | Group]:
    return ListResponse[FullUser | Group](
        total_results=total, start_index=start + 1, items_per_page=len(page), resources=list(page)
    )


def _narrowed(node: FilterNode, lookups: Mapping[str, Lookup]) -> ColumnElement[bool]:
    """What the database can say of a filter: an equality of something it can look up, alone or joined by and."""
    if isinstance(node, LogicalExpr) and node.op is LogicalOperator.and_:
        return and_(true(), *(_narrowed(term, lookups) for term in node.terms))
    if isinstance(node, Comparison) and node.op is CompareOperator.eq and isinstance(node.value, str):
        path = node.attr_path
        name = f"{path.attr}.{path.sub_attr}" if path.sub_attr else path.attr
        if _UNKEPT_CHARACTER.search(node.value):
            return ~true()
        lookup = lookups.get(name.casefold())
        if lookup is not None:
            return lookup(node.value)
    return true()
