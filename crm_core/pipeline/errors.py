"""What can go wrong with leads."""

from crm_core.foundation.errors import Conflict, Invalid, NotFound


class LeadNotFound(NotFound):
    code = "lead_not_found"


class GateClosed(Conflict):
    """A move is refused; parameters: stage, missing (every item with kind, code, label, how), and their names."""

    code = "gate_closed"


class MoveImpossible(Conflict):
    """The lead is not in a state from which this move exists; parameters: move, stage, outcome, payment_state."""

    code = "move_impossible"


class StageUnknown(Invalid):
    code = "stage_unknown"


class MoveReasonMissing(Invalid):
    code = "move_reason_missing"


class OutcomeReasonUnknown(Invalid):
    """Parameters: reason, allowed."""

    code = "outcome_reason_unknown"


class LeadHasOwnMoves(Conflict):
    """Somebody has moved it here, or its past has been told, so no other system tells it any more."""

    code = "lead_has_own_moves"


class TaskChainUnknown(Invalid):
    code = "task_chain_unknown"


class NobodyForTask(Conflict):
    """A step of a task chain has nobody to go to; parameters: role."""

    code = "nobody_for_task"


class BulkTooLarge(Invalid):
    """Parameters: limit."""

    code = "bulk_too_large"
