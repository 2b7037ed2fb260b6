"""History written by the database, and the job queue."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

from crm_core.foundation.history import TRIGGER_SQL

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("operation", sa.String(length=6), nullable=False),
        sa.Column("old_values", postgresql.JSONB(), nullable=True),
        sa.Column("new_values", postgresql.JSONB(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=63), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("playbook_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_changed_at", "history", ["changed_at"], unique=False)
    op.create_index("ix_history_record", "history", ["table_name", "record_id", "id"], unique=False)
    run_script(TRIGGER_SQL)
    run_script(SchemaManager.get_schema())


def run_script(script: str) -> None:
    """Several statements as they stand: no placeholders, so a % in them is a %."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(script)
