"""What a lead still lacks before it may go further."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from crm_core.customers.tables import Document
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook
from crm_core.process.sections import Label
from crm_core.process.stages import FieldType, RequiredDocument, RequiredField, Stage

#: required fields that are columns of the lead; the others stand among its `fields`
OWN_COLUMNS = frozenset({"owner_id", "source", "product", "expected_sign_on", "amount", "margin", "presales_id"})


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One thing that holds a lead back, and how to supply it."""

    kind: Literal["field", "document", "check", "stage_order"]
    code: str
    stage: str
    label: Label
    how: Label
    #: check: what the quality check found, each with code and parameters; empty while it has not said anything.
    #: field: that what is there is not what the field asks for
    reasons: tuple[dict[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "code": self.code,
            "stage": self.stage,
            "label": self.label.model_dump(),
            "how": self.how.model_dump(),
            "reasons": list(self.reasons),
        }


class JudgedDocument(Protocol):
    """What the gate looks at in a document: what its quality check said, and why."""

    @property
    def verdict(self) -> str | None: ...

    @property
    def verdict_reasons(self) -> Sequence[dict[str, Any]]: ...


_CHECK_PENDING = Label(
    zh="质量检查还没有结果，请稍候；急用时可请主管豁免",
    en="Its check has no result yet; wait, or ask a manager to waive it",
)
_CHECK_FAILED = Label(
    zh="质量检查没有通过，请按提示修改后重新上传，或请主管豁免",
    en="Its check failed; mend it as told and upload it again, or ask a manager to waive it",
)


def missing_items(session: Session, lead: Lead, playbook: Playbook, stages: Iterable[Stage]) -> list[MissingItem]:
    """Everything that these stages require and the lead does not have."""
    newest = _newest_documents(session, lead)
    return lacking_items(lambda code: field_value(lead, code), newest, playbook, stages)


def lacking_items(
    value_of: Callable[[str], Any], newest: Mapping[str, JudgedDocument], playbook: Playbook, stages: Iterable[Stage]
) -> list[MissingItem]:
    """The same of a lead that is told by its values and its newest documents by kind: today's, or those of a day."""
    items: list[MissingItem] = []
    for stage in stages:
        items.extend(
            _lacking_field(stage, required, value_of(required.code))
            for required in stage.fields
            if not is_supplied(required, value_of(required.code), playbook)
        )
        items.extend(_lacking_documents(stage, newest))
    return items


def field_value(lead: Lead, code: str) -> Any:
    """The value of a required field, whether it is a column of the lead or one of the playbook's own."""
    return getattr(lead, code) if code in OWN_COLUMNS else lead.fields.get(code)


def is_supplied(required: RequiredField, value: Any, playbook: Playbook) -> bool:
    """Whether a value is there and is what the field asks for today, whatever it asked for when it was given."""
    return is_given(value) and _SUITS[required.type](required, value, playbook)


def is_given(value: Any) -> bool:
    """Whether anything is there at all."""
    return value is not None and value not in ("", []) and not (isinstance(value, str) and not value.strip())


def _is_number(_required: RequiredField, value: Any, _playbook: Playbook) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_day(_required: RequiredField, value: Any, _playbook: Playbook) -> bool:
    if isinstance(value, date):
        return True
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_offered(required: RequiredField, value: Any, playbook: Playbook) -> bool:
    return isinstance(value, str) and value in playbook.choice_codes(required)


def _are_offered(required: RequiredField, value: Any, playbook: Playbook) -> bool:
    """As many of the choices offered as asked, each once."""
    if not isinstance(value, list | tuple) or not all(isinstance(code, str) for code in value):
        return False
    chosen = set(value) & playbook.choice_codes(required)
    return bool(chosen) and len(chosen) == (required.count or len(chosen))


def _is_identifier(_required: RequiredField, value: Any, _playbook: Playbook) -> bool:
    try:
        return isinstance(value, UUID) or bool(UUID(str(value)))
    except ValueError:
        return False


_SUITS: Mapping[FieldType, Callable[[RequiredField, Any, Playbook], bool]] = {
    "text": lambda _required, value, _playbook: bool(str(value).strip()),
    "number": _is_number,
    "date": _is_day,
    "choice": _is_offered,
    "choices": _are_offered,
    "person": _is_identifier,
}


def _lacking_field(stage: Stage, required: RequiredField, value: Any) -> MissingItem:
    """Something that is there and does not suit is told as that, so that nobody wonders why it is asked for again."""
    # without the value: whoever may see the gate may not see every field
    reasons = ({"code": "value_unsuited", "type": required.type},) if is_given(value) else ()
    return MissingItem("field", required.code, stage.code, required.label, required.how, reasons)


def _lacking_documents(stage: Stage, newest: Mapping[str, JudgedDocument]) -> Iterator[MissingItem]:
    for required in stage.documents:
        document = newest.get(required.kind)
        if document is None:
            yield MissingItem("document", required.kind, stage.code, required.title, required.how)
        elif required.must_pass_check and document.verdict not in {"passed", "waived"}:
            yield _unjudged(stage, required, document)


def _unjudged(stage: Stage, required: RequiredDocument, document: JudgedDocument) -> MissingItem:
    how = _CHECK_FAILED if document.verdict == "failed" else _CHECK_PENDING
    return MissingItem("check", required.kind, stage.code, required.title, how, tuple(document.verdict_reasons))


def _newest_documents(session: Session, lead: Lead) -> dict[str, Document]:
    """Of each kind the latest one; documents of other leads of the same customer do not count."""
    statement = (
        select(Document)
        .where(Document.lead_id == lead.id)
        .ext(distinct_on(Document.kind))
        .order_by(Document.kind, Document.created_at.desc(), Document.id.desc())
    )
    return {document.kind: document for document in session.scalars(statement)}
