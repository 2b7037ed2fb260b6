"""Jobs that keep the installation tidy."""

from sqlalchemy import text

from crm_core.foundation.database import Origin
from crm_core.foundation.jobs import periodic_job
from crm_core.foundation.resources import Resources

_KEEP_FINISHED_JOBS_DAYS = 14


@periodic_job("remove_finished_jobs", cron="17 3 * * *")
def remove_finished_jobs(resources: Resources) -> None:
    """Finished jobs are kept two weeks for whoever asks what happened; failed ones stay."""
    with resources.database.transaction(Origin(channel="job")) as session:
        session.execute(
            text(
                "DELETE FROM procrastinate_jobs job WHERE job.status IN ('succeeded', 'cancelled') AND NOT EXISTS ("
                "SELECT 1 FROM procrastinate_events event WHERE event.job_id = job.id "
                "AND event.at > now() - make_interval(days => :days))"
            ),
            {"days": _KEEP_FINISHED_JOBS_DAYS},
        )


@periodic_job("remove_expired_sessions", cron="37 3 * * *")
def remove_expired_sessions(resources: Resources) -> None:
    """A log-in that ran out a month ago tells nobody anything; history keeps that it was there."""
    with resources.database.transaction(Origin(channel="job")) as session:
        session.execute(text("DELETE FROM login_sessions WHERE expires_at < now() - interval '30 days'"))
