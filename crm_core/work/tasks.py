"""Tasks: made, completed, declined, handed on; a step of a chain that is completed makes the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, null, select, type_coerce
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.foundation import clock
from crm_core.foundation.events import publish
from crm_core.foundation.identifiers import new_id
from crm_core.people.access import RecordColumns
from crm_core.people.memberships import holds_on, memberships_on
from crm_core.people.tables import Membership
from crm_core.process.stages import TaskStep
from crm_core.work.errors import AssigneeUnknown, DeclineReasonMissing, TaskClosed, TaskNotFound
from crm_core.work.events import TaskCompleted
from crm_core.work.notifications import Message, notify, notify_all
from crm_core.work.tables import Task

TASK_COLUMNS = RecordColumns(Task.assignee_id, type_coerce(null(), Uuid), (Task.created_by,))


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """A task to make: words of a person (title), or a step of the playbook with its parameters."""

    assignee_id: UUID
    kind: str
    title: str | None = None
    code: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    due_at: datetime | None = None
    #: the same cause makes the same task once
    origin_key: str | None = None


#: what an order says of its task
_ORDERED = tuple(TaskOrder.__dataclass_fields__)


def make_task(session: Session, order: TaskOrder, *, created_by: UUID | None) -> Task:
    """The task, made now or already there for the same cause; whoever gets it from somebody else is told."""
    if order.origin_key is not None:
        existing = session.scalar(select(Task).where(Task.origin_key == order.origin_key))
        if existing is not None:
            return existing
    if not memberships_on(session, order.assignee_id, clock.today()):
        raise AssigneeUnknown(person_id=order.assignee_id)
    task = Task(
        assignee_id=order.assignee_id,
        created_by=created_by,
        customer_id=order.customer_id,
        lead_id=order.lead_id,
        kind=order.kind,
        title=order.title,
        code=order.code,
        parameters=dict(order.parameters),
        due_at=order.due_at,
        origin_key=order.origin_key,
    )
    session.add(task)
    session.flush()
    _tell_assignee(session, task, by=created_by)
    return task


def make_tasks_once(session: Session, orders: Sequence[TaskOrder]) -> None:
    """Many tasks that the product itself makes, each with its origin key: one that is there already stays as it is."""
    if not orders:
        return
    present = frozenset(session.scalars(select(Membership.person_id).where(holds_on(clock.today()))))
    for order in orders:
        if order.assignee_id not in present:
            raise AssigneeUnknown(person_id=order.assignee_id)
    rows = [
        {"id": new_id(), "created_at": clock.now(), "created_by": None, "status": "open"}
        | {column: getattr(order, column) for column in _ORDERED}
        | {"parameters": dict(order.parameters)}
        for order in orders
    ]
    statement = insert(Task).on_conflict_do_nothing(index_elements=["origin_key"]).returning(Task)
    made = session.scalars(statement, rows).all()
    told = [Message("task_assigned", task_words(task), task.customer_id, task.lead_id) for task in made]
    notify_all(session, [(task.assignee_id, message) for task, message in zip(made, told, strict=True)])


def step_order(step: TaskStep, assignee_id: UUID, **about: Any) -> TaskOrder:
    """The order for a step of the playbook, due its hours from now; `about` holds further fields of TaskOrder."""
    parameters = {"title_zh": step.title.zh, "title_en": step.title.en, **about.pop("parameters", {})}
    due_at = clock.now() + timedelta(hours=step.due_hours)
    return TaskOrder(assignee_id, step.kind, code="playbook_step", parameters=parameters, due_at=due_at, **about)


def find_task(acting: Acting, task_id: UUID) -> Task:
    """A task of one's own, of one's making, or within reach of one's role. Raises TaskNotFound."""
    visible = acting.policy.visible(acting.viewer, "task", TASK_COLUMNS)
    task = acting.session.scalar(select(Task).where(Task.id == task_id, visible).with_for_update())
    if task is None:
        raise TaskNotFound(task_id=task_id)
    return task


def list_tasks(
    acting: Acting, *, only_mine: bool, status: str | None, limit: int = 50, offset: int = 0
) -> tuple[Sequence[Task], int]:
    """A page of tasks, the most urgent first, and how many there are."""
    condition = acting.policy.visible(acting.viewer, "task", TASK_COLUMNS)
    if only_mine:
        condition &= Task.assignee_id == acting.person_id
    if status is not None:
        condition &= Task.status == status
    total = acting.session.scalar(select(func.count()).select_from(Task).where(condition)) or 0
    statement = select(Task).where(condition).order_by(Task.due_at.nulls_last(), Task.created_at, Task.id)
    return acting.session.scalars(statement.limit(limit).offset(offset)).all(), total


def tasks_of_customer(acting: Acting, customer_id: UUID) -> Sequence[Task]:
    """Open tasks about a customer that the viewer may see."""
    condition = acting.policy.visible(acting.viewer, "task", TASK_COLUMNS)
    statement = select(Task).where(condition, Task.customer_id == customer_id, Task.status == "open")
    return acting.session.scalars(statement.order_by(Task.due_at.nulls_last(), Task.created_at)).all()


def complete_task(acting: Acting, task: Task) -> Task | None:
    """Done; returns the task that this makes, if the task is a step of a chain."""
    _close(acting, task, "done")
    publish(acting.session, TaskCompleted(task.id, task.kind, task.customer_id, task.lead_id, acting.person_id))
    return _next_step(acting, task)


def decline_task(acting: Acting, task: Task, reason: str) -> None:
    """Refused, with a reason that whoever asked is told."""
    if not reason.strip():
        raise DeclineReasonMissing
    task.reason = reason.strip()
    _close(acting, task, "declined")
    if task.created_by and task.created_by != acting.person_id:
        message = Message("task_declined", {**task_words(task), "reason": task.reason}, task.customer_id, task.lead_id)
        notify(acting.session, task.created_by, message)


def delegate_task(acting: Acting, task: Task, assignee_id: UUID) -> None:
    """Handed to a colleague who works here today. Raises AssigneeUnknown."""
    _require_open(acting, task)
    if not memberships_on(acting.session, assignee_id, clock.today()):
        raise AssigneeUnknown(person_id=assignee_id)
    task.assignee_id = assignee_id
    acting.session.flush()
    _tell_assignee(acting.session, task, by=acting.person_id)


def task_words(task: Task) -> dict[str, Any]:
    """What a sentence about a task is made of."""
    title = {"title_zh": task.title, "title_en": task.title} if task.title else {}
    return {**task.parameters, **title, "task_id": str(task.id), "kind": task.kind}


def _next_step(acting: Acting, task: Task) -> Task | None:
    chain = acting.playbook.task_chain(task.parameters.get("chain", ""))
    position = task.parameters.get("step", 0) + 1
    if chain is None or position >= len(chain.steps):
        return None
    step = chain.steps[position]
    people: Mapping[str, str] = task.parameters.get("people", {})
    assignee_id = UUID(people.get(step.assignee) or people["requester"])
    if not memberships_on(acting.session, assignee_id, clock.today()):
        # who was to go on has left meanwhile: it falls to whoever finished this step, to do or to hand on
        assignee_id = acting.person_id
    carried = {key: value for key, value in task.parameters.items() if not key.startswith("title_")}
    order = step_order(
        step,
        assignee_id,
        parameters={**carried, "step": position},
        customer_id=task.customer_id,
        lead_id=task.lead_id,
        origin_key=f"chain:{task.id}:{position}",
    )
    return make_task(acting.session, order, created_by=acting.person_id)


def _close(acting: Acting, task: Task, status: str) -> None:
    _require_open(acting, task)
    task.status, task.closed_at = status, clock.now()
    acting.session.flush()


def _require_open(acting: Acting, task: Task) -> None:
    acting.policy.require_editable(acting.viewer, "task", ["status"])
    if task.status != "open":
        raise TaskClosed(state=task.status)


def _tell_assignee(session: Session, task: Task, *, by: UUID | None) -> None:
    if task.assignee_id != by:
        notify(session, task.assignee_id, Message("task_assigned", task_words(task), task.customer_id, task.lead_id))
