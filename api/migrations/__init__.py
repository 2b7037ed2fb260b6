"""The database's own history of shape: from nothing to head, forwards only (restore a backup to go back)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from crm_core.foundation.database import Database

#: one migration at a time, whoever starts first; the number is arbitrary and ours
_LOCK_KEY = 7_301_955


def upgrade(database: Database) -> None:
    """Bring a database to the newest shape; several processes may call it at once."""
    with database.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")


def newest_revision() -> str | None:
    """What the code expects."""
    return ScriptDirectory.from_config(_configuration()).get_current_head()


def is_known(revision: str) -> bool:
    """Whether this code can bring a database of that shape to the newest one."""
    return any(step.revision == revision for step in ScriptDirectory.from_config(_configuration()).walk_revisions())


def current_revision(database: Database) -> str | None:
    """What the database has; None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent))
    return configuration
