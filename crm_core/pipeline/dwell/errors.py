"""What can go wrong with limits and their postponement."""

from crm_core.foundation.errors import Conflict, Invalid, NotFound


class NothingToSnooze(Conflict):
    """The lead is closed, its stage has no limit, or every step has fired; parameters: stage."""

    code = "nothing_to_snooze"


class SnoozeReasonMissing(Invalid):
    code = "snooze_reason_missing"


class SnoozeSpanInvalid(Invalid):
    """Parameters: until, days."""

    code = "snooze_span_invalid"


class SnoozeMissing(NotFound):
    code = "snooze_missing"


class CalendarUnknown(NotFound):
    """Parameters: calendar, known."""

    code = "calendar_unknown"
