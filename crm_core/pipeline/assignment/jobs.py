"""Leads are placed beside the request, tried again each minute, and taken back when they lie."""

from sqlalchemy.orm import Session

from crm_core.foundation.database import Origin
from crm_core.foundation.jobs import job, periodic_job
from crm_core.foundation.resources import Resources
from crm_core.pipeline.assignment.recycling import recycle_leads
from crm_core.pipeline.assignment.running import RunCount, assign_waiting
from crm_core.pipeline.events import LeadCreated, LeadsArrived
from crm_core.pipeline.tables import Lead
from crm_core.process.errors import PlaybookMissing

ORIGIN = Origin(channel="assignment")
#: one job for everything that waits: however many leads arrive together, it runs once
_KEY = "waiting"


@job("assign_waiting_leads")
def assign_waiting_leads(resources: Resources) -> None:
    """Place every lead that waits for the rules, page by page."""
    place_waiting(resources)


@periodic_job("retry_waiting_leads", cron="* * * * *", queue="default")
def retry_waiting_leads(resources: Resources) -> None:
    """Somebody may have come, have room again, or begun to work; the rules may have changed."""
    place_waiting(resources)


@periodic_job("recycle_quiet_leads", cron="7 * * * *")
def recycle_quiet_leads(resources: Resources) -> None:
    """Leads without a move or a contact go back to their pools."""
    after = None
    while True:
        try:
            with resources.database.transaction(ORIGIN) as session:
                after, _ = recycle_leads(session, after=after)
        except PlaybookMissing:
            return
        if after is None:
            return


def place_waiting(resources: Resources) -> RunCount:
    """Each page is a transaction; without a playbook leads go on waiting."""
    total, after = RunCount(), None
    while True:
        try:
            with resources.database.transaction(ORIGIN) as session:
                after, count = assign_waiting(session, after)
        except PlaybookMissing:
            return total
        total += count
        if after is None:
            return total


def promise_assignments(session: Session, event: LeadsArrived) -> None:
    """The same for leads that arrive together: one run places them all."""
    if event.unowned_ids:
        assign_waiting_leads.defer(session, key=_KEY)


def promise_assignment(session: Session, event: LeadCreated) -> None:
    """A lead that nobody owns is placed once the transaction is kept."""
    if session.get_one(Lead, event.lead_id).owner_id is None:
        promise_waiting(session)


def promise_waiting(session: Session) -> None:
    """Place everything that waits, once the transaction is kept."""
    assign_waiting_leads.defer(session, key=_KEY)
