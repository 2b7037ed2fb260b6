"""Document checks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_core.foundation.history import tracking_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "document_checks",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("requested", postgresql.JSONB(), nullable=False),
        sa.Column("own_product", sa.String(120), nullable=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=True),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("detected_kind", sa.String(20), nullable=True),
        sa.Column("names_customer", sa.Boolean(), nullable=True),
        sa.Column("warnings", postgresql.JSONB(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("overridden_by", sa.Uuid(), nullable=True),
        sa.Column("override_reason", sa.String(400), nullable=True),
        sa.Column("overridden_at", instant, nullable=True),
        sa.Column("finished_at", instant, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.CheckConstraint("status IN ('queued', 'running', 'done')", name=op.f("ck_document_checks_status")),
        sa.CheckConstraint(
            "(overridden_by IS NULL) = (override_reason IS NULL)",
            name=op.f("ck_document_checks_override_has_reason"),
        ),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_document_checks_document_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_document_checks_customer_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_document_checks_lead_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["people.id"], name=op.f("fk_document_checks_requested_by")),
        sa.ForeignKeyConstraint(["overridden_by"], ["people.id"], name=op.f("fk_document_checks_overridden_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_checks")),
    )
    for column in ("document_id", "customer_id", "status"):
        op.create_index(op.f(f"ix_document_checks_{column}"), "document_checks", [column])
    op.create_index("ix_document_checks_lead_created", "document_checks", ["lead_id", "created_at"])
    op.execute(tracking_sql("document_checks"))

    op.create_table(
        "parameter_aliases",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("taught_by", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.ForeignKeyConstraint(["taught_by"], ["people.id"], name=op.f("fk_parameter_aliases_taught_by")),
        sa.ForeignKeyConstraint(["check_id"], ["document_checks.id"], name=op.f("fk_parameter_aliases_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_aliases")),
        sa.UniqueConstraint("name", "label", name=op.f("uq_parameter_aliases_name_label")),
    )
    op.execute(tracking_sql("parameter_aliases"))
