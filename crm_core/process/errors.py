"""What can be wrong with a playbook."""

from crm_core.foundation.errors import Invalid, Misconfigured


class PlaybookInvalid(Invalid):
    """Parameters: problems, a list of {file, line, field, problem}."""

    code = "playbook_invalid"


class PlaybookMissing(Misconfigured):
    code = "playbook_missing"
