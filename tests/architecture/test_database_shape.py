"""Migrations, mapped classes and history agree."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from api.bootstrap import register_tables
from crm_core.foundation.database import Base
from crm_core.foundation.history import UNTRACKED_TABLES
from crm_core.foundation.resources import Resources

WAYS_TO_WRITE = ("INSERT", "UPDATE", "DELETE")


def test_migrations_make_what_the_mapped_classes_say(resources: Resources) -> None:
    register_tables()
    with resources.database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        differences = [
            difference
            for difference in compare_metadata(context, Base.metadata)
            if "procrastinate" not in str(difference) and "alembic_version" not in str(difference)
        ]
    assert differences == []


def test_every_table_is_under_history(resources: Resources) -> None:
    with resources.database.reading() as session:
        tables = set(session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        triggers = session.execute(
            text(
                "SELECT event_object_table, count(DISTINCT event_manipulation) FROM information_schema.triggers "
                "WHERE trigger_name LIKE 'record_history_%' GROUP BY event_object_table"
            )
        ).all()
    followed = {table for table, ways_to_write in triggers if ways_to_write == len(WAYS_TO_WRITE)}
    ours = {table for table in tables if not table.startswith("procrastinate_")}
    assert ours - followed == set(UNTRACKED_TABLES)
