"""Jobs that write the roster down."""

from crm_core.foundation.database import Origin
from crm_core.foundation.jobs import periodic_job
from crm_core.foundation.resources import Resources
from crm_core.people.snapshots import keep_snapshot


@periodic_job("keep_roster_snapshot", cron="* * * * *")
def keep_roster_snapshot(resources: Resources) -> None:
    """Each minute, since positions begin and end by the calendar alone; what is written down is not repeated."""
    with resources.database.transaction(Origin(channel="job")) as session:
        keep_snapshot(session)
