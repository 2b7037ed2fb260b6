"""What stands in the way of publishing a draft."""

from crm_core.foundation.errors import Conflict, Invalid


class PublishedMeanwhile(Conflict):
    """Another version has been published since the draft was compared with the one in force; parameters: number."""

    code = "published_meanwhile"


class FallbackUnreachable(Conflict):
    """A lead that no rule places would reach nobody; parameters: pool, problem, and the problem in both languages."""

    code = "fallback_unreachable"


class StageMapNeeded(Conflict):
    """Leads stand in stages that the draft no longer has; parameters: stages with counts, and their names."""

    code = "stage_map_needed"


class StageMapInvalid(Invalid):
    """Parameters: from_stage, to_stage, problem, and the problem in both languages."""

    code = "stage_map_invalid"


class RehearsalNeeded(Conflict):
    """No finished and seen rehearsal of this very content stays within the thresholds; parameters: problem."""

    code = "rehearsal_needed"


class SkipReasonMissing(Invalid):
    code = "skip_reason_missing"
