"""Records on their way out: every one passes the access policy here, and codes get their words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from api.contracts.customers import CustomerFacts
from api.contracts.documents import DocumentFacts
from api.contracts.leads import LeadFacts
from api.contracts.tasks import TaskFacts, VisitFacts
from api.contracts.timeline import EntryFacts
from crm_core.customers.acting import Acting
from crm_core.customers.profiles import CUSTOMER_FIELDS
from crm_core.customers.tables import Customer, Document, TimelineEntry
from crm_core.foundation import clock
from crm_core.foundation.translations import Locale, translate
from crm_core.people.access import Level
from crm_core.people.repository import names_of_people
from crm_core.people.tables import Region
from crm_core.pipeline.search import is_overdue
from crm_core.pipeline.tables import Lead
from crm_core.work.tables import Task, Visit

LEAD_COLUMN_NAMES = (
    "customer_id",
    "title",
    "source",
    "product",
    "language",
    "external_number",
    "region_id",
    "owner_id",
    "owned_since",
    "pool",
    "received_at",
    "presales_id",
    "stage",
    "stage_entered_at",
    "outcome",
    "outcome_at",
    "outcome_reason",
    "payment_state",
    "expected_sign_on",
    "amount",
    "margin",
    "incentive_policy",
    "back_moves",
    "version",
)
_DOCUMENT_COLUMNS = (
    "customer_id",
    "lead_id",
    "kind",
    "name",
    "media_type",
    "size_bytes",
    "sha256",
    "uploaded_by",
    "replaces_id",
    "verdict",
    "verdict_reasons",
    "waived_by",
    "waiver_reason",
)
_ENTRY_COLUMNS = ("occurred_at", "kind", "channel", "actor_id", "lead_id", "summary", "code", "details")
_TASK_COLUMNS = (
    "kind",
    "title",
    "status",
    "assignee_id",
    "created_by",
    "customer_id",
    "lead_id",
    "due_at",
    "closed_at",
    "reason",
)
_VISIT_COLUMNS = ("customer_id", "lead_id", "owner_id", "planned_at", "held_at", "purpose", "summary")


@dataclass(frozen=True, slots=True)
class Presenter:
    """Shows records to one viewer in one language."""

    acting: Acting
    locale: Locale

    def reads(self, record: str, name: str) -> bool:
        return self.acting.policy.level(self.acting.viewer, record, name) >= Level.READ

    def shown(self, record: str, row: Any, names: Iterable[str]) -> dict[str, Any]:
        """The readable part of a row, with its id and the time it was made."""
        values = {name: getattr(row, name) for name in ("id", "created_at", *names)}
        return self.acting.policy.present(self.acting.viewer, record, values)

    def customers(self, customers: Sequence[Customer]) -> list[CustomerFacts]:
        rows = [self.shown("customer", customer, CUSTOMER_FIELDS) for customer in customers]
        names = self.people_names(row.get(key) for row in rows for key in ("owner_id", "delivery_owner_id"))
        regions = self._region_names(row.get("region_id") for row in rows)
        for row in rows:
            _add_name(row, "owner_id", "owner_name", names)
            _add_name(row, "delivery_owner_id", "delivery_owner_name", names)
            _add_name(row, "region_id", "region_name", regions)
        return [CustomerFacts(**row) for row in rows]

    def leads(self, leads: Sequence[Lead]) -> list[LeadFacts]:
        rows = [self._lead(lead) for lead in leads]
        names = self.people_names(row.get(key) for row in rows for key in ("owner_id", "presales_id"))
        customers = self._customer_names(row.get("customer_id") for row in rows)
        for row in rows:
            _add_name(row, "owner_id", "owner_name", names)
            _add_name(row, "presales_id", "presales_name", names)
            _add_name(row, "customer_id", "customer_name", customers)
        return [LeadFacts(**row) for row in rows]

    def documents(self, documents: Sequence[Document]) -> list[DocumentFacts]:
        rows = [self.shown("document", document, _DOCUMENT_COLUMNS) for document in documents]
        names = self.people_names(row.get("uploaded_by") for row in rows)
        for row in rows:
            _add_name(row, "uploaded_by", "uploaded_by_name", names)
            if "kind" in row:
                row["kind_name"] = self.document_kind_name(row["kind"])
        return [DocumentFacts(**row) for row in rows]

    def entries(self, entries: Sequence[TimelineEntry]) -> list[EntryFacts]:
        rows = [self.shown("timeline_entry", entry, _ENTRY_COLUMNS) for entry in entries]
        names = self.people_names(row.get("actor_id") for row in rows)
        kinds = {kind.code: kind.name.spoken(self.locale) for kind in self.acting.playbook.timeline_kinds}
        for row, entry in zip(rows, entries, strict=True):
            _add_name(row, "actor_id", "actor_name", names)
            if "kind" in row:
                row["kind_name"] = kinds.get(entry.kind, entry.kind)
            if "summary" in row:
                row["text"] = row.pop("summary") or self._sentence(f"timeline.{entry.code}", entry.details)
        return [EntryFacts(**row) for row in rows]

    def tasks(self, tasks: Sequence[Task]) -> list[TaskFacts]:
        rows = [self.shown("task", task, _TASK_COLUMNS) for task in tasks]
        names = self.people_names(row.get("assignee_id") for row in rows)
        for row, task in zip(rows, tasks, strict=True):
            _add_name(row, "assignee_id", "assignee_name", names)
            if "title" in row:
                row["title"] = self.task_title(task)
                row["background_document_id"] = task.parameters.get("background_document_id")
            if row.get("due_at") is not None:
                row["is_overdue"] = task.status == "open" and row["due_at"] < clock.now()
        return [TaskFacts(**row) for row in rows]

    def visits(self, visits: Sequence[Visit]) -> list[VisitFacts]:
        return [VisitFacts(**self.shown("visit", visit, _VISIT_COLUMNS)) for visit in visits]

    def task_title(self, task: Task) -> str:
        told = task.title or task.parameters.get(f"title_{self.locale}")
        return str(told) if told else self._sentence(f"task.{task.code}", task.parameters)

    def stage_name(self, code: str) -> str:
        stages = {stage.code: stage.name for stage in self.acting.playbook.stages}
        return stages[code].spoken(self.locale) if code in stages else code

    def document_kind_name(self, code: str) -> str:
        kind = self.acting.playbook.document_kind(code)
        return kind.name.spoken(self.locale) if kind else code

    def field_name(self, record: str, code: str) -> str:
        """The label of a field on screen."""
        required = self.acting.playbook.required_field(code) if record == "lead" else None
        return required.label.spoken(self.locale) if required else translate(f"field.{record}.{code}", self.locale)

    def people_names(self, ids: Iterable[UUID | None]) -> Mapping[UUID, str]:
        wanted = {person_id for person_id in ids if person_id is not None}
        return names_of_people(self.acting.session, wanted) if wanted else {}

    def _lead(self, lead: Lead) -> dict[str, Any]:
        row = self.shown("lead", lead, LEAD_COLUMN_NAMES)
        viewer, policy = self.acting.viewer, self.acting.policy
        row["fields"] = policy.present(viewer, "lead", lead.fields)
        row |= policy.present(viewer, "lead", {"is_overdue": is_overdue(lead)})
        if "stage" in row:
            row["stage_name"] = self.stage_name(lead.stage)
        return row

    def _sentence(self, key: str, details: Mapping[str, Any]) -> str:
        words = dict(details)
        for name in ("from_stage", "to_stage", "claimed_stage"):
            if words.get(name):
                words[name] = self.stage_name(words[name])
        if "field" in words and "record" in words:
            words["field"] = self.field_name(words["record"], words["field"])
        if "kind" in words:
            words["kind"] = self.document_kind_name(words["kind"])
        return translate(key, self.locale, **words)

    def _region_names(self, ids: Iterable[UUID | None]) -> Mapping[UUID, str]:
        wanted = {region_id for region_id in ids if region_id is not None}
        if not wanted:
            return {}
        rows = self.acting.session.execute(select(Region.id, Region.name).where(Region.id.in_(wanted)))
        return {row.id: row.name for row in rows}

    def _customer_names(self, ids: Iterable[UUID | None]) -> Mapping[UUID, str]:
        wanted = {customer_id for customer_id in ids if customer_id is not None}
        if not wanted or not self.reads("customer", "name"):
            return {}
        rows = self.acting.session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(wanted)))
        return {row.id: row.name for row in rows}


def _add_name(row: dict[str, Any], id_key: str, name_key: str, names: Mapping[UUID, str]) -> None:
    name = names.get(row[id_key]) if row.get(id_key) else None
    if name is not None:
        row[name_key] = name
