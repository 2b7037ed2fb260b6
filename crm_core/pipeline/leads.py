"""Making leads and writing their fields; stages are the gate's."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_core.customers.acting import Acting
from crm_core.customers.errors import ChangedMeanwhile, FieldValueInvalid
from crm_core.customers.tables import Customer
from crm_core.customers.timeline import note_field_changes
from crm_core.foundation import clock
from crm_core.foundation.events import publish
from crm_core.pipeline.assignment.manual import reassign
from crm_core.pipeline.errors import LeadNotFound
from crm_core.pipeline.events import LeadFieldsChanged
from crm_core.pipeline.field_values import COLUMN_TYPES, checked_value
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.repository import find_lead
from crm_core.pipeline.requirements import field_value
from crm_core.pipeline.tables import Lead


def create_lead(acting: Acting, customer: Customer, values: Mapping[str, Any]) -> Lead:
    """A new lead in the first stage; a rep who names no owner becomes it, the region is the customer's."""
    given = {code: value for code, value in values.items() if value is not None}
    acting.policy.require_editable(acting.viewer, "lead", given)
    kept = {code: checked_value(acting, code, value) for code, value in given.items()}
    if "title" not in kept:
        raise FieldValueInvalid(field="title", value=None, problem="empty")
    if "owner_id" not in kept and "rep" in acting.viewer.roles:
        kept["owner_id"] = acting.person_id
    kept.setdefault("region_id", customer.region_id)
    columns = {code: value for code, value in kept.items() if code in COLUMN_TYPES}
    fields = {code: value for code, value in kept.items() if code not in COLUMN_TYPES}
    owned_since = clock.now() if kept.get("owner_id") else None
    lead = Lead(**columns, fields=fields, customer_id=customer.id, owned_since=owned_since)
    Gate(acting).enter(lead)
    return lead


def update_lead(acting: Acting, lead: Lead, changes: Mapping[str, Any], *, expected_version: int | None = None) -> Lead:
    """Write fields of a lead that the viewer has found: its own columns and those that the playbook asks for.

    Raises FieldForbidden, FieldUnknown, FieldValueInvalid, ChangedMeanwhile; RightMissing for what a gate asked for
    of a lead that is won or lost, since that is what the deal was let through with.
    """
    acting.policy.require_editable(acting.viewer, "lead", changes)
    if "owner_id" in changes:
        acting.policy.require_right(acting.viewer, "lead.reassign")
    kept = {code: checked_value(acting, code, value) for code, value in changes.items()}
    if expected_version is not None and lead.version != expected_version:
        raise ChangedMeanwhile(fields=["version"])
    changed = {code: value for code, value in kept.items() if field_value_of(lead, code) != value}
    if lead.outcome in {"won", "lost"} and any(acting.playbook.required_field(code) for code in changed):
        acting.policy.require_right(acting.viewer, "lead.edit_closed")
    own = {code: value for code, value in changed.items() if code not in COLUMN_TYPES}
    if "owner_id" in changed:
        reassign(acting, lead, changed["owner_id"], None)
    for code in changed.keys() - own.keys() - {"owner_id"}:
        setattr(lead, code, changed[code])
    if own:
        merged = {**lead.fields, **own}
        lead.fields = {code: value for code, value in merged.items() if value is not None}
    acting.session.flush()
    if changed:
        _tell(acting, lead, sorted(changed))
    return lead


def require_lead_of(acting: Acting, customer_id: UUID, lead_id: UUID) -> Lead:
    """A lead that the viewer may see and that is this customer's. Raises LeadNotFound."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, lead_id)
    if lead.customer_id != customer_id:
        raise LeadNotFound(lead_id=lead_id)
    return lead


def field_value_of(lead: Lead, code: str) -> Any:
    """What a lead holds under a code, in a column or among the playbook's fields."""
    return getattr(lead, code) if code in COLUMN_TYPES else field_value(lead, code)


def _tell(acting: Acting, lead: Lead, names: list[str]) -> None:
    # a new owner is told by the assignment
    noted = [name for name in names if name != "owner_id"]
    note_field_changes(acting, customer_id=lead.customer_id, lead_id=lead.id, record="lead", names=noted)
    publish(acting.session, LeadFieldsChanged(lead.id, lead.customer_id, tuple(names)))
