"""What the quality check said of a document, and who let it pass all the same."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("documents", sa.Column("verdict", sa.String(10), nullable=True))
    op.add_column(
        "documents",
        sa.Column("verdict_reasons", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    )
    op.add_column("documents", sa.Column("waived_by", sa.Uuid(), nullable=True))
    op.add_column("documents", sa.Column("waiver_reason", sa.String(400), nullable=True))
    op.create_foreign_key("fk_documents_waived_by", "documents", "people", ["waived_by"], ["id"])
