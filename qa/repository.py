"""Finds document checks, for one viewer, and what managers have taught."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from crm_core.customers.repository import CUSTOMER_COLUMNS
from crm_core.customers.tables import Customer
from crm_core.people.access import AccessPolicy
from crm_core.people.viewer import Viewer
from qa.errors import DocumentCheckNotFound
from qa.tables import DocumentCheck, ParameterAlias


def find_check(session: Session, viewer: Viewer, policy: AccessPolicy, check_id: UUID) -> DocumentCheck:
    """A check of a document of a customer that the viewer may see. Raises DocumentCheckNotFound."""
    check = session.scalar(_visible(viewer, policy).where(DocumentCheck.id == check_id))
    if check is None:
        raise DocumentCheckNotFound(check_id=check_id)
    policy.require_readable(viewer, "document_check", ["findings"])
    return check


def checks_of_lead(
    session: Session, viewer: Viewer, policy: AccessPolicy, lead_id: UUID, *, limit: int, offset: int
) -> tuple[Sequence[DocumentCheck], int]:
    """A page of the checks of a lead's documents, latest first, and how many there are in all."""
    policy.require_readable(viewer, "document_check", ["findings"])
    statement = _visible(viewer, policy).where(DocumentCheck.lead_id == lead_id)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    latest_first = statement.order_by(DocumentCheck.created_at.desc(), DocumentCheck.id.desc())
    return session.scalars(latest_first.limit(limit).offset(offset)).all(), total


def waiting_check(session: Session, document_id: UUID) -> DocumentCheck | None:
    """The check of a document that no worker has begun, locked so that none begins it meanwhile."""
    statement = select(DocumentCheck).where(DocumentCheck.document_id == document_id, DocumentCheck.status == "queued")
    return session.scalar(statement.order_by(DocumentCheck.created_at.desc()).limit(1).with_for_update())


def is_latest(session: Session, check: DocumentCheck) -> bool:
    """Whether no later check of the same document has been asked for: only the latest speaks for the document."""
    later = select(DocumentCheck.id).where(
        DocumentCheck.document_id == check.document_id,
        tuple_(DocumentCheck.created_at, DocumentCheck.id) > tuple_(literal(check.created_at), literal(check.id)),
    )
    return session.scalar(later.limit(1)) is None


def taught_aliases(session: Session) -> dict[str, list[str]]:
    """Parameter name -> the names that documents use for it."""
    aliases: dict[str, list[str]] = {}
    for name, label in session.execute(select(ParameterAlias.name, ParameterAlias.label)):
        aliases.setdefault(name, []).append(label)
    return aliases


def _visible(viewer: Viewer, policy: AccessPolicy) -> Select[DocumentCheck]:
    visible = policy.visible(viewer, "customer", CUSTOMER_COLUMNS)
    return select(DocumentCheck).join(Customer, Customer.id == DocumentCheck.customer_id).where(visible)
