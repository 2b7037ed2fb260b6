"""What can go wrong with tasks, visits and notifications."""

from crm_core.foundation.errors import Conflict, Invalid, NotFound


class TaskNotFound(NotFound):
    code = "task_not_found"


class TaskClosed(Conflict):
    """The task is done, declined or cancelled already; parameters: state."""

    code = "task_closed"


class DeclineReasonMissing(Invalid):
    code = "decline_reason_missing"


class AssigneeUnknown(Invalid):
    """Nobody of that id works here today."""

    code = "assignee_unknown"


class VisitNotFound(NotFound):
    code = "visit_not_found"


class VisitHeld(Conflict):
    code = "visit_held"


class NotificationNotFound(NotFound):
    code = "notification_not_found"
