"""Values of a lead's fields, as they come from outside, checked against what the field is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from crm_core.customers.acting import Acting
from crm_core.customers.errors import FieldUnknown, FieldValueInvalid
from crm_core.customers.profiles import require_person, require_region
from crm_core.process.stages import FieldType, RequiredField

#: columns of a lead that people write, and what each holds
COLUMN_TYPES: Mapping[str, FieldType | str] = {
    "title": "text",
    "source": "text",
    "product": "text",
    "language": "text",
    "region_id": "region",
    "owner_id": "person",
    "presales_id": "person",
    "expected_sign_on": "date",
    "amount": "number",
    "margin": "share",
    "incentive_policy": "text",
}
_LONGEST_TEXT = {"title": 200, "source": 40, "product": 120, "language": 20, "incentive_policy": 400}
_LARGEST_NUMBER = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Given:
    """A value on its way into a field."""

    acting: Acting
    code: str
    value: Any
    field: RequiredField | None

    def refused(self, problem: str) -> FieldValueInvalid:
        return FieldValueInvalid(field=self.code, value=self.value, problem=problem)


def checked_value(acting: Acting, code: str, value: Any) -> Any:
    """The value as it is kept; None clears the field. Raises FieldUnknown, FieldValueInvalid."""
    field = acting.playbook.required_field(code)
    kind = _kind(code, field)
    if kind is None:
        raise FieldUnknown(fields=code)
    given = Given(acting, code, value, field)
    return _cleared(given) if value is None or value in ("", []) else _READERS[kind](given)


def _kind(code: str, field: RequiredField | None) -> str | None:
    """A column stays what it is, but the playbook may narrow a text to choices."""
    column = COLUMN_TYPES.get(code)
    if field is not None and (column is None or (column == "text" and field.type == "choice")):
        return field.type
    return column


def _cleared(given: Given) -> None:
    if given.code == "title":
        raise given.refused("empty")


def _text(given: Given) -> str:
    longest = _LONGEST_TEXT.get(given.code, 4000)
    if not isinstance(given.value, str):
        raise given.refused("text")
    text = given.value.strip()
    # a zero-width space is no answer to what a stage asks for
    if not any(character.isprintable() for character in text) or len(text) > longest:
        raise given.refused(f"1–{longest} characters")
    return text


def _number(given: Given) -> Decimal | float:
    """Columns keep decimals; the playbook's own fields keep JSON numbers."""
    if isinstance(given.value, bool):
        raise given.refused("number")
    try:
        number = Decimal(str(given.value).replace(",", "").strip())
    except InvalidOperation:
        raise given.refused("number") from None
    if not _is_kept(number):
        raise given.refused(f"number below {_LARGEST_NUMBER:,}")
    if given.code == "amount" and number < 0:
        raise given.refused("0 or more")
    return number if given.code in COLUMN_TYPES else float(number)


def _is_kept(number: Decimal) -> bool:
    """Also after rounding to cents, as the column does; `abs` would overflow on an exponent beyond its context."""
    size = number.copy_abs()
    return number.is_finite() and size < _LARGEST_NUMBER and round(size, 2) < _LARGEST_NUMBER


def _share(given: Given) -> float:
    share = float(_number(given))
    if not -10 <= share <= 1:
        raise given.refused("-10–1")
    return share


def _date(given: Given) -> date | str:
    try:
        day = given.value if isinstance(given.value, date) else date.fromisoformat(str(given.value).strip())
    except ValueError:
        raise given.refused("date as 2026-03-20") from None
    return day if given.code in COLUMN_TYPES else day.isoformat()


def _choice(given: Given) -> str:
    allowed = _choices_of(given)
    if not isinstance(given.value, str) or given.value not in allowed:
        raise given.refused(f"one of {', '.join(sorted(allowed))}")
    return given.value


def _choices(given: Given) -> list[str]:
    allowed = _choices_of(given)
    if not isinstance(given.value, list | tuple) or not all(isinstance(code, str) for code in given.value):
        raise given.refused("list of codes")
    unknown = sorted(set(given.value) - allowed)
    if unknown:
        raise given.refused(f"unknown: {', '.join(unknown)}")
    if len(set(given.value)) < len(given.value):
        raise given.refused("each code once")
    return list(given.value)


def _choices_of(given: Given) -> frozenset[str]:
    return given.acting.playbook.choice_codes(given.field) if given.field else frozenset()


def _person(given: Given) -> UUID | str:
    person_id = _identifier(given)
    require_person(given.acting.session, given.code, person_id)
    return person_id if given.code in COLUMN_TYPES else str(person_id)


def _region(given: Given) -> UUID:
    region_id = _identifier(given)
    require_region(given.acting.session, region_id)
    return region_id


def _identifier(given: Given) -> UUID:
    try:
        return given.value if isinstance(given.value, UUID) else UUID(str(given.value))
    except ValueError:
        raise given.refused("identifier") from None


_READERS: Mapping[str, Callable[[Given], Any]] = {
    "text": _text,
    "number": _number,
    "share": _share,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "person": _person,
    "region": _region,
}
