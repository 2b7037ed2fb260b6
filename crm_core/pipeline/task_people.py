"""Who gets the tasks that a lead makes: the playbook's rules (owner, presales, manager, …) become people."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.tables import Customer, Document
from crm_core.customers.timeline import note_field_changes
from crm_core.foundation import clock
from crm_core.people.memberships import direct_manager, people_with_role
from crm_core.pipeline.errors import NobodyForTask, TaskChainUnknown
from crm_core.pipeline.tables import Lead
from crm_core.process.stages import TaskStep
from crm_core.work.errors import AssigneeUnknown
from crm_core.work.tables import Task
from crm_core.work.tasks import make_task, step_order

_BACKGROUND_PACK = "background_pack"


def start_chain(acting: Acting, lead: Lead, chain_code: str, *, presales_id: UUID | None = None) -> Task:
    """Make the first task of a chain; one that still runs for the lead is returned instead of a second one.

    A presales colleague who is needed and not named is the one with the fewest open tasks.
    Raises TaskChainUnknown, NobodyForTask, AssigneeUnknown.
    """
    acting.policy.require_editable(acting.viewer, "task", ["assignee_id"])
    chain = acting.playbook.task_chain(chain_code)
    if chain is None:
        raise TaskChainUnknown(chain=chain_code, allowed=", ".join(known.code for known in acting.playbook.task_chains))
    acting.session.refresh(lead, with_for_update=True)
    running = _running(acting.session, lead, chain_code)
    if running is not None:
        return running
    if any(step.assignee == "presales" for step in chain.steps):
        _give_presales(acting, lead, presales_id)
    people = people_of(acting, lead)
    order = step_order(
        chain.steps[0],
        _required(people, chain.steps[0]),
        parameters={
            "chain": chain.code,
            "step": 0,
            "people": {rule: str(person_id) for rule, person_id in people.items()},
            "background_document_id": _background_pack(acting.session, lead),
            "lead_title": lead.title,
        },
        customer_id=lead.customer_id,
        lead_id=lead.id,
    )
    return make_task(acting.session, order, created_by=acting.person_id)


def make_tasks(acting: Acting, lead: Lead, steps: Iterable[TaskStep]) -> None:
    """The tasks that entering a stage makes, once for each time it is entered."""
    people = people_of(acting, lead)
    for step in steps:
        order = step_order(
            step,
            _required(people, step),
            parameters={"lead_title": lead.title},
            customer_id=lead.customer_id,
            lead_id=lead.id,
            origin_key=f"stage:{lead.id}:{lead.stage}:{lead.stage_entered_at.isoformat()}:{step.kind}",
        )
        make_task(acting.session, order, created_by=acting.person_id)


def people_of(acting: Acting, lead: Lead) -> dict[str, UUID]:
    """The people of a lead today, by the rule that names them; rules without anybody are left out."""
    customer = acting.session.get_one(Customer, lead.customer_id)
    found = {
        "requester": acting.person_id,
        "owner": lead.owner_id,
        "presales": lead.presales_id,
        "delivery_owner": customer.delivery_owner_id,
        "manager": direct_manager(acting.session, lead.owner_id, clock.today()) if lead.owner_id else None,
    }
    return {rule: person_id for rule, person_id in found.items() if person_id is not None}


def _give_presales(acting: Acting, lead: Lead, wished_id: UUID | None) -> None:
    candidates = people_with_role(acting.session, "presales", clock.today())
    if wished_id is not None and wished_id not in candidates:
        raise AssigneeUnknown(person_id=wished_id)
    chosen = wished_id or lead.presales_id or _least_loaded(acting.session, candidates)
    if chosen is None:
        raise NobodyForTask(role="presales")
    if chosen != lead.presales_id:
        acting.policy.require_editable(acting.viewer, "lead", ["presales_id"])
        lead.presales_id = chosen
        note_field_changes(acting, customer_id=lead.customer_id, lead_id=lead.id, record="lead", names=["presales_id"])


def _required(people: dict[str, UUID], step: TaskStep) -> UUID:
    if step.assignee not in people:
        raise NobodyForTask(role=step.assignee)
    return people[step.assignee]


def _running(session: Session, lead: Lead, chain_code: str) -> Task | None:
    of_chain = Task.parameters["chain"].astext == chain_code
    statement = select(Task).where(Task.lead_id == lead.id, Task.status == "open", of_chain)
    return session.scalar(statement.order_by(Task.created_at).limit(1))


def _least_loaded(session: Session, candidates: frozenset[UUID]) -> UUID | None:
    """Of several with equally few open tasks, the one who has been here longest."""
    loads = select(Task.assignee_id, func.count().label("open_tasks")).where(
        Task.assignee_id.in_(candidates), Task.status == "open"
    )
    counts = {row.assignee_id: row.open_tasks for row in session.execute(loads.group_by(Task.assignee_id))}
    return min(candidates, key=lambda person_id: (counts.get(person_id, 0), person_id), default=None)


def _background_pack(session: Session, lead: Lead) -> str | None:
    statement = (
        select(Document.id)
        .where(Document.customer_id == lead.customer_id, Document.kind == _BACKGROUND_PACK)
        .order_by(Document.created_at.desc())
        .limit(1)
    )
    document_id = session.scalar(statement)
    return str(document_id) if document_id else None
