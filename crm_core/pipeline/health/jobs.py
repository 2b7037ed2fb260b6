"""Looks at the health of assignment every few minutes, and at the stages every night."""

from crm_core.foundation.database import Origin
from crm_core.foundation.jobs import periodic_job
from crm_core.foundation.resources import Resources
from crm_core.pipeline.health.incidents import watch_assignment
from crm_core.pipeline.health.reviews import review_stages
from crm_core.process.errors import PlaybookMissing
from crm_core.process.publication import published_playbook

ORIGIN = Origin(channel="health")


@periodic_job("watch_assignment_health", cron="*/5 * * * *")
def watch_assignment_health(resources: Resources) -> None:
    """Ring once when too many leads wait, and once when it is over."""
    try:
        with resources.database.transaction(ORIGIN) as session:
            watch_assignment(session)
    except PlaybookMissing:
        return


@periodic_job("review_stage_health", cron="41 2 * * *")
def review_stage_health(resources: Resources) -> None:
    """Call for reviews where figures have left their bounds."""
    try:
        with resources.database.transaction(ORIGIN) as session:
            review_stages(session, published_playbook(session))
    except PlaybookMissing:
        return
