"""What can go wrong with methods."""

from crm_core.foundation.errors import Conflict, Invalid, NotFound


class MethodNotFound(NotFound):
    """No method of the library has this code; parameter: method_code."""

    code = "method_not_found"


class MethodUnknown(Invalid):
    """A case names methods that the library does not have; parameter: methods."""

    code = "method_unknown"


class MethodExists(Conflict):
    """The library has a method of this name; parameters: name, method_code."""

    code = "method_exists"


class MethodDecided(Conflict):
    """The proposal has been decided already; parameter: state."""

    code = "method_decided"


class MergeTargetMissing(Invalid):
    code = "method_merge_target_missing"
