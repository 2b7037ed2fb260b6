"""Cells of other people's tables, read as values of our fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.errors import FieldValueInvalid
from crm_core.foundation import clock
from crm_core.people.memberships import holds_on
from crm_core.people.tables import Membership, Person, Region
from crm_core.process.playbook import Playbook
from crm_core.process.sections import Choice

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+00:00(?::00)?)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBER = re.compile(r"[¥￥$]?\s*(-?[\d,，]*\.?\d+)\s*(万|亿|千)?\s*元?")
_SCALES = {"千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000), None: Decimal(1)}


@dataclass(frozen=True, slots=True)
class CellReader:
    """Knows the people, regions and choices by the names that tables use for them."""

    people: Mapping[str, tuple[UUID, ...]]
    regions: Mapping[str, UUID]
    #: None: a source is free words
    sources: Mapping[str, str] | None
    sizes: Mapping[str, str]
    stages: Mapping[str, str]

    def value(self, field: str, text: str) -> Any:
        """The value of a cell that is not blank. Raises FieldValueInvalid."""
        if field in {"owner_id", "delivery_owner_id"}:
            return self._person(field, text)
        if field == "stage":
            # another system's stage is a claim, in whatever words
            return self.stages.get(text.casefold(), text[:80])
        if field == "amount":
            return _number(field, text)
        if field == "expected_sign_on":
            return _day(field, text)
        named: Mapping[str, Any] | None = {
            "region_id": self.regions,
            "source": self.sources,
            "size": self.sizes,
        }.get(field)
        if named is None:
            return text
        found = named.get(text.casefold())
        if found is None:
            raise FieldValueInvalid(field=field, value=text, problem=f"one of {', '.join(sorted(named))}")
        return found

    def _person(self, field: str, text: str) -> UUID:
        found = self.people.get(text.casefold(), ())
        if not found:
            raise FieldValueInvalid(field=field, value=text, problem="name, number or e-mail of somebody on the roster")
        if len(found) > 1:
            raise FieldValueInvalid(field=field, value=text, problem="several people have this name; use the number")
        return found[0]


def cell_reader(acting: Acting, *, with_choices: bool) -> CellReader:
    """A reader for today's roster and the playbook in force; customers keep a source in free words."""
    playbook = acting.playbook
    source = playbook.required_field("source")
    return CellReader(
        people=_people(acting.session),
        regions={
            name.casefold(): region.id
            for region in acting.session.scalars(select(Region))
            for name in (region.name, region.code)
        },
        sources=_by_name(source.choices) if source and with_choices else None,
        sizes=_by_name(playbook.customer_sizes),
        stages=_stages(playbook),
    )


def _people(session: Session) -> dict[str, tuple[UUID, ...]]:
    today = clock.today()
    statement = select(Person).where(Person.id.in_(select(Membership.person_id).where(holds_on(today))))
    found: dict[str, set[UUID]] = {}
    for person in session.scalars(statement):
        for name in (person.name, person.employee_number, person.email):
            if name:
                found.setdefault(name.casefold(), set()).add(person.id)
    return {name: tuple(ids) for name, ids in found.items()}


def _by_name(choices: tuple[Choice, ...]) -> dict[str, str]:
    return {
        name.casefold(): choice.code for choice in choices for name in (choice.code, choice.name.zh, choice.name.en)
    }


def _stages(playbook: Playbook) -> dict[str, str]:
    return {
        name.casefold(): stage.code for stage in playbook.stages for name in (stage.code, stage.name.zh, stage.name.en)
    }


def _number(field: str, text: str) -> Decimal:
    found = _NUMBER.fullmatch(text.strip())
    try:
        if found is None:
            raise InvalidOperation
        return Decimal(found[1].replace(",", "").replace("，", "")) * _SCALES[found[2]]
    except InvalidOperation:
        raise FieldValueInvalid(field=field, value=text, problem="number, such as 860000 or 86万") from None


def _day(field: str, text: str) -> date:
    found = _DATE.fullmatch(text.strip()) or _COMPACT_DATE.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError(text)
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise FieldValueInvalid(field=field, value=text, problem="date, such as 2026-03-20") from None
