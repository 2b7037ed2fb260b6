"""Where real parts are chosen and put together, for the server, the worker and the command line alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from crm_core.foundation.database import Database
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.foundation.files import FileStore
from crm_core.foundation.observability import configure_logging
from crm_core.foundation.resources import Resources
from crm_core.foundation.settings import Settings

#: modules that declare jobs; importing them fills the registry
JOB_MODULES = (
    "crm_core.people.jobs",
    "crm_core.pipeline.assignment.jobs",
    "crm_core.pipeline.handover.jobs",
    "crm_core.intake.jobs",
    "crm_core.rehearsal.jobs",
    "crm_core.pipeline.dwell.jobs",
    "crm_core.pipeline.health.jobs",
    "asr.jobs",
    "qa.jobs",
    "knowledge.jobs",
    "knowledge.certification.jobs",
    "api.housekeeping",
)

#: modules that map tables; a process needs all of them, because rows refer to each other across packages
TABLE_MODULES = (
    "crm_core.process.tables",
    "crm_core.people.tables",
    "crm_core.customers.tables",
    "crm_core.work.tables",
    "crm_core.pipeline.tables",
    "crm_core.pipeline.assignment.tables",
    "crm_core.pipeline.dwell.tables",
    "crm_core.pipeline.handover.tables",
    "crm_core.pipeline.health.tables",
    "crm_core.intake.tables",
    "crm_core.rehearsal.tables",
    "asr.tables",
    "qa.tables",
    "knowledge.cases.tables",
    "knowledge.methods.tables",
    "knowledge.recommendation.tables",
    "knowledge.diagnosis.tables",
    "knowledge.certification.tables",
    "knowledge.points.tables",
    "coaching.tables",
)


@contextmanager
def open_resources(settings: Settings) -> Iterator[Resources]:
    """The resources of one process; starts or joins the embedded database where no other is named."""
    configure_logging(settings.log_level, settings.log_format)
    register_tables()
    with database_address(settings) as url:
        resources = Resources(
            settings=settings,
            database=Database(url, pool_size=settings.database_pool_size),
            files=FileStore(settings.files_folder),
        )
        try:
            yield resources
        finally:
            resources.database.dispose()


@contextmanager
def database_address(settings: Settings) -> Iterator[str]:
    """Where the database is, for as long as the block lasts."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    embedded = EmbeddedDatabase(settings.data_folder)
    url = embedded.start()
    try:
        yield url
    finally:
        embedded.stop()


def register_tables() -> None:
    """Import every module that maps tables."""
    for module in TABLE_MODULES:
        import_module(module)


def register_jobs() -> None:
    """Import every module that declares jobs."""
    for module in JOB_MODULES:
        import_module(module)
