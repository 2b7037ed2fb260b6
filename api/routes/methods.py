"""The library of methods, proposals to it, and their use."""

from typing import Annotated

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.contracts.cases import MethodProposal
from api.contracts.inputs import Code
from api.contracts.methods import (
    MethodDecision,
    MethodFacts,
    MethodList,
    MethodUseFacts,
    MethodUseRequest,
    ProposalFacts,
)
from api.dependencies import LocaleDep
from crm_core.pipeline.repository import find_lead
from knowledge.cases.repository import find_case
from knowledge.methods.library import decide, library_methods, propose, register_use
from knowledge.methods.statistics import method_counts
from knowledge.methods.tables import ProposedMethod

router = APIRouter(prefix="/api/methods", tags=["methods"])


@router.get("")
def list_methods(
    acting: ActingDep,
    locale: LocaleDep,
    *,
    with_proposals: Annotated[bool, Query(description="also those still to be decided")] = False,
) -> MethodList:
    """Every method in force, with how many published cases it won and how often reps used it."""
    acting.policy.require_readable(acting.viewer, "method", ["name"])
    methods = library_methods(acting.session, acting.playbook, with_proposals=with_proposals)
    counts = method_counts(acting.session)
    items = [
        MethodFacts(
            code=method.code,
            name=method.name if locale == "zh" else method.name_en,
            definition=method.definition,
            typical_situations=list(method.typical_situations),
            state=method.state,
            cases=counts.cases.get(method.code, 0),
            uses=counts.uses.get(method.code, 0),
        )
        for method in methods.values()
    ]
    return MethodList(items=items, total=len(items))


@router.post("/proposals", status_code=status.HTTP_201_CREATED)
def propose_method(proposal: MethodProposal, acting: ActingDep) -> ProposalFacts:
    """Put a new way of winning before the trainers."""
    acting.policy.require_readable(acting.viewer, "method", ["name"])
    return _facts(propose(acting, proposal.name, proposal.definition, proposal.typical_situations))


@router.post("/proposals/{code}/decision")
def decide_proposal(code: Code, decision: MethodDecision, acting: ActingDep) -> ProposalFacts:
    """Accept, merge or reject a proposal."""
    return _facts(decide(acting, code, decision.decision, merged_into=decision.merged_into, reason=decision.reason))


@router.post("/{code}/uses", status_code=status.HTTP_201_CREATED)
def use_method(code: Code, request: MethodUseRequest, acting: ActingDep) -> MethodUseFacts:
    """Register, before anyone knows how the deal ends, that the viewer uses a method with a lead."""
    lead = find_lead(acting.session, acting.viewer, acting.policy, request.lead_id)
    case = find_case(acting.session, acting.viewer, acting.policy, request.case_id) if request.case_id else None
    use, is_new = register_use(acting, lead.id, acting.person_id, code, case=case)
    return MethodUseFacts(
        id=use.id,
        method_code=use.method_code,
        rep_id=use.rep_id,
        lead_id=use.lead_id,
        used_at=use.used_at,
        is_new=is_new,
    )


def _facts(proposal: ProposedMethod) -> ProposalFacts:
    return ProposalFacts.model_validate(proposal, from_attributes=True)
