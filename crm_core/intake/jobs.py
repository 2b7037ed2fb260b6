"""Imports run beside the request: a file may have a million rows."""

from uuid import UUID

from crm_core.foundation.jobs import job
from crm_core.foundation.resources import Resources
from crm_core.intake import running


@job("rehearse_import")
def rehearse_import(resources: Resources, run_id: str) -> None:
    running.rehearse(resources, UUID(run_id))


@job("run_import")
def run_import(resources: Resources, run_id: str) -> None:
    running.carry_out(resources, UUID(run_id))
