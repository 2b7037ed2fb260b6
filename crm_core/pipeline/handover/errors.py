"""What can go wrong with a hand-over."""

from crm_core.foundation.errors import Conflict, Invalid, NotFound


class SuccessorUnfit(Invalid):
    """Whoever is to take over is the one who leaves, or is not on the roster that day; parameters: name, day."""

    code = "handover_successor_unfit"


class StillHere(Conflict):
    """Only what somebody leaves behind is handed over; parameters: name."""

    code = "handover_still_here"


class HandoverNotFound(NotFound):
    code = "handover_not_found"
