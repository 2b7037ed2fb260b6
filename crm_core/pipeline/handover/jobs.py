"""Hands over when the day of leaving has come, whether it was told ahead or not."""

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.jobs import periodic_job
from crm_core.foundation.resources import Resources
from crm_core.people.repository import find_person
from crm_core.pipeline.handover.repository import due_for_handover
from crm_core.pipeline.handover.running import hand_over

ORIGIN = Origin(channel="handover")


@periodic_job("hand_over_from_leavers", cron="* * * * *", queue="default")
def hand_over_from_leavers(resources: Resources) -> None:
    """Each person in a transaction of their own; who holds nothing any more is not looked at again."""
    with resources.database.reading() as session:
        due = due_for_handover(session, clock.today())
    for person_id in due:
        with resources.database.transaction(ORIGIN) as session:
            hand_over(session, find_person(session, person_id))
