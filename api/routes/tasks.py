"""Tasks, visits and notifications."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.contracts.paging import Page
from api.contracts.tasks import (
    Decline,
    Delegation,
    MarkedRead,
    NewTask,
    NewVisit,
    NotificationFacts,
    NotificationQuery,
    Notifications,
    TaskCompleted,
    TaskFacts,
    TaskQuery,
    Tasks,
    VisitFacts,
    VisitReport,
    Visits,
)
from api.dependencies import LocaleDep
from api.presenting import Presenter
from crm_core.customers.acting import Acting
from crm_core.customers.repository import find_customer
from crm_core.foundation.translations import Locale
from crm_core.pipeline.leads import require_lead_of
from crm_core.pipeline.repository import find_lead
from crm_core.process.wording import notification_text
from crm_core.work import notifications, tasks, visits
from crm_core.work.tables import Notification

router = APIRouter(prefix="/api", tags=["tasks"])


@router.get("/tasks", response_model_exclude_unset=True)
def list_tasks(wanted: Annotated[TaskQuery, Query()], acting: ActingDep, locale: LocaleDep) -> Tasks:
    """One's own tasks, or the team's, the most urgent first."""
    items, total = tasks.list_tasks(
        acting, only_mine=wanted.mine, status=wanted.status, limit=wanted.limit, offset=wanted.offset
    )
    return Tasks(items=Presenter(acting, locale).tasks(items), total=total)


@router.post("/tasks", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def add_task(new: NewTask, acting: ActingDep, locale: LocaleDep) -> TaskFacts:
    """A task for oneself or a colleague."""
    acting.policy.require_editable(acting.viewer, "task", ["title", "assignee_id"])
    order = tasks.TaskOrder(
        assignee_id=new.assignee_id or acting.person_id,
        kind="other",
        title=new.title,
        customer_id=_customer_of(acting, new),
        lead_id=new.lead_id,
        due_at=new.due_at,
    )
    task = tasks.make_task(acting.session, order, created_by=acting.person_id)
    return Presenter(acting, locale).tasks([task])[0]


@router.post("/tasks/{task_id}/completion", response_model_exclude_unset=True)
def complete_task(task_id: UUID, acting: ActingDep, locale: LocaleDep) -> TaskCompleted:
    """Done; a step of a chain makes the next task for whoever it concerns."""
    task = tasks.find_task(acting, task_id)
    following = tasks.complete_task(acting, task)
    presenter = Presenter(acting, locale)
    return TaskCompleted(
        task=presenter.tasks([task])[0], next_task=presenter.tasks([following])[0] if following else None
    )


@router.post("/tasks/{task_id}/refusal", response_model_exclude_unset=True)
def decline_task(task_id: UUID, decline: Decline, acting: ActingDep, locale: LocaleDep) -> TaskFacts:
    """Declined with a reason, which whoever asked is told."""
    task = tasks.find_task(acting, task_id)
    tasks.decline_task(acting, task, decline.reason)
    return Presenter(acting, locale).tasks([task])[0]


@router.post("/tasks/{task_id}/delegation", response_model_exclude_unset=True)
def delegate_task(task_id: UUID, delegation: Delegation, acting: ActingDep, locale: LocaleDep) -> TaskFacts:
    """Handed to a colleague."""
    task = tasks.find_task(acting, task_id)
    tasks.delegate_task(acting, task, delegation.assignee_id)
    return Presenter(acting, locale).tasks([task])[0]


@router.get("/visits", response_model_exclude_unset=True)
def list_visits(wanted: Annotated[Page, Query()], acting: ActingDep, locale: LocaleDep) -> Visits:
    """Visits within reach, the latest planned first."""
    items, total = visits.list_visits(acting, limit=wanted.limit, offset=wanted.offset)
    return Visits(items=Presenter(acting, locale).visits(items), total=total)


@router.post("/visits", status_code=status.HTTP_201_CREATED, response_model_exclude_unset=True)
def plan_visit(new: NewVisit, acting: ActingDep, locale: LocaleDep) -> VisitFacts:
    """Plan a visit to a customer."""
    find_customer(acting.session, acting.viewer, acting.policy, new.customer_id)
    if new.lead_id is not None:
        require_lead_of(acting, new.customer_id, new.lead_id)
    plan = visits.VisitPlan(new.customer_id, new.planned_at, new.purpose, new.lead_id)
    return Presenter(acting, locale).visits([visits.plan_visit(acting, plan)])[0]


@router.post("/visits/{visit_id}/report", response_model_exclude_unset=True)
def report_visit(visit_id: UUID, report: VisitReport, acting: ActingDep, locale: LocaleDep) -> VisitFacts:
    """The visit has taken place; the summary goes on the timeline."""
    held = visits.hold_visit(acting, visit_id, held_at=report.held_at, summary=report.summary)
    return Presenter(acting, locale).visits([held])[0]


@router.get("/notifications")
def list_notifications(
    wanted: Annotated[NotificationQuery, Query()], acting: ActingDep, locale: LocaleDep
) -> Notifications:
    """One's own messages, latest first."""
    items, total = notifications.notifications_of(
        acting.session, acting.person_id, only_unread=wanted.unread, limit=wanted.limit, offset=wanted.offset
    )
    return Notifications(items=[_notification(item, acting, locale) for item in items], total=total)


@router.post("/notifications/{notification_id}/read")
def read_notification(notification_id: UUID, acting: ActingDep, locale: LocaleDep) -> NotificationFacts:
    """Mark one message as read."""
    return _notification(notifications.mark_read(acting.session, acting.person_id, notification_id), acting, locale)


@router.post("/notifications/read")
def read_notifications(acting: ActingDep) -> MarkedRead:
    """Mark all of one's messages as read."""
    return MarkedRead(count=notifications.mark_all_read(acting.session, acting.person_id))


def _customer_of(acting: Acting, new: NewTask) -> UUID | None:
    if new.lead_id is not None:
        lead = find_lead(acting.session, acting.viewer, acting.policy, new.lead_id)
        return lead.customer_id
    if new.customer_id is not None:
        find_customer(acting.session, acting.viewer, acting.policy, new.customer_id)
    return new.customer_id


def _notification(notification: Notification, acting: Acting, locale: Locale) -> NotificationFacts:
    words = dict(notification.parameters)
    words.setdefault("title", words.get(f"title_{locale}"))
    return NotificationFacts(
        id=notification.id,
        created_at=notification.created_at,
        code=notification.code,
        text=notification_text(acting.playbook, notification.code, locale, words),
        customer_id=notification.customer_id,
        lead_id=notification.lead_id,
        read_at=notification.read_at,
    )
