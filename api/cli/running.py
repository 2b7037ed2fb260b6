"""What commands share: the resources of an installation, with its database in the newest shape."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from api import migrations
from api.bootstrap import open_resources
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.foundation.settings import Settings
from crm_core.pipeline.health.changes import note_process_start
from crm_core.process.publication import has_playbook, publish_default


@contextmanager
def open_command(settings: Settings | None = None) -> Iterator[Resources]:
    """Resources for one command: starts or joins the database, migrates it, sees that a playbook is published."""
    with open_resources(settings or Settings()) as resources:
        prepare(resources)
        yield resources


def prepare(resources: Resources) -> None:
    """Bring a database to where the product can run on it; repeating it changes nothing."""
    migrations.upgrade(resources.database)
    with resources.database.transaction(Origin(channel="command")) as session:
        # one that was damaged from outside must not keep the commands that mend it from running
        if not has_playbook(session):
            publish_default(session)


def note_start(resources: Resources, process: str) -> None:
    """Write down that a server or worker starts, so that a deployment shows beside what breaks after it."""
    revision = migrations.current_revision(resources.database)
    # a worker may be up before the database has its newest shape
    if revision == migrations.newest_revision():
        with resources.database.transaction(Origin(channel="process")) as session:
            note_process_start(session, process, version("salesdojo"), revision)
