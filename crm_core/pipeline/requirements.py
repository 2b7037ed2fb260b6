"""What a lead still lacks before it may go further."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from crm_core.customers.tables import Document
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook
from crm_core.process.sections import Label
from crm_core.process.stages import RequiredDocument, RequiredField, Stage

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
    #: check: what the quality check found, each with code and parameters; empty while it has not said anything
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
            MissingItem("field", required.code, stage.code, required.label, required.how)
            for required in stage.fields
            if not is_supplied(required, value_of(required.code), playbook)
        )
        items.extend(_lacking_documents(stage, newest))
    return items


def field_value(lead: Lead, code: str) -> Any:
    """The value of a required field, whether it is a column of the lead or one of the playbook's own."""
    return getattr(lead, code) if code in OWN_COLUMNS else lead.fields.get(code)


def is_supplied(required: RequiredField, value: Any, playbook: Playbook) -> bool:
    """Whether a value says something: no blank text, no choice that is not offered, as many choices as asked."""
    if value is None:
        return False
    if required.type == "text":
        return bool(str(value).strip())
    if required.type == "choice":
        return value in playbook.choice_codes(required)
    if required.type == "choices":
        chosen = set(value) & playbook.choice_codes(required)
        return len(chosen) == (required.count or len(chosen)) and bool(chosen)
    return True


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
