"""Rehearsals run beside the request: a month of a large company takes a while."""

from uuid import UUID

from crm_core.foundation.jobs import job
from crm_core.foundation.resources import Resources
from crm_core.rehearsal import running


@job("rehearse_draft")
def rehearse_draft(resources: Resources, rehearsal_id: str) -> None:
    running.run(resources, UUID(rehearsal_id))
