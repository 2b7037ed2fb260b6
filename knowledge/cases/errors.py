"""What can go wrong with cases."""

from crm_core.foundation.errors import Conflict, Invalid, NotFound


class CaseNotFound(NotFound):
    code = "case_not_found"


class LeadNotWon(Conflict):
    """A case is captured from a won lead; parameter: outcome."""

    code = "case_lead_not_won"


class CaseExists(Conflict):
    """The lead has its case already; parameter: case_id."""

    code = "case_exists"


class CaseIncomplete(Invalid):
    """Everything that a case lacks for being published; parameters: missing (codes), missing_zh."""

    code = "case_incomplete"


class CaseDuplicate(Conflict):
    """A published case tells the same story; parameters: title, case_id."""

    code = "case_duplicate"


class CaseStateForbids(Conflict):
    """The case is in a state that excludes this; parameter: state."""

    code = "case_state_forbids"


class PainPointUnknown(Invalid):
    """Not an entry of the lexicon; parameter: pain_points."""

    code = "case_pain_point_unknown"
