"""What can be wrong with a playbook, its drafts and its publication."""

from collections.abc import Sequence
from typing import Any

from crm_core.foundation.errors import Conflict, Invalid, Misconfigured, NotFound, TooLarge
from crm_core.process.problems import told


class PlaybookInvalid(Invalid):
    """Parameters: problems, a list of {file, line, field, code, what, remedy}, and their text in both languages."""

    code = "playbook_invalid"

    def __init__(self, problems: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(problems=list(problems), told_zh=told(problems, "zh"), told_en=told(problems, "en"))


class PlaybookDamaged(Misconfigured):
    """The content of the version in force was changed outside the product into something that is no playbook."""

    code = "playbook_damaged"


class PlaybookMissing(Misconfigured):
    code = "playbook_missing"


class PlaybookTooLarge(TooLarge):
    """Parameters: limit_megabytes, size_megabytes."""

    code = "playbook_too_large"


class VersionNotFound(NotFound):
    """Parameters: version."""

    code = "playbook_version_not_found"


class TemplateNotFound(NotFound):
    """Parameters: template, allowed."""

    code = "playbook_template_not_found"


class NotADraft(Conflict):
    """Only drafts change; parameters: status."""

    code = "playbook_not_a_draft"


class DraftChangedMeanwhile(Conflict):
    """Somebody saved this draft since it was read; parameters: revision."""

    code = "draft_changed_meanwhile"


class PathUnknown(Invalid):
    """A change names a place that the draft does not have; parameters: path."""

    code = "playbook_path_unknown"
