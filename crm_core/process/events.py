"""News about the playbook."""

from dataclasses import dataclass

from crm_core.foundation.events import Event


@dataclass(frozen=True, slots=True)
class PlaybookPublished(Event):
    """From here on, in this transaction already, `published_playbook` is the new one."""

    number: int
