"""The methods in force: the playbook's, and proposals that were accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.events import publish
from crm_core.foundation.identifiers import new_id
from crm_core.process.playbook import Playbook
from knowledge.cases.tables import Case, CaseMethod
from knowledge.methods.errors import MergeTargetMissing, MethodDecided, MethodExists, MethodNotFound, MethodUnknown
from knowledge.methods.events import MethodUsed
from knowledge.methods.tables import MethodUse, ProposedMethod

Decision = Literal["accepted", "merged", "rejected"]


@dataclass(frozen=True, slots=True)
class LibraryMethod:
    """A method as the library holds it, wherever it came from."""

    code: str
    name: str
    name_en: str
    definition: str
    typical_situations: tuple[str, ...]
    #: standard (of the playbook), accepted, proposed
    state: str


def library_methods(
    session: Session, playbook: Playbook, *, with_proposals: bool = False
) -> Mapping[str, LibraryMethod]:
    """Return methods by code: the standard ones, the accepted ones, and on request those still to be decided."""
    standard = {
        method.code: LibraryMethod(
            method.code, method.name, method.name_en, method.definition, method.typical_situations, "standard"
        )
        for method in playbook.methods
    }
    states = ["accepted", "proposed"] if with_proposals else ["accepted"]
    statement = select(ProposedMethod).where(ProposedMethod.status.in_(states)).order_by(ProposedMethod.created_at)
    return standard | {
        row.code: LibraryMethod(row.code, row.name, row.name, row.definition, tuple(row.typical_situations), row.status)
        for row in session.scalars(statement)
    }


def require_known(methods: Mapping[str, LibraryMethod], codes: Sequence[str]) -> None:
    """Raises MethodUnknown naming every code that the library does not have."""
    unknown = sorted(code for code in codes if code not in methods)
    if unknown:
        raise MethodUnknown(methods=", ".join(unknown))


def propose(acting: Acting, name: str, definition: str, typical_situations: Sequence[str] = ()) -> ProposedMethod:
    """Put a new method before the trainers. Raises MethodExists for a name that the library has."""
    plain = name.strip()
    for method in library_methods(acting.session, acting.playbook, with_proposals=True).values():
        if method.name == plain:
            raise MethodExists(name=plain, method_code=method.code)
    proposal = ProposedMethod(
        code=f"proposed_{new_id().hex[-12:]}",
        name=plain,
        definition=definition.strip(),
        typical_situations=[situation.strip() for situation in typical_situations if situation.strip()],
        status="proposed",
        proposed_by=acting.person_id,
    )
    acting.session.add(proposal)
    acting.session.flush()
    return proposal


def decide(
    acting: Acting, code: str, decision: Decision, *, merged_into: str | None = None, reason: str | None = None
) -> ProposedMethod:
    """Accept, merge or reject a proposal; merging hands its cases to the other method. Needs method.decide."""
    acting.policy.require_right(acting.viewer, "method.decide")
    proposal = acting.session.scalar(select(ProposedMethod).where(ProposedMethod.code == code).with_for_update())
    if proposal is None:
        raise MethodNotFound(method_code=code)
    if proposal.status != "proposed":
        raise MethodDecided(state=proposal.status)
    if decision == "merged":
        _merge(acting, code, merged_into)
        proposal.merged_into = merged_into
    proposal.status, proposal.reason = decision, reason
    proposal.decided_by, proposal.decided_at = acting.person_id, clock.now()
    _touch_cases(acting.session, merged_into or code)
    acting.session.flush()
    return proposal


def register_use(
    acting: Acting, lead_id: UUID, rep_id: UUID, method_code: str, *, case: Case | None = None
) -> tuple[MethodUse, bool]:
    """Note that a rep uses a method with a lead; answers whether it is new. Raises MethodUnknown."""
    require_known(library_methods(acting.session, acting.playbook), [method_code])
    known = select(MethodUse).where(
        MethodUse.lead_id == lead_id, MethodUse.rep_id == rep_id, MethodUse.method_code == method_code
    )
    if found := acting.session.scalar(known):
        return found, False
    use = MethodUse(
        rep_id=rep_id, lead_id=lead_id, method_code=method_code, used_at=clock.now(), case_id=case.id if case else None
    )
    acting.session.add(use)
    acting.session.flush()
    publish(acting.session, MethodUsed(use.id, method_code, rep_id, lead_id, case.rep_id if case else None))
    return use, True


def _merge(acting: Acting, code: str, target: str | None) -> None:
    if target is None or target not in library_methods(acting.session, acting.playbook):
        raise MergeTargetMissing(merged_into=target or "")
    holders = select(CaseMethod.case_id).where(CaseMethod.method_code == target)
    both = CaseMethod.case_id.in_(holders)
    acting.session.execute(delete(CaseMethod).where(CaseMethod.method_code == code, both))
    acting.session.execute(update(CaseMethod).where(CaseMethod.method_code == code).values(method_code=target))


def _touch_cases(session: Session, code: str) -> None:
    """Let the search see that the methods of these cases are others now."""
    holders = select(CaseMethod.case_id).where(CaseMethod.method_code == code)
    changed = {"changed_at": clock.now(), "version": Case.version + 1}
    session.execute(update(Case).where(Case.id.in_(holders)).values(changed))
