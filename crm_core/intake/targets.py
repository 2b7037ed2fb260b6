"""What can be brought in, and which fields a column may become."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from crm_core.customers.tables import Customer
from crm_core.people.tables import Person
from crm_core.pipeline.requirements import OWN_COLUMNS
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.process.playbook import Playbook
from crm_core.process.sections import Choice, Label
from crm_core.process.stages import RequiredField

Target = Literal["people", "customers", "leads", "history"]
TARGETS: tuple[Target, ...] = get_args(Target)
Kind = Literal["text", "person", "anybody", "region", "choice", "choices", "number", "share", "date", "moment", "claim"]

#: the date at which a lead entered a stage, one column for each
ENTERED = "entered."
EVENTS = ("created", "won", "lost", "parked", "reopened", "invoiced", "paid")
#: of each of these groups every row must fill one field
REQUIRED: Mapping[Target, tuple[tuple[str, ...], ...]] = {
    "people": (("employee_number", "email"),),
    "customers": (("name",),),
    "leads": (("customer",), ("title", "external_number")),
    "history": (("external_number",),),
}
_KINDS: Mapping[str, Kind] = {
    "owner_id": "person",
    "presales_id": "person",
    "delivery_owner_id": "person",
    "moved_by": "anybody",
    "region_id": "region",
    "amount": "number",
    "margin": "share",
    "expected_sign_on": "date",
    "hired_on": "date",
    "left_on": "date",
    "moved_at": "moment",
    "closed_at": "moment",
}
_TABLES: Mapping[Target, Any] = {"people": Person, "customers": Customer, "leads": Lead, "history": StageMove}
_LONGEST_TEXT = 4000
_NOT_A_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a column may become."""

    code: str
    kind: Kind
    #: other people's names of it, plain
    names: frozenset[str] = frozenset()
    longest: int = _LONGEST_TEXT
    #: of a choice: plain name → code
    choices: Mapping[str, str] | None = None
    #: of a choice: what the reader may be told is allowed
    options: tuple[Choice, ...] = ()
    #: choices: exactly this many
    count: int | None = None
    #: the playbook's own words, for a field that it asks for
    label: Label | None = None


def fields_of(target: Target, playbook: Playbook) -> dict[str, Field]:
    """Every field that a column may become, in the order in which they are offered."""
    known = {code: _field(target, code, names, playbook) for code, names in _header_names()[target].items()}
    if target == "leads":
        for stage in playbook.stages:
            known |= {asked.code: _asked(asked, playbook) for asked in stage.fields if asked.code not in OWN_COLUMNS}
    if target == "history":
        for stage in playbook.stages:
            code = f"{ENTERED}{stage.code}"
            names = frozenset(plain(f"{name}{word}") for name in _names(stage) for word in ("日期", "时间", "date"))
            known[code] = Field(code, "moment", names, label=stage.name)
    return known


def plain(name: str) -> str:
    """A name without width, case, spaces and punctuation."""
    return _NOT_A_LETTER.sub("", unicodedata.normalize("NFKC", name).casefold())


def stage_names(playbook: Playbook) -> dict[str, str]:
    """Plain name of a stage → its code."""
    return {plain(name): stage.code for stage in playbook.stages for name in _names(stage)}


def event_names(playbook: Playbook) -> dict[str, str]:
    """Plain name of a stage, of an outcome, or of a reason to stop → its code."""
    content = yaml.safe_load(Path(__file__).with_name("event_names.yaml").read_text(encoding="utf-8"))
    events = {plain(name): code for code, names in content.items() for name in (code, *names)}
    return {**events, **stage_names(playbook)}


def _names(choice: Any) -> tuple[str, ...]:
    return (choice.code, choice.name.zh, choice.name.en)


def _field(target: Target, code: str, names: frozenset[str], playbook: Playbook) -> Field:
    if target == "history" and code == "event":
        stages = tuple(Choice(code=stage.code, name=stage.name) for stage in playbook.stages)
        return Field(code, "choice", names, choices=event_names(playbook), options=stages)
    asked = playbook.required_field(code) if target == "leads" else None
    if asked is not None and asked.type == "choice":
        return _asked(asked, playbook, names)
    if target == "customers" and code == "size":
        return Field(code, "choice", names, choices=_by_name(playbook.customer_sizes), options=playbook.customer_sizes)
    if target == "leads" and code == "stage":
        return Field(code, "claim", names, longest=80, choices=stage_names(playbook))
    column = _TABLES[target].__table__.columns.get(code)
    longest = getattr(column.type, "length", None) if column is not None else None
    return Field(code, _KINDS.get(code, "text"), names, longest=longest or _LONGEST_TEXT)


def _asked(asked: RequiredField, playbook: Playbook, names: frozenset[str] = frozenset()) -> Field:
    """A field that the playbook's stages ask for."""
    words = playbook.lexicon.pain_points if asked.choices_from else ()
    options = asked.choices or tuple(
        Choice(code=word.code, name=Label(zh=word.name, en=word.name_en)) for word in words
    )
    return Field(
        asked.code,
        asked.type,
        names | {plain(asked.label.zh), plain(asked.label.en)},
        choices=_by_name(options) if asked.type in {"choice", "choices"} else None,
        options=options,
        count=asked.count,
        label=asked.label,
    )


def _by_name(choices: Iterable[Any]) -> dict[str, str]:
    return {plain(name): choice.code for choice in choices for name in _names(choice)}


@cache
def _header_names() -> dict[Target, dict[str, frozenset[str]]]:
    content = yaml.safe_load(Path(__file__).with_name("header_names.yaml").read_text(encoding="utf-8"))
    return {
        target: {field: frozenset(map(plain, (field, *names))) for field, names in content[target].items()}
        for target in TARGETS
    }
