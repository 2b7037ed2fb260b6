"""What commands share: the resources of an installation, with its database in the newest shape."""

from collections.abc import Iterator
from contextlib import contextmanager

from api import migrations
from api.bootstrap import open_resources
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.foundation.settings import Settings
from crm_core.process.publication import publish_default


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
        publish_default(session)
