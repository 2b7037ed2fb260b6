"""Alembic's entry: runs on the connection that `api.migrations.upgrade` hands over."""

from alembic import context

from crm_core.foundation.database import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
