"""How often methods occur in cases and are used."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.cases.tables import Case, CaseMethod
from knowledge.methods.tables import MethodUse


@dataclass(frozen=True, slots=True)
class MethodCounts:
    """By method code: published cases that it won, and registered uses."""

    cases: Mapping[str, int]
    uses: Mapping[str, int]


def method_counts(session: Session) -> MethodCounts:
    """Count cases and uses of every method."""
    cases = (
        select(CaseMethod.method_code, func.count())
        .join(Case, Case.id == CaseMethod.case_id)
        .where(Case.status == "published")
        .group_by(CaseMethod.method_code)
    )
    uses = select(MethodUse.method_code, func.count()).group_by(MethodUse.method_code)
    return MethodCounts(
        {row[0]: row[1] for row in session.execute(cases)},
        {row[0]: row[1] for row in session.execute(uses)},
    )
