"""One timeline of everything that happened with a customer, from every channel."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.tables import TimelineEntry
from crm_core.foundation import clock
from crm_core.foundation.bulk import copy_rows
from crm_core.foundation.errors import Invalid
from crm_core.foundation.identifiers import new_id
from crm_core.people.access import Level

#: records whose field values an entry can tell of
_TOLD_RECORDS = ("customer", "lead")


class TimelineKindUnknown(Invalid):
    code = "timeline_kind_unknown"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to put on a timeline; with an external key the same message twice is one entry.

    An entry that tells the value of a field names it in details as {"record": …, "field": …}: whoever may not read
    the field does not see the entry.
    """

    customer_id: UUID
    kind: str
    channel: str
    lead_id: UUID | None = None
    occurred_at: datetime | None = None
    actor_id: UUID | None = None
    summary: str | None = None
    code: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    external_key: str | None = None


_HAPPENING_FIELDS = tuple(field.name for field in fields(Happening))


def append(session: Session, happening: Happening) -> tuple[TimelineEntry, bool]:
    """Put something on the timeline; returns the entry and whether it is new."""
    values = {
        "customer_id": happening.customer_id,
        "lead_id": happening.lead_id,
        "occurred_at": happening.occurred_at or clock.now(),
        "kind": happening.kind,
        "channel": happening.channel,
        "actor_id": happening.actor_id,
        "summary": happening.summary,
        "code": happening.code,
        "details": happening.details,
        "external_key": happening.external_key,
    }
    if happening.external_key is None:
        entry = TimelineEntry(**values)
        session.add(entry)
        session.flush()
        return entry, True
    statement = insert(TimelineEntry).values(values).on_conflict_do_nothing().returning(TimelineEntry.id)
    new_id = session.scalar(statement)
    same_message = (TimelineEntry.channel == happening.channel) & (TimelineEntry.external_key == happening.external_key)
    return session.scalars(select(TimelineEntry).where(same_message)).one(), new_id is not None


def append_many(session: Session, happenings: Sequence[Happening]) -> None:
    """Put many things on timelines at once; none of them has an external key."""
    now = clock.now()
    rows = [
        {name: getattr(happening, name) for name in _HAPPENING_FIELDS}
        | {"occurred_at": happening.occurred_at or now, "id": new_id(), "created_at": now}
        for happening in happenings
    ]
    copy_rows(session, TimelineEntry, rows)


def log_contact(acting: Acting, happening: Happening) -> tuple[TimelineEntry, bool]:
    """A person puts something on the timeline. Raises TimelineKindUnknown, FieldForbidden."""
    acting.policy.require_editable(acting.viewer, "timeline_entry", ["summary"])
    kinds = [kind.code for kind in acting.playbook.timeline_kinds]
    if happening.kind not in kinds:
        raise TimelineKindUnknown(kind=happening.kind, allowed=", ".join(kinds))
    return append(acting.session, happening)


def note_field_changes(
    acting: Acting, *, customer_id: UUID, lead_id: UUID | None, record: str, names: Iterable[str]
) -> None:
    """One entry for each changed field; old and new values stay in history, behind the field matrix."""
    for name in names:
        append(
            acting.session,
            Happening(
                customer_id=customer_id,
                lead_id=lead_id,
                kind="field_change",
                channel=channel_of(acting.session),
                actor_id=acting.person_id,
                code="field_changed",
                details={"record": record, "field": name},
            ),
        )


def timeline_page(
    acting: Acting, customer_id: UUID, *, lead_id: UUID | None = None, limit: int = 50, offset: int = 0
) -> tuple[Sequence[TimelineEntry], int]:
    """A page of a customer's timeline, latest first, and how many entries the viewer may see in all."""
    acting.policy.require_readable(acting.viewer, "timeline_entry", ["summary"])
    condition = and_(TimelineEntry.customer_id == customer_id, _readable(acting))
    if lead_id is not None:
        condition = and_(condition, TimelineEntry.lead_id == lead_id)
    total = acting.session.scalar(select(func.count()).select_from(TimelineEntry).where(condition)) or 0
    statement = (
        select(TimelineEntry)
        .where(condition)
        .order_by(TimelineEntry.occurred_at.desc(), TimelineEntry.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return acting.session.scalars(statement).all(), total


def channel_of(session: Session) -> str:
    """Through what the present transaction writes: screen, api, import, job, …"""
    origin = session.info.get("origin")
    return origin.channel if origin else "job"


def _readable(acting: Acting) -> ColumnElement[bool]:
    """Entries that tell no field, or one that the viewer may read."""
    record, told = TimelineEntry.details["record"].astext, TimelineEntry.details["field"].astext
    readable = (and_(record == name, told.in_(_readable_fields(acting, name))) for name in _TOLD_RECORDS)
    return or_(told.is_(None), *readable)


def _readable_fields(acting: Acting, record: str) -> list[str]:
    listed = set(acting.playbook.field_matrix.get(record, {})) | _every_field(acting, record)
    return sorted(name for name in listed if acting.policy.level(acting.viewer, record, name) >= Level.READ)


def _every_field(acting: Acting, record: str) -> set[str]:
    columns = set(TimelineEntry.metadata.tables[f"{record}s"].columns.keys())
    asked = {required.code for stage in acting.playbook.stages for required in stage.fields}
    return columns | (asked if record == "lead" else set())
