"""What can go wrong with skills and training."""

from crm_core.foundation.errors import Conflict, Invalid, NotFound


class SkillUnknown(Invalid):
    """Parameters: skill, allowed."""

    code = "skill_unknown"


class CourseUnknown(Invalid):
    """Parameters: course, allowed."""

    code = "course_unknown"


class TraineeUnknown(NotFound):
    """A person who does not exist, or whom the viewer may not train; parameters: person_id."""

    code = "trainee_unknown"


class DueDatePast(Invalid):
    """Parameters: due_on."""

    code = "course_due_date_past"


class ObservationInFuture(Invalid):
    """Parameters: observed_on."""

    code = "skill_observation_in_future"


class AssignmentNotFound(NotFound):
    code = "course_assignment_not_found"


class AssignmentClosed(Conflict):
    """Parameters: state."""

    code = "course_assignment_closed"
