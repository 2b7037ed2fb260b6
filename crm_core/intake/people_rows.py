"""Rows of people, taken by the roster; managers may stand further down the table than those who report to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.errors import ProductError
from crm_core.intake.rows import TableRow, readable
from crm_core.people.appointing import AdminRoleReserved, is_administrator
from crm_core.people.repository import region_called
from crm_core.people.role_names import role_called
from crm_core.people.roster import Position, add_person, appoint
from crm_core.people.roster_rows import Fate, RowChoices, RowManagerUnknown, take_person
from crm_core.people.tables import Person

_LIMIT_ROWS = 20_000


class PeopleRows:
    """The roster writes while it judges, so a rehearsal undoes its transaction."""

    #: a manager may stand anywhere, so all are taken together
    batch_rows = _LIMIT_ROWS
    limit_rows: int | None = _LIMIT_ROWS

    def __init__(self, acting: Acting, *, creates_missing: bool) -> None:
        acting.policy.require_right(acting.viewer, "roster.edit")
        self._creates_missing = creates_missing
        #: by number and address, where they are not the reader's to write
        self._administrators = frozenset[str]() if _may_manage(acting) else _administrators(acting)

    def identity(self, values: Mapping[str, Any], /) -> str:
        return str(values.get("employee_number") or values["email"]).casefold()

    def judge(self, acting: Acting, rows: Sequence[TableRow]) -> None:
        waiting = readable(rows)
        while waiting:
            left = [row for row in waiting if not self._take(acting, row, is_last_try=False)]
            if len(left) == len(waiting):
                break
            waiting = left
        else:
            return
        for row in waiting:
            if self._creates_missing:
                _make_manager(acting, row)
            self._take(acting, row, is_last_try=True)

    def keep(self, acting: Acting) -> None:
        """It is written already."""

    def _take(self, acting: Acting, row: TableRow, *, is_last_try: bool) -> bool:
        """Whether this settles the row; one whose manager is unknown as yet is tried again."""
        try:
            fate = self._write(acting, row)
        except RowManagerUnknown as refusal:
            if is_last_try:
                row.refuse(refusal)
            return is_last_try
        except ProductError as refusal:
            row.refuse(refusal)
            return True
        row.settle(fate, _person_id(acting, row.values), str(row.values.get("name", "")))
        return True

    def _write(self, acting: Acting, row: TableRow) -> Fate:
        """Raises what `take_person` raises, and AdminRoleReserved for a row that would change an administrator."""
        with acting.session.begin_nested():
            choices = RowChoices(makes_places=self._creates_missing)
            fate = take_person(acting.session, row.values, clock.today(), choices)
            if fate != "unchanged" and self._is_reserved(acting, row.values):
                raise AdminRoleReserved
        return fate

    def _is_reserved(self, acting: Acting, values: Mapping[str, Any]) -> bool:
        if _may_manage(acting):
            return False
        known = {str(values.get(name, "")).strip().casefold() for name in ("employee_number", "email")}
        return role_called(str(values.get("role", ""))) == "admin" or not known.isdisjoint(self._administrators)


def _may_manage(acting: Acting) -> bool:
    return acting.policy.has_right(acting.viewer, "users.manage")


def _administrators(acting: Acting) -> frozenset[str]:
    rows = acting.session.execute(select(Person.employee_number, Person.email).where(is_administrator()))
    return frozenset(name.casefold() for row in rows for name in row if name)


def _person_id(acting: Acting, values: Mapping[str, Any]) -> Any:
    number, email = values.get("employee_number"), values.get("email")
    same = Person.employee_number == number if number else Person.email == email
    return acting.session.scalar(select(Person.id).where(same))


def _make_manager(acting: Acting, row: TableRow) -> None:
    """Somebody of whom the table knows the name alone, in the region of whoever reports to them."""
    name = str(row.values["manager"]).strip()
    if acting.session.scalar(select(Person.id).where(Person.name == name, Person.left_on.is_(None)).limit(1)):
        return
    region = region_called(acting.session, str(row.values.get("region", "")).strip())
    manager = add_person(acting.session, name=name)
    appoint(acting.session, manager, Position("manager", region_id=region.id if region else None), since=clock.today())
