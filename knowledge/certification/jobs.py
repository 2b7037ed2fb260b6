"""Titles are looked at every night."""

from crm_core.foundation.database import Origin
from crm_core.foundation.jobs import periodic_job
from crm_core.foundation.resources import Resources
from knowledge.certification.titles import refresh_titles


@periodic_job("refresh_method_titles", cron="30 18 * * *")
def refresh_method_titles(resources: Resources) -> None:
    """Half past two at night in China; running it again changes nothing."""
    with resources.database.transaction(Origin(channel="job")) as session:
        refresh_titles(session)
