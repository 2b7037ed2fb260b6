"""What can go wrong when leads find their owner."""

from crm_core.foundation.errors import Conflict, Forbidden, Invalid, NotFound


class PoolNotFound(NotFound):
    """No pool of this code, or none that this viewer belongs to."""

    code = "pool_not_found"


class PoolNotClaimed(Conflict):
    """Leads of this pool are assigned; nobody takes them from it and none waits in it."""

    code = "pool_not_claimed"


class LeadTaken(Conflict):
    """Somebody else was first, or the lead has left the pool."""

    code = "lead_taken"


class LeadHasOwner(Conflict):
    """The rules place leads that nobody owns."""

    code = "lead_has_owner"


class LeadNotOpen(Conflict):
    """A closed lead stays with whoever closed it; parameters: outcome."""

    code = "lead_not_open"


class OwnerHasLeft(Invalid):
    """Parameters: name, left_on."""

    code = "owner_has_left"


class AssignmentReasonMissing(Invalid):
    code = "assignment_reason_missing"


class ClaimRefused(Forbidden):
    """Belongs to the pool and may not take the lead now; parameters: reason, and what it rests on."""

    code = "claim_refused"


class NotYours(Forbidden):
    """Only the owner lets a lead go, or whoever may reassign leads."""

    code = "lead_not_yours"


class NoPoolToReturnTo(Conflict):
    """The playbook has no claim pool in which the lead could wait."""

    code = "no_pool_to_return_to"


class DecisionNotFound(NotFound):
    code = "assignment_decision_not_found"
