"""Finds cases, for one viewer."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from crm_core.people.access import AccessPolicy, RecordColumns
from crm_core.people.tables import Membership
from crm_core.people.viewer import Viewer
from knowledge.cases.errors import CaseNotFound
from knowledge.cases.tables import Case, CaseEvidence, CaseMethod

#: a case is its winner's; it stands in the region where the winner works today
_REGION = (
    select(Membership.region_id)
    .where(Membership.person_id == Case.rep_id, Membership.until.is_(None))
    .limit(1)
    .scalar_subquery()
)
CASE_COLUMNS = RecordColumns(Case.rep_id, _REGION, (Case.owner_id,))


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list."""

    status: str | None = None
    industry: str | None = None
    method_code: str | None = None
    rep_id: UUID | None = None
    lead_id: UUID | None = None


def visible_cases(viewer: Viewer, policy: AccessPolicy) -> ColumnElement[bool]:
    """Published cases within the viewer's reach; drafts and retired ones only for who made them or publishes."""
    reach = policy.visible(viewer, "case", CASE_COLUMNS)
    if policy.has_right(viewer, "case.publish"):
        return reach
    mine = or_(Case.rep_id == viewer.person_id, Case.owner_id == viewer.person_id)
    return and_(reach, or_(Case.status == "published", mine))


def find_case(session: Session, viewer: Viewer, policy: AccessPolicy, case_id: UUID) -> Case:
    """A case that the viewer may see. Raises CaseNotFound."""
    case = session.scalar(select(Case).where(Case.id == case_id, visible_cases(viewer, policy)))
    if case is None:
        raise CaseNotFound(case_id=case_id)
    return case


def list_cases(
    session: Session, wanted: CaseFilter, visible: ColumnElement[bool], *, limit: int, offset: int
) -> tuple[Sequence[Case], int]:
    """A page of cases, latest signature first, and how many there are."""
    conditions = [visible]
    for column, value in (
        (Case.status, wanted.status),
        (Case.industry, wanted.industry),
        (Case.rep_id, wanted.rep_id),
        (Case.lead_id, wanted.lead_id),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.method_code is not None:
        conditions.append(Case.id.in_(select(CaseMethod.case_id).where(CaseMethod.method_code == wanted.method_code)))
    total = session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0
    page = select(Case).where(*conditions).order_by(Case.signed_on.desc(), Case.id.desc()).limit(limit).offset(offset)
    return session.scalars(page).all(), total


def methods_of(session: Session, case_ids: Collection[UUID]) -> Mapping[UUID, list[str]]:
    """The method codes of each case, in the order in which they were named."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    statement = select(CaseMethod).where(CaseMethod.case_id.in_(case_ids)).order_by(CaseMethod.id)
    for row in session.scalars(statement):
        found[row.case_id].append(row.method_code)
    return found


def evidence_of(session: Session, case_id: UUID) -> Sequence[CaseEvidence]:
    return session.scalars(select(CaseEvidence).where(CaseEvidence.case_id == case_id).order_by(CaseEvidence.id)).all()
