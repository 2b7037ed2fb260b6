"""Alarms go off by the clock, and are worked out anew when what they rest on has changed."""

from sqlalchemy.orm import Session

from crm_core.foundation.database import Origin
from crm_core.foundation.events import Event
from crm_core.foundation.jobs import job, periodic_job
from crm_core.foundation.resources import Resources
from crm_core.pipeline.dwell import alarms
from crm_core.pipeline.dwell.sweep import sweep
from crm_core.process.publication import published_playbook


@periodic_job("sweep_dwell_alarms", cron="* * * * *")
def sweep_dwell_alarms(resources: Resources) -> None:
    sweep(resources.database)


@job("reschedule_dwell_alarms")
def reschedule_all(resources: Resources) -> None:
    """The alarms of all open leads, under the playbook, the calendars and the teams of now."""
    after = None
    while True:
        with resources.database.transaction(Origin(channel="job")) as session:
            after, _ = alarms.reschedule_page(session, published_playbook(session), after=after)
        if after is None:
            return


@periodic_job("reschedule_dwell_alarms_each_night", cron="23 2 * * *")
def reschedule_each_night(resources: Resources) -> None:
    """People change teams and holidays get announced; what that moves is set right within a day."""
    reschedule_all.run(resources)


def promise_rescheduling(session: Session, _event: Event) -> None:
    """A reaction to whatever moves the due times of many leads at once."""
    reschedule_all.defer(session, key="all")
